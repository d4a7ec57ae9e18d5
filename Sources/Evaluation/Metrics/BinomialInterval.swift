/// Confidence interval of a rate from counts: Wilson's score interval, which stays in 0...1 and is honest for few trials.
public struct BinomialInterval: Sendable, Codable, Equatable {
    public var lower: Double
    public var upper: Double

    /// - Parameters:
    ///   - successes: may be a mean over seeds, and so not whole.
    ///   - z: normal quantile; 1.96 for 95 %.
    /// - Returns: `nil` without trials.
    public init?(successes: Double, trials: Int, z: Double = 1.959963984540054) {
        guard trials > 0 else { return nil }
        let n = Double(trials), share = successes / n, factor = 1 + z * z / n
        let middle = (share + z * z / (2 * n)) / factor
        let half = z / factor * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        lower = max(0, middle - half)
        upper = min(1, middle + half)
    }
}
