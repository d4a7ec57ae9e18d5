/// The points around a few queries at a time, of many that follow a curve: gathered once for each group, within a radius
/// guessed from the group before.
struct QueryGroups: ~Copyable {
    /// Queries in a group; about what a leaf of their own index holds.
    private static let size = 8
    /// A group that reaches over more than so many radii is not one: its queries are far apart.
    private static let greatestExtent: Float = 16
    /// With more candidates than this, groups do not pay: far from the points, the radius reaches over many of them.
    private static let greatestCount = 4096

    let tree: SpatialTree
    var candidates: LeafCandidates
    /// Within which the candidates are complete; below 0 before the first group.
    private(set) var radius: Float = -1
    /// Groups still to be searched one query at a time, after one with too many candidates.
    private var pause = 0

    init(_ tree: SpatialTree, capacity: Int) {
        self.tree = tree
        candidates = LeafCandidates(capacity: min(tree.count, capacity))
    }

    /// Gathers the candidates of a group; false where its queries are to be searched one by one.
    @inline(__always)
    mutating func gather(around queries: UnsafeBufferPointer<SIMD3<Float>>) -> Bool {
        var box = Box.empty
        for query in queries { box.include(query) }
        let isGroup = pause == 0 && radius >= 0 && box.diagonal <= Self.greatestExtent * radius
        pause = max(0, pause - 1)
        guard isGroup else { return false }
        candidates.gather(tree, squaredRadius: radius * radius, around: box)
        if candidates.count > Self.greatestCount { pause = candidates.count / 64 }
        return true
    }

    /// Guesses the next group's radius from the farthest answer of this one.
    @inline(__always)
    mutating func expect(_ farthest: Float, margin: Float) { radius = farthest.squareRoot() * margin }

    /// Calls `body` with the first number and the queries of each group in a range.
    @inline(__always)
    static func forEach(
        in range: Range<Int>, of queries: [SIMD3<Float>],
        _ body: (Int, UnsafeBufferPointer<SIMD3<Float>>) -> Void
    ) {
        queries.withUnsafeBufferPointer { queries in
            for start in stride(from: range.lowerBound, to: range.upperBound, by: size) {
                body(start, UnsafeBufferPointer(rebasing: queries[start..<min(start + size, range.upperBound)]))
            }
        }
    }
}
