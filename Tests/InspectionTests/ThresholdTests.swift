import Foundation
import Testing

@testable import Inspection

@Suite struct ThresholdTests {
    /// scipy.stats.nct.ppf(0.90, n - 1, norm.ppf(0.99) * sqrt(n)) / sqrt(n), SciPy 1.17.1.
    @Test(arguments: [(2, 18.5001), (4, 5.4382), (10, 3.5317), (30, 2.8837), (40, 2.7932), (100, 2.6009)])
    func toleranceFactorsAgreeWithSciPy(n: Int, expected: Double) {
        // Up to 30 the table; above it an approximation, good to 0.6 %.
        #expect(abs(ToleranceFactor.factor(n: n) / expected - 1) < (n <= 30 ? 1e-6 : 0.006))
    }

    @Test func thresholdLiesAboveEveryGoodScoreAndKnowsItsRule() {
        let threshold = Threshold(scoresByPart: [[1.0, 1.1], [1.2], [1.0], [1.05]])
        #expect(abs(threshold.goodScores[0] - 1.1.squareRoot()) < 1e-12 && threshold.goodScores[1] == exp(log(1.2)))
        #expect(threshold.value > 1.2)
        #expect(threshold.expectedFalseRejects == 1 - ToleranceFactor.coverage)
        #expect(threshold.method.contains("4 good parts"))
    }

    /// The bug that good parts alone invite: a best-F1 threshold falls to the lowest score, and every part fails.
    @Test func equalGoodScoresStillLeaveRoom() {
        let threshold = Threshold(scoresByPart: [[2], [2], [2], [2]])
        #expect(threshold.value > 2.5 && threshold.value < 3.5)
    }

    @Test func widerSpreadGivesAHigherThreshold() {
        let narrow = Threshold(scoresByPart: [[1.0], [1.05], [0.95], [1.0]])
        let wide = Threshold(scoresByPart: [[1.0], [1.5], [0.7], [1.0]])
        #expect(wide.value > narrow.value)
    }

    /// The rule's promise, by simulation: of 2,000 calibrations with four log-normal parts, at least 90 % (less three
    /// standard errors) put no more than 1 % of good parts above the threshold.
    @Test func coverageHoldsWithTheStatedConfidence() {
        var generator = SystemLikeGenerator(state: 7)
        var kept = 0
        let sigma = 0.3
        for _ in 0..<2000 {
            let scores = (0..<4).map { _ in [exp(sigma * generator.normal())] }
            let z = log(Threshold(scoresByPart: scores).value) / sigma
            if z >= 2.3263478740408408 { kept += 1 }
        }
        #expect(Double(kept) / 2000 > 0.90 - 3 * (0.9 * 0.1 / 2000).squareRoot())
        #expect(Double(kept) / 2000 < 0.90 + 3 * (0.9 * 0.1 / 2000).squareRoot())
    }
}

/// Knuth's 64-bit linear congruential generator: enough for a simulation, the same on every run.
struct SystemLikeGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        return mixed ^ (mixed >> 33)
    }

    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func normal() -> Double { (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform()) }
}
