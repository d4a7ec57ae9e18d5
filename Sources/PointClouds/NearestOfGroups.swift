internal import ParallelLoops

/// Finds the nearest point of each of many queries that follow a curve, a group at a time: the least distance among the
/// candidates is exact if it is within their radius. The few queries for which it is not are looked up by themselves.
struct NearestOfGroups: ~Copyable {
    private var groups: QueryGroups
    /// Position of the last answer; -1 before the first.
    private var last = -1

    init(_ tree: SpatialTree) { groups = QueryGroups(tree, capacity: 2048) }

    /// Calls `body` with the number of each query and its nearest point's key.
    ///
    /// - Parameter queries: all finite.
    @inline(__always)
    mutating func find(_ queries: UnsafeBufferPointer<SIMD3<Float>>, _ body: (Int, NeighborKey) -> Void) {
        let isGroup = groups.gather(around: queries)
        let (tree, squaredRadius) = (groups.tree, groups.radius * groups.radius)
        var farthest: Float = 0
        for (i, query) in queries.enumerated() {
            var key = NeighborKey.unbounded
            if isGroup {
                let best = groups.candidates.least(to: query)
                if best.position >= 0 { key = neighborKey(best.squaredDistance, best.position) }
            }
            // None was found where all distances are infinite.
            if !isGroup || key == .unbounded || !(key.squaredDistance <= squaredRadius) {
                if key == .unbounded && last >= 0 { key = neighborKey(squaredDistance(tree.point(last), query), last) }
                key = tree.withStack { tree.nearest(to: query, startingFrom: key, $0) }
            }
            // Not found for a query that is not finite.
            if key != .unbounded { last = key.position }
            farthest = max(farthest, key.squaredDistance)
            body(i, key)
        }
        groups.expect(farthest, margin: 1.6)
    }
}

extension SpatialTree {
    /// Calls `body` with the number of each query and the key of its nearest point, on several threads.
    ///
    /// - Parameter queries: along a curve, all finite.
    /// - Precondition: there is a point.
    @inline(__always)
    func forEachNearest(
        of queries: [SIMD3<Float>], workers: Workers, _ body: @Sendable (Int, NeighborKey) -> Void
    ) {
        workers.run(over: queries.count, by: 1024) { range in
            var search = NearestOfGroups(self)
            QueryGroups.forEach(in: range, of: queries) { start, group in
                search.find(group) { body(start + $0, $1) }
            }
        }
    }
}
