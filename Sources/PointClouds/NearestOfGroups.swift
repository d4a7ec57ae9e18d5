internal import ParallelLoops

/// Finds the nearest point of each of many queries that follow a curve, a few at a time: the points around a group are
/// gathered once, within a radius guessed from the group before, and the least distance among them is exact if it is
/// within that radius. The few queries for which it is not are looked up by themselves.
struct NearestOfGroups: ~Copyable {
    /// Queries that are searched for together; about what a leaf of their own index holds.
    static let groupSize = 8
    /// A group that reaches over more than so many radii is not one: its queries are far apart.
    private static let greatestExtent: Float = 16
    /// With more candidates than this, groups do not pay: far from the points, the radius reaches over many of them.
    private static let greatestCount = 4096

    private let tree: SpatialTree
    private var candidates: LeafCandidates
    private var radius: Float = -1
    /// Groups still to be searched one query at a time, after one with too many candidates.
    private var pause = 0
    /// Position of the last answer; -1 before the first.
    private var last = -1

    init(_ tree: SpatialTree) {
        self.tree = tree
        candidates = LeafCandidates(capacity: min(tree.count, 2048))
    }

    /// Calls `body` with the number of each query and its nearest point's key.
    ///
    /// - Parameter queries: all finite.
    @inline(__always)
    mutating func find(_ queries: UnsafeBufferPointer<SIMD3<Float>>, _ body: (Int, NeighborKey) -> Void) {
        var box = Box.empty
        for query in queries { box.include(query) }
        let squaredRadius = radius * radius
        let isGroup = pause == 0 && radius >= 0 && box.diagonal <= Self.greatestExtent * radius
        pause = max(0, pause - 1)
        if isGroup {
            candidates.gather(tree, squaredRadius: squaredRadius, around: box)
            if candidates.count > Self.greatestCount { pause = candidates.count / 64 }
        }
        var farthest: Float = 0
        for (i, query) in queries.enumerated() {
            var key = NeighborKey.unbounded
            if isGroup {
                let best = candidates.least(to: query)
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
        radius = farthest.squareRoot() * 1.6
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
            queries.withUnsafeBufferPointer { queries in
                for start in stride(from: range.lowerBound, to: range.upperBound, by: NearestOfGroups.groupSize) {
                    let group = start..<min(start + NearestOfGroups.groupSize, range.upperBound)
                    search.find(UnsafeBufferPointer(rebasing: queries[group])) { body(start + $0, $1) }
                }
            }
        }
    }
}
