/// How well scores tell two classes apart, over all thresholds.
public struct RankingMetrics: Sendable, Equatable {
    /// Area under the receiver operating characteristic: the share of (bad, good) pairs in which the bad one scores higher,
    /// ties counted half (scikit-learn's `roc_auc_score`).
    public var auroc: Double
    /// Average precision: precision at each distinct score, weighted by the recall gained there, without interpolation
    /// (scikit-learn's `average_precision_score`).
    public var averagePrecision: Double

    public init(auroc: Double, averagePrecision: Double) {
        self.auroc = auroc
        self.averagePrecision = averagePrecision
    }

    /// - Parameters:
    ///   - scores: finite.
    ///   - labels: true for bad. Shape of `scores`.
    /// - Returns: `nil` where one of the classes is empty.
    /// - Complexity: O(N).
    public init?(scores: [Float], labels: [Bool]) {
        precondition(scores.count == labels.count)
        let ranked = RankedScores(scores)
        var curve = RankingCurve()
        for (start, end) in zip(ranked.levels, ranked.levels.dropFirst()) {
            var positives = 0
            for place in start..<end where labels[Int(ranked.order[place])] { positives += 1 }
            curve.add(positives: Double(positives), negatives: Double(end - start - positives))
        }
        guard let metrics = curve.metrics else { return nil }
        self = metrics
    }
}

/// Adds up both metrics level by level, from the highest score down. Counts may be weighted.
struct RankingCurve {
    private var truePositives = 0.0, falsePositives = 0.0
    /// Sum over negatives of the positives above them, ties counted half.
    private var pairs = 0.0
    private var precision = 0.0

    mutating func add(positives: Double, negatives: Double) {
        pairs += negatives * (truePositives + 0.5 * positives)
        truePositives += positives
        falsePositives += negatives
        if positives > 0 { precision += positives * truePositives / (truePositives + falsePositives) }
    }

    var metrics: RankingMetrics? {
        guard truePositives > 0, falsePositives > 0 else { return nil }
        return RankingMetrics(
            auroc: pairs / (truePositives * falsePositives), averagePrecision: precision / truePositives)
    }
}
