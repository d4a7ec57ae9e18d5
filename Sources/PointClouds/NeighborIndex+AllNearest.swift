public import ParallelLoops

extension NeighborIndex {
    /// The k nearest neighbours of every point, itself included and first.
    ///
    /// Rows of points that are not finite hold the point itself at an infinite distance.
    /// - Complexity: O(n k) on a scanned surface.
    public func nearestOfAll(_ k: Int, workers: Workers = .all) -> NeighborTable {
        let n = points.count
        let size = max(0, min(k, tree.count))
        guard size > 0 else { return NeighborTable(count: n, size: 0, indices: [], squaredDistances: []) }
        var distances = [Float]()
        let indices = [Int32](unsafeUninitializedCapacity: n * size) { indices, indexCount in
            distances = [Float](unsafeUninitializedCapacity: n * size) { distances, distanceCount in
                let rows = TableRows(size: size, indices: DisjointWrites(indices), distances: DisjointWrites(distances))
                if tree.count < n {
                    for i in 0..<n where !points[i].isFinite { rows.fill(i) }
                }
                // 64 leaves hold some 700 points.
                workers.run(over: tree.leafCount, by: 64) { leaves in
                    tree.forEachNeighborhood(of: leaves, nearest: size) { query, candidates in
                        candidates.rankChosen(size)
                        rows.write(query, candidates, tree.order)
                    }
                }
                distanceCount = n * size
            }
            indexCount = n * size
        }
        return NeighborTable(count: n, size: size, indices: indices, squaredDistances: distances)
    }
}

/// Where the rows of a table are written: each by one thread.
private struct TableRows: Sendable {
    let size: Int
    let indices: DisjointWrites<Int32>
    let distances: DisjointWrites<Float>

    func fill(_ row: Int) {
        for j in row * size..<(row + 1) * size {
            (indices.base + j).initialize(to: Int32(row))
            (distances.base + j).initialize(to: .infinity)
        }
    }

    /// Writes the row of the point at curve position `query`: the chosen candidates by rank.
    @inline(__always)
    func write(_ query: Int, _ candidates: borrowing LeafCandidates, _ order: UnsafeMutablePointer<Int32>) {
        let own = order[query]
        let index = indices.base + Int(own) * size
        let distance = distances.base + Int(own) * size
        for i in 0..<size {
            let place = Int(candidates.rank[i])
            (index + place).initialize(to: order[Int(candidates.position[Int(candidates.chosen[i])])])
            (distance + place).initialize(to: candidates.chosenDistance[i])
        }
        guard index[0] != own else { return }
        // The point is repeated: its twins stand before it on the curve. Itself comes first all the same.
        var found = 1
        while found < size - 1 && index[found] != own { found += 1 }
        if found < size {
            for j in stride(from: found, to: 0, by: -1) {
                index[j] = index[j - 1]
                distance[j] = distance[j - 1]
            }
        }
        index[0] = own
        distance[0] = 0
    }
}
