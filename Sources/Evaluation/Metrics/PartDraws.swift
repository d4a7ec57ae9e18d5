import SeededRandom

/// Bootstrap draws over a class's parts: good and bad ones apart, as many of each as there are.
///
/// The draws depend on the class's name and the parts alone, so that rows, seeds and methods are compared on the same ones.
public enum PartDraws {
    /// Enough for a standard error within 5 %.
    public static let count = 200

    /// - Parameter isBad: by part.
    /// - Returns: for each draw, how often each part counts. Shape [draws, parts].
    public static func weights(partClass: String, isBad: [Bool], count: Int = PartDraws.count) -> [[Double]] {
        var hash = FNV1a()
        hash.add(partClass.utf8)
        let groups = [true, false].map { kind in isBad.indices.filter { isBad[$0] == kind } }
        return (0..<count).map { draw in
            var generator = SplitMix64(seed: SplitMix64.seed(hash.value, stream: UInt64(draw)))
            var weights = [Double](repeating: 0, count: isBad.count)
            for group in groups {
                for _ in group { weights[group[generator.next(below: group.count)]] += 1 }
            }
            return weights
        }
    }

    /// Both metrics of each draw over parts; `nil` where a class is empty.
    public static func partMetrics(scores: [Float], isBad: [Bool], draws: [[Double]]) -> [RankingMetrics?] {
        let ranked = RankedScores(scores)
        return draws.map { weights in
            var curve = RankingCurve()
            for (start, end) in zip(ranked.levels, ranked.levels.dropFirst()) {
                var sums = (positives: 0.0, negatives: 0.0)
                for place in start..<end {
                    let part = Int(ranked.order[place])
                    if isBad[part] { sums.positives += weights[part] } else { sums.negatives += weights[part] }
                }
                curve.add(positives: sums.positives, negatives: sums.negatives)
            }
            return curve.metrics
        }
    }
}
