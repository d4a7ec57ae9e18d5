import SeededRandom

/// Uniform sampling without replacement.
public enum RandomSampling {
    /// Chooses `count` points, all different, in random order; all of them if the cloud is smaller.
    ///
    /// The draw is made along the curve: the same points for the same seed whatever the order of the input.
    public static func sample(_ index: NeighborIndex, count: Int, seed: UInt64) -> [Int32] {
        indices(count: count, of: index.finiteCount, seed: seed).map { index.tree.order[Int($0)] }
    }

    /// Chooses `count` of 0..<total, all different, in random order (Fisher-Yates, stopped early).
    public static func indices(count: Int, of total: Int, seed: UInt64) -> [Int32] {
        var generator = SplitMix64(seed: seed)
        var all = (0..<Int32(total)).map { $0 }
        let count = min(max(0, count), total)
        for i in 0..<count { all.swapAt(i, i + generator.next(below: total - i)) }
        return Array(all[..<count])
    }
}
