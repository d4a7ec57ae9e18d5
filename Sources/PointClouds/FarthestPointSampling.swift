/// Farthest-point sampling: each new point is the one farthest from those chosen so far.
///
/// Exact, the same points as by brute force: distances in Float as in `NeighborIndex`, equal ones settled by the order
/// along the curve. Points are kept in buckets of 32 along that curve; a bucket whose box is farther from the new point
/// than any of its points is from the chosen ones cannot change, and is not touched.
public enum FarthestPointSampling {
    /// - Parameters:
    ///   - count: how many to choose; all of the subset if it holds fewer.
    ///   - subset: indices to choose from, each at most once, in any order; nil for all points.
    ///   - start: the first point; nil for the one farthest from the subset's centroid.
    /// - Returns: indices into the cloud, in the order in which they were chosen; all different.
    /// - Complexity: O(n) for each of the first few, then O(n / 32) and what is near the new point.
    public static func sample(
        _ index: NeighborIndex, count: Int, subset: [Int32]? = nil, start: Int32? = nil
    ) -> [Int32] {
        guard let subset else { return sample(index.tree, positions: nil, count: count, start: start) }
        let all = index.positions()
        let positions = subset.map { all[Int($0)] }.filter { $0 >= 0 }.sorted()
        return sample(index.tree, positions: positions, count: count, start: start)
    }

    /// `positions` are ascending places on the curve; nil for all of them.
    static func sample(_ tree: SpatialTree, positions: [Int32]?, count: Int, start: Int32? = nil) -> [Int32] {
        let total = positions?.count ?? tree.count
        let count = min(count, total)
        guard count > 0 else { return [] }
        let buckets = FarthestPointBuckets(tree, positions)
        func index(_ number: Int) -> Int32 { tree.order[positions.map { Int($0[number]) } ?? number] }
        var next =
            start.flatMap { start in (0..<total).first { index($0) == start } } ?? buckets.farthestFromCentroid()
        var chosen: [Int32] = []
        chosen.reserveCapacity(count)
        while true {
            chosen.append(index(next))
            if chosen.count == count { return chosen }
            next = buckets.choose(next)
        }
    }
}
