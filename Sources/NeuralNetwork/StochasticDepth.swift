public import SeededRandom

/// Stochastic depth (Huang et al., 2016): a residual branch is left out for a whole sample.
public enum StochasticDepth {
    /// The factor of the branch for each sample: 0 with probability `rate`, else `1 / (1 - rate)`; nil if none is dropped
    /// ever.
    public static func factors(rate: Float, samples: Int, using random: inout SplitMix64) -> [Float]? {
        guard rate > 0 else { return nil }
        return (0..<samples).map { _ in random.uniform() < rate ? 0 : 1 / (1 - rate) }
    }
}
