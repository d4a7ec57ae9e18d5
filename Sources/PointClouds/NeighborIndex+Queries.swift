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
        var found = [(index: Int32, squaredDistance: Float)](repeating: (-1, 0), count: k)
        var search = NearestOfOne(tree, k)
        search.find(query) { rank, position, squaredDistance in
            found[rank] = (tree.order[position], squaredDistance)
        }
        return found
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
    /// Queries are worked off in groups along a curve of their own.
    public func nearest(
        of queries: [SIMD3<Float>], workers: Workers = .all
    ) -> (indices: [Int32], squaredDistances: [Float]) {
        var indices = [Int32](repeating: -1, count: queries.count)
        var distances = [Float](repeating: .infinity, count: queries.count)
        guard tree.count > 0 else { return (indices, distances) }
        let order = MortonOrder(queries, workers: workers).indices
        let ordered = order.map { queries[Int($0)] }
        indices.withUnsafeMutableBufferPointer { indices in
            distances.withUnsafeMutableBufferPointer { distances in
                let indices = DisjointWrites(indices)
                let distances = DisjointWrites(distances)
                tree.forEachNearest(of: ordered, workers: workers) { i, key in
                    indices[Int(order[i])] = tree.order[key.position]
                    distances[Int(order[i])] = key.squaredDistance
                }
            }
        }
        return (indices, distances)
    }
}
