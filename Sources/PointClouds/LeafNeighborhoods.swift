extension SpatialTree {
    /// Calls `body` with each point of some leaves and its k nearest, itself among them.
    ///
    /// The candidates around a leaf are gathered once for its queries, within a radius guessed from the leaf before, and
    /// gathered anew with a larger one where a query finds fewer than k in it.
    /// - Parameters:
    ///   - k: at most the number of points.
    ///   - body: gets the point's position, and candidates of which the k nearest are chosen, in curve order.
    @inline(__always)
    func forEachNeighborhood(
        of leaves: Range<Int>, nearest k: Int, _ body: (Int, inout LeafCandidates) -> Void
    ) {
        var candidates = LeafCandidates(capacity: min(count, max(2048, 16 * k)))
        var radius = leafBoxes[leaves.lowerBound].diagonal * 0.75
        for leaf in leaves {
            let box = leafBoxes[leaf]
            var farthest: Float = 0
            candidates.gather(self, squaredRadius: radius * radius, around: box)
            for query in self.leaf(leaf) {
                while true {
                    let all = candidates.count == count
                    let bound = all ? .infinity : radius * radius
                    let found = candidates.count >= k ? candidates.choose(k, within: bound, of: point(query)) : 0
                    if found >= k || all { break }
                    radius = max(radius * 1.3, box.diagonal * 0.5, self.box.diagonal * 1e-6)
                    candidates.gather(self, squaredRadius: radius * radius, around: box)
                }
                farthest = max(farthest, candidates.reach)
                body(query, &candidates)
            }
            radius = farthest.squareRoot() * 1.1
        }
    }
}
