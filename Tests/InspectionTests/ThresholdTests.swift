import Foundation
import Testing

@testable import Inspection

@Suite struct ThresholdTests {
    /// scipy.stats.nct.ppf(0.90, n - 1, norm.ppf(0.99) * sqrt(n)) / sqrt(n), SciPy 1.17.1.
    @Test(arguments: [(2, 18.5001), (4, 5.4382), (10, 3.5317), (30, 2.8837), (40, 2.7932), (100, 2.6009)])
    func toleranceFactorsAgreeWithSciPy(n: Int, expected: Double) {
        #expect(abs(ToleranceFactor.factor(n: n) / expected - 1) < (n <= 30 ? 1e-6 : 3e-5))
    }

    @Test func thresholdLiesAboveEveryGoodScoreAndKnowsItsRule() {
        let threshold = Threshold(scoresByPart: [[1.0, 1.1], [1.2], [1.0], [1.05]])
        #expect(abs(threshold.goodScores[0] - 1.1.squareRoot()) < 1e-12 && threshold.goodScores[1] == exp(log(1.2)))
        #expect(threshold.value > 1.2)
        #expect(abs(threshold.expectedFalseRejects - (1 - ToleranceFactor.coverage)) < 1e-12)
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

    /// scipy.stats.nct.ppf(0.90, n - 1, norm.ppf(coverage) * sqrt(n)) / sqrt(n), SciPy 1.17.1.
    @Test(arguments: [
        (2, 0.95, 13.089742), (3, 0.999, 9.6511724), (4, 0.95, 3.9565654), (5, 0.99, 4.6659822), (10, 0.9, 2.0656683),
        (40, 0.99, 2.793181), (100, 0.999, 3.4350619),
    ])
    func toleranceFactorsOfOtherTargetsAgreeWithSciPy(n: Int, coverage: Double, expected: Double) {
        #expect(abs(ToleranceFactor.factor(n: n, coverage: coverage) / expected - 1) < 1e-5)
    }

    /// Good parts alone never put the threshold at or below the highest good score, resampled or averaged.
    @Test func thresholdIsAlwaysAboveTheHighestGoodScore() {
        var generator = SystemLikeGenerator(state: 11)
        let targets = [0.001, 0.01, 0.05, 0.3]
        for trial in 0..<600 {
            let count = 1 + trial % 12, spread = [0, 0.05, 1, 6][trial / 12 % 4]
            let scores = (0..<count).map { _ in
                let part = spread * generator.normal()
                return (0..<3).map { _ in generator.uniform() < 0.1 ? 0 : exp(part + spread * generator.normal()) }
            }
            let threshold = Threshold(scoresByPart: scores, falseRejects: targets[trial % 4])
            let highest = max(scores.joined().max() ?? 0, threshold.goodScores.max() ?? 0)
            #expect(threshold.value > highest, "\(scores)")
            #expect(Float(threshold.value) > Float(highest) || !threshold.value.isFinite)
        }
        for count in 1...12 {
            #expect(Threshold(scoresByPart: Array(repeating: [0], count: count)).value > 0)
            #expect(Threshold(scoresByPart: Array(repeating: [3, 3], count: count)).value > 3)
        }
        // One resampling far above the rest of its part.
        #expect(Threshold(scoresByPart: [[1, 1, 50], [1], [1], [1], [1], [1], [1], [1]]).value > 50)
    }

    @Test func fewPartsSayWhatTheyCannotPromise() throws {
        let limits = try (1...4).map { count in
            try #require(Threshold(scoresByPart: Array(repeating: [1], count: count)).limits)
        }
        #expect(limits[0].joined().contains("no share of false rejects is promised"))
        #expect(limits[1].joined().contains("18.5 standard deviations"))
        #expect(limits[2].joined().contains("7.3 standard deviations"))
        #expect(!limits[3].joined().contains("whether one of the parts is unusual"))
        // 1 - 0.1^(1/4) = 43.8 %; ln 0.1 / ln 0.99 = 229.1.
        #expect(limits[3].joined().contains("43.8 %") && limits[3].joined().contains("230 good parts"))
        let lone = Threshold(scoresByPart: [[1, 1.5]])
        #expect(lone.confidence == 0 && lone.value == 3)
    }

    @Test func aStricterTargetGivesAHigherThreshold() {
        let scores = [[1.0], [1.3], [0.9], [1.1]]
        let values = [0.001, 0.01, 0.05].map { Threshold(scoresByPart: scores, falseRejects: $0).value }
        #expect(values[0] > values[1] && values[1] > values[2])
    }

    @Test func aValueThatIsSetPromisesNothing() {
        var threshold = Threshold(scoresByPart: [[1.0], [1.3], [0.9], [1.1]])
        let scores = threshold.goodScores
        threshold.replaceValue(7, method: "set by hand")
        #expect(threshold.value == 7 && threshold.confidence == 0 && threshold.limits == nil)
        #expect(threshold.method == "set by hand; no share of false rejects is promised")
        #expect(threshold.goodScores == scores)
    }

    @Test func thresholdsFromBeforeTheirLimitsWereKeptAreRead() throws {
        let old = #"{"value":2,"method":"m","expectedFalseRejects":0.01,"confidence":0.9,"goodScores":[1,1.1]}"#
        let threshold = try JSONDecoder().decode(Threshold.self, from: Data(old.utf8))
        #expect(threshold.value == 2 && threshold.limits == nil)
        let options = try JSONDecoder().decode(TeachingOptions.self, from: Data(#"{"steps":7}"#.utf8))
        #expect(options.steps == 7 && options.falseRejects == 0.01 && options.gradientLimit == nil)
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
