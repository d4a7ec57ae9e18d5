import Foundation

/// The part score above which a part fails, and how it was arrived at: from good parts alone.
public struct Threshold: Sendable, Codable, Equatable {
    public var value: Double
    /// Rule, in words.
    public var method: String
    /// Share of good parts that the rule expects to fail, at most, with `confidence`.
    public var expectedFalseRejects: Double
    public var confidence: Double
    /// Scores of good parts that were used: by part, leave-one-out, each the geometric mean of its resamplings.
    public var goodScores: [Double]

    /// Smallest relative spread to believe: four parts from one batch look more alike than the next batch will.
    private static let minimumLogDeviation = 0.06

    /// One-sided tolerance bound on the logarithm of the good parts' scores, taken as normal.
    ///
    /// - Parameter scoresByPart: leave-one-out scores of each good part's resamplings; at least two parts, each with a
    ///   score. A part enters once, since resamplings of one part are not independent.
    public init(scoresByPart: [[Double]]) {
        precondition(scoresByPart.count >= 2 && scoresByPart.allSatisfy { !$0.isEmpty })
        goodScores = scoresByPart.map { scores in
            exp(scores.reduce(0) { $0 + log(max($1, 1e-6)) } / Double(scores.count))
        }
        let logs = goodScores.map { log($0) }
        let mean = logs.reduce(0, +) / Double(logs.count)
        let variance = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(logs.count - 1)
        let deviation = max(variance.squareRoot(), Self.minimumLogDeviation)
        value = exp(mean + ToleranceFactor.factor(n: logs.count) * deviation)
        expectedFalseRejects = 1 - ToleranceFactor.coverage
        confidence = ToleranceFactor.confidence
        method =
            "one-sided log-normal tolerance bound over the leave-one-out scores of \(logs.count) good parts: "
            + "at most \(Int((expectedFalseRejects * 100).rounded())) % of good parts above it, "
            + "with \(Int((confidence * 100).rounded())) % confidence"
    }
}
