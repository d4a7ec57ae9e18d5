/// Finds the k nearest points of single queries, one after another, each within a radius guessed from the one before.
struct NearestOfOne: ~Copyable {
    private let tree: SpatialTree
    private let k: Int
    private var candidates: LeafCandidates
    private var radius: Float

    /// - Parameter k: at least 1, at most the number of points.
    init(_ tree: SpatialTree, _ k: Int) {
        self.tree = tree
        self.k = k
        candidates = LeafCandidates(capacity: min(tree.count, max(1024, 16 * k)))
        // On a surface that fills the box once: k points on a disc.
        radius = tree.box.diagonal * 0.5 * (Float(k) / Float(tree.count)).squareRoot()
    }

    /// Calls `body` with the rank, position and squared distance of each of the k nearest, in curve order.
    ///
    /// - Parameter query: finite.
    @inline(__always)
    mutating func find(_ query: SIMD3<Float>, _ body: (Int, Int, Float) -> Void) {
        let box = Box(low: query, high: query)
        while true {
            candidates.gather(tree, squaredRadius: radius * radius, around: box)
            let all = candidates.count == tree.count
            let bound = all ? .infinity : radius * radius
            let found = candidates.count >= k ? candidates.choose(k, within: bound, of: query) : 0
            if found >= k || all { break }
            // The number grows with the square of the radius, and is not trusted when it is small.
            let growth = (Float(k) / Float(max(found, k / 8 + 1))).squareRoot()
            radius = max(radius * max(1.2, growth), tree.box.diagonal * 1e-6, 1.01 * tree.box.distance(to: query))
        }
        candidates.rankChosen(k)
        for i in 0..<k {
            let position = Int(candidates.position[Int(candidates.chosen[i])])
            body(Int(candidates.rank[i]), position, candidates.chosenDistance[i])
        }
        radius = candidates.reach.squareRoot() * 1.15
    }
}
