public import ParallelLoops

extension NeighborIndex {
    /// The k nearest neighbours of every point, itself included and first.
    ///
    /// Works leaf by leaf: the candidates around a leaf are gathered once for its queries, within a radius guessed from
    /// the leaf before, and gathered anew with a larger one where a query finds fewer than k in it. Rows of points that
    /// are not finite hold the point itself at an infinite distance.
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
                workers.run(over: tree.leafCount, by: 64) { fillRows(of: $0, rows) }
                distanceCount = n * size
            }
            indexCount = n * size
        }
        return NeighborTable(count: n, size: size, indices: indices, squaredDistances: distances)
    }

    private func fillRows(of leaves: Range<Int>, _ rows: TableRows) {
        let k = rows.size
        var candidates = LeafCandidates(capacity: min(tree.count, max(2048, 16 * k)))
        tree.withStack { stack in
            var radius = tree.leafBoxes[leaves.lowerBound].diagonal * 0.75
            for leaf in leaves {
                let box = tree.leafBoxes[leaf]
                var farthest: Float = 0
                candidates.gather(tree, squaredRadius: radius * radius, around: box, stack)
                for query in tree.leaf(leaf) {
                    var chosen = 0
                    while true {
                        let all = candidates.count == tree.count
                        let bound = all ? .infinity : radius * radius
                        if candidates.count >= k {
                            chosen = candidates.choose(within: bound, of: tree.point(query), enough: k)
                        }
                        if chosen >= k || all { break }
                        radius = max(radius * 1.3, box.diagonal * 0.5, tree.box.diagonal * 1e-6)
                        candidates.gather(tree, squaredRadius: radius * radius, around: box, stack)
                        chosen = 0
                    }
                    candidates.rank(chosen)
                    farthest = max(farthest, rows.write(query, candidates, chosen, tree.order))
                }
                radius = farthest.squareRoot() * 1.1
            }
        }
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

    /// Writes the row of the point at curve position `query`; returns the greatest squared distance.
    @inline(__always)
    func write(
        _ query: Int, _ candidates: borrowing LeafCandidates, _ chosen: Int, _ order: UnsafeMutablePointer<Int32>
    ) -> Float {
        let own = order[query]
        let index = indices.base + Int(own) * size
        let distance = distances.base + Int(own) * size
        for i in 0..<chosen {
            let place = Int(candidates.place[i])
            if place < size {
                (index + place).initialize(to: order[Int(candidates.chosenPosition[i])])
                (distance + place).initialize(to: candidates.chosenDistance[i])
            }
        }
        if index[0] != own {
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
        return distance[size - 1]
    }
}
