import Foundation

/// The part score above which a part fails, and how it was arrived at: from good parts alone.
public struct Threshold: Sendable, Codable, Equatable {
    public var value: Double
    /// Rule, in words.
    public var method: String
    /// Share of good parts that the rule expects to fail, at most, with `confidence`.
    public var expectedFalseRejects: Double
    /// 0 where nothing is promised: of one good part, or a value that was set.
    public var confidence: Double
    /// Scores of good parts that were used: by part, leave-one-out, each the geometric mean of its resamplings.
    public var goodScores: [Double]
    /// Highest score of any resampling of a good part; `nil` in older models.
    public var highestGoodScore: Double?
    /// What so many good parts cannot promise, in sentences; `nil` in older models, and of a value that was set.
    public var limits: [String]?

    /// Smallest relative spread to believe: four parts from one batch look more alike than the next batch will.
    private static let minimumLogDeviation = 0.06
    /// The threshold lies above the highest good score by this ratio at least.
    private static let leastRoom = 1.05
    /// Above the highest resampling of a single part: nothing is known of how parts differ.
    private static let loneAllowance = 2.0
    private static let lowestScore = 1e-6

    /// One-sided tolerance bound on the logarithm of the good parts' scores, taken as normal; never at or below the highest
    /// of these scores. Of one part, a fixed allowance above its highest.
    ///
    /// - Parameters:
    ///   - scoresByPart: leave-one-out scores of each good part's resamplings; at least one part, each with a score. A part
    ///     enters once, since resamplings of one part are not independent.
    ///   - falseRejects: share of good parts that may fail, above 0 and below 0.5.
    public init(scoresByPart: [[Double]], falseRejects: Double = 0.01) {
        precondition(!scoresByPart.isEmpty && scoresByPart.allSatisfy { !$0.isEmpty })
        precondition(falseRejects > 0 && falseRejects < 0.5)
        goodScores = scoresByPart.map { scores in
            exp(scores.reduce(0) { $0 + log(max($1, Self.lowestScore)) } / Double(scores.count))
        }
        let highest = max(Self.lowestScore, scoresByPart.joined().max() ?? 0, goodScores.max() ?? 0)
        highestGoodScore = highest
        expectedFalseRejects = falseRejects
        let count = goodScores.count
        limits = Self.limits(count, falseRejects)
        guard count > 1 else {
            confidence = 0
            value = Self.loneAllowance * highest
            method =
                "\(Int(Self.loneAllowance)) times the highest score of resamplings of the one good part: no promise"
            return
        }
        let logs = goodScores.map { log($0) }
        let mean = logs.reduce(0, +) / Double(count)
        let variance = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
        let deviation = max(variance.squareRoot(), Self.minimumLogDeviation)
        let bound = exp(mean + ToleranceFactor.factor(n: count, coverage: 1 - falseRejects) * deviation)
        value = max(bound, Self.leastRoom * highest)
        confidence = ToleranceFactor.confidence
        method =
            "one-sided log-normal tolerance bound over the leave-one-out scores of \(count) good parts: "
            + "at most \(Self.percent(expectedFalseRejects)) of good parts above it, "
            + "with \(Self.percent(confidence)) confidence"
            + (bound < value ? "; raised to lie above the highest good score" : "")
    }

    /// Puts another value in its place, of which nothing is promised: `limits` are said of a promise, and go with it.
    ///
    /// - Parameter method: who set it, in words.
    public mutating func replaceValue(_ value: Double, method: String) {
        self.value = value
        self.method = method + "; no share of false rejects is promised"
        confidence = 0
        limits = nil
    }

    /// What `count` good parts leave open.
    private static func limits(_ count: Int, _ falseRejects: Double) -> [String] {
        guard count > 1 else {
            return [
                "One good part says nothing of how good parts differ from each other: no share of false rejects is "
                    + "promised, at any confidence. Teach from four or more."
            ]
        }
        let factor = ToleranceFactor.factor(n: count, coverage: 1 - falseRejects)
        let free = 1 - pow(1 - ToleranceFactor.confidence, 1 / Double(count))
        let needed = Int((log(1 - ToleranceFactor.confidence) / log(1 - falseRejects)).rounded(.up))
        var sentences: [String] = []
        if count <= 3 {
            sentences.append(
                "From \(count) good parts the spread is hardly known: the bound lies "
                    + String(format: "%.1f", factor)
                    + " standard deviations above their mean, and smaller defects pass "
                    + "below it; whether one of the parts is unusual cannot be told. Four good parts need "
                    + String(format: "%.1f", ToleranceFactor.factor(n: 4, coverage: 1 - falseRejects)) + ".")
        }
        sentences.append(
            "The promise rests on log-normal scores of good parts, and on these \(count) standing for all: other batches, "
                + "scanners and fixtures may score higher.")
        if count < needed {
            sentences.append(
                "Without that assumption, \(count) of \(count) good parts below the threshold would say only that at most "
                    + "\(percent(free)) fail (\(percent(ToleranceFactor.confidence)) confidence); "
                    + "\(percent(falseRejects)) would need \(needed) good parts.")
        }
        return sentences
    }

    private static func percent(_ share: Double) -> String {
        let value = share * 100
        return (abs(value - value.rounded()) < 1e-6 ? "\(Int(value.rounded()))" : String(format: "%.3g", value)) + " %"
    }
}
