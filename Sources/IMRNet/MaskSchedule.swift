public import SeededRandom

/// Which patches each iteration masks.
public struct MaskSchedule: Sendable, Equatable {
    public enum Strategy: String, Sendable, Codable, CaseIterable {
        /// Dealt from one permutation, so that the iterations together cover as many patches as they have slots: with
        /// 40 % and three iterations, all.
        case covering
        /// Each iteration draws anew, as in the paper: 21.6 % of the patches are then never replaced, and look perfect.
        case random
    }

    public var strategy = Strategy.covering
    /// Share of the patches that one iteration masks.
    public var ratio: Float = 0.4
    /// More than three drift.
    public var iterations = 3

    public init() {}

    public init(strategy: Strategy = .covering, ratio: Float = 0.4, iterations: Int = 3) {
        self.strategy = strategy
        self.ratio = ratio
        self.iterations = iterations
    }

    /// Number of masked patches among `count`: at least one, and at least one is left visible. 102 of 256.
    public func maskedCount(of count: Int) -> Int { max(1, min(count - 1, Int(ratio * Float(count)))) }

    /// For each iteration the masked patches of `count` (at least two), ascending.
    public func masks(count: Int, using random: inout SplitMix64) -> [[Int]] {
        precondition(count >= 2, "with fewer than two patches there is nothing to mask")
        let masked = maskedCount(of: count)
        var order = (0..<count).shuffled(using: &random)
        return (0..<iterations).map { iteration in
            if strategy == .random {
                if iteration > 0 { order.shuffle(using: &random) }
                return order.prefix(masked).sorted()
            }
            return (0..<masked).map { order[(iteration * masked + $0) % count] }.sorted()
        }
    }

    /// The patches that a mask leaves, ascending.
    public static func visible(count: Int, masked: [Int]) -> [Int] {
        var isMasked = [Bool](repeating: false, count: count)
        for index in masked { isMasked[index] = true }
        return (0..<count).filter { !isMasked[$0] }
    }
}
