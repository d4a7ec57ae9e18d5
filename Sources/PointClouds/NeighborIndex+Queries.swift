public import ParallelLoops

extension NeighborIndex {
    /// The nearest point; index -1 at an infinite distance if the cloud is empty or the query not finite.
    public func nearest(to query: SIMD3<Float>) -> (index: Int32, squaredDistance: Float) {
        guard query.isFinite, tree.count > 0 else { return (-1, .infinity) }
        let key = tree.withStack { tree.nearest(to: query, startingFrom: .unbounded, $0) }
        return (tree.order[key.position], key.squaredDistance)
    }

    /// The k nearest points, nearest first; fewer if the cloud is smaller, none if the query is not finite.
    public func nearest(_ k: Int, to query: SIMD3<Float>) -> [(index: Int32, squaredDistance: Float)] {
        let k = min(k, tree.count)
        guard query.isFinite, k > 0 else { return [] }
        return withKeys(k) { keys, capacity, stack in
            let found = tree.nearest(k, to: query, keys, capacity: capacity, stack)
            sortKeys(keys, found)
            return UnsafeBufferPointer(start: keys, count: found).map { (tree.order[$0.position], $0.squaredDistance) }
        }
    }

    /// All points no farther than `radius`, in curve order.
    public func within(_ radius: Float, of query: SIMD3<Float>) -> [Int32] {
        guard query.isFinite, radius >= 0 else { return [] }
        let squaredRadius = radius * radius
        var found: [Int32] = []
        tree.withStack { stack in
            tree.forEachLeaf(squaredRadius: squaredRadius, around: Box(low: query, high: query), stack) { leaf in
                for position in tree.leaf(leaf)
                where squaredDistance(tree.point(position), query) <= squaredRadius {
                    found.append(tree.order[position])
                }
            }
        }
        return found
    }

    /// The nearest point of each query; index -1 at an infinite distance where a query is not finite.
    ///
    /// Queries are worked off along a curve of their own, each starting from its predecessor's answer.
    public func nearest(
        of queries: [SIMD3<Float>], workers: Workers = .all
    ) -> (indices: [Int32], squaredDistances: [Float]) {
        var indices = [Int32](repeating: -1, count: queries.count)
        var distances = [Float](repeating: .infinity, count: queries.count)
        guard tree.count > 0 else { return (indices, distances) }
        let order = MortonOrder(queries, workers: workers).indices
        indices.withUnsafeMutableBufferPointer { indices in
            distances.withUnsafeMutableBufferPointer { distances in
                let indices = DisjointWrites(indices)
                let distances = DisjointWrites(distances)
                workers.run(over: order.count, by: 1024) { range in
                    tree.withStack { stack in
                        var previous = -1
                        for i in range {
                            let query = queries[Int(order[i])]
                            var start = NeighborKey.unbounded
                            if previous >= 0 {
                                start = neighborKey(squaredDistance(tree.point(previous), query), previous)
                            }
                            let key = tree.nearest(to: query, startingFrom: start, stack)
                            previous = key.position
                            indices[Int(order[i])] = tree.order[previous]
                            distances[Int(order[i])] = key.squaredDistance
                        }
                    }
                }
            }
        }
        return (indices, distances)
    }

    /// Room for the candidates of a query for k, and its stack.
    func withKeys<R>(
        _ k: Int, _ body: (UnsafeMutablePointer<NeighborKey>, Int, UnsafeMutablePointer<PendingChild>) -> R
    ) -> R {
        let capacity = 2 * k + 64
        return withUnsafeTemporaryAllocation(of: NeighborKey.self, capacity: capacity) { keys in
            tree.withStack { stack in body(keys.baseAddress!, capacity, stack) }
        }
    }
}
