/// Farthest-point sampling: each new point is the one farthest from those chosen so far.
///
/// Exact, the same points as by brute force: distances in Float as in `NeighborIndex`, equal ones settled by the order
/// along the curve. Points are kept in buckets of 32 along that curve, and buckets in groups of 16; a bucket or group
/// whose box is farther from the new point than any of its points is from the chosen ones cannot change, and is not
/// touched.
public enum FarthestPointSampling {
    /// - Parameters:
    ///   - count: how many to choose; all of the subset if it holds fewer.
    ///   - subset: indices to choose from, each at most once, in any order; nil for all points.
    ///   - start: the first point; nil for the one farthest from the subset's centroid.
    /// - Returns: indices into the cloud, in the order in which they were chosen; all different.
    /// - Complexity: O(n) for each of the first few, then O(n / 512) and what is near the new point.
    public static func sample(
        _ index: NeighborIndex, count: Int, subset: [Int32]? = nil, start: Int32? = nil
    ) -> [Int32] {
        let positions: [Int32]
        if let subset {
            let all = index.positions()
            positions = subset.map { all[Int($0)] }.filter { $0 >= 0 }.sorted()
        } else {
            positions = (0..<Int32(index.tree.count)).map { $0 }
        }
        return sample(index.tree, positions: positions, count: count, start: start)
    }

    /// `positions` are ascending places on the curve.
    static func sample(_ tree: SpatialTree, positions: [Int32], count: Int, start: Int32? = nil) -> [Int32] {
        let count = min(count, positions.count)
        guard count > 0 else { return [] }
        let buckets = FarthestPointBuckets(tree, positions)
        var next =
            start.flatMap { index in positions.firstIndex { tree.order[Int($0)] == index } }
            ?? buckets.farthestFromCentroid()
        var chosen: [Int32] = []
        chosen.reserveCapacity(count)
        while true {
            chosen.append(tree.order[Int(positions[next])])
            if chosen.count == count { return chosen }
            next = buckets.choose(next)
        }
    }
}
