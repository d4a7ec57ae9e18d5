public import ParallelLoops
import Synchronization

/// Collects the scored parts of one class, and tells their metrics.
public struct ClassEvaluation: Sendable {
    /// One scored test part.
    public struct Part: Sendable {
        public var record: ClassResult.Part
        public var detection: PartDetection
        /// `nil` where the labels could not be read.
        public var truth: LabelledPoints?

        /// - Parameters:
        ///   - cloud: as it was scored.
        ///   - truth: `nil` where the labels could not be read.
        ///   - defect: what a manifest tells of it, its middle in the cloud's frame.
        public init(
            sample: DatasetLayout.TestSample, cloud: [SIMD3<Float>], detection: PartDetection, rows: [String],
            truth: GroundTruth?, defect: (center: SIMD3<Float>, size: Double, depth: Double)?
        ) {
            self.detection = detection
            self.truth = truth?.points
            var record = ClassResult.Part(
                name: sample.name, kind: sample.kind, points: cloud.count, anomalousPoints: truth?.anomalousCount,
                scores: [:], undecidable: detection.undecidable, seconds: detection.seconds)
            for (row, result) in zip(rows, detection.rows) {
                guard let score = result.partScore else { continue }
                record.scores[row] =
                    score.isFinite ? min(score, ClassResult.highestScore) : ClassResult.highestScore
            }
            record.defect = defect.map { .init(size: $0.size, depth: $0.depth) }
            if sample.isBad, let truth {
                let anomalous = zip(cloud, truth.points.labels).filter(\.1).map(\.0)
                record.regions = RegionMatch(
                    detection.regions, anomalous: anomalous, center: defect?.center, diagonal: truth.diagonal)
            }
            self.record = record
        }

        /// Point scores of a row, finite, one for each point: zeros where the part could not be judged.
        public func pointScores(_ row: Int) -> [Float] {
            let scores = detection.rows[row].pointScores
            guard scores.count == record.points else { return [Float](repeating: 0, count: record.points) }
            return scores.map { $0.isFinite ? $0 : 0 }
        }
    }

    /// - Parameters:
    ///   - rows: names, in the order of each part's detection.
    ///   - parts: by name, whatever the order in which they were scored.
    /// - Complexity: O(points x rows), beside the bootstrap's.
    public static func result(
        partClass: String, method: String, seed: UInt64, rows: [String], parts: [Part], workers: Workers = .all
    ) -> ClassResult {
        let parts = parts.sorted { $0.record.name < $1.record.name }
        let isBad = parts.map(\.record.isBad)
        let draws = PartDraws.weights(partClass: partClass, isBad: isBad)
        let labelled = parts.indices.filter { parts[$0].truth != nil }
        let truths = labelled.map { parts[$0].truth! }
        let labelledDraws = draws.map { weights in labelled.map { weights[$0] } }
        var result = ClassResult(partClass: partClass, method: method, seed: seed, rows: [], parts: parts.map(\.record))
        let finished = Mutex([Int: ClassResult.Row]())
        workers.run(chunks: rows.count) { number in
            let points = PointMetrics(
                scores: labelled.map { parts[$0].pointScores(number) }, parts: truths, draws: labelledDraws)
            let row = row(number, rows[number], parts, draws: draws, points: points)
            finished.withLock { $0[number] = row }
        }
        result.rows = finished.withLock { finished in rows.indices.compactMap { finished[$0] } }
        let points = truths.reduce(0) { $0 + $1.labels.count }
        if points > 0 {
            result.baseRate = Double(truths.reduce(0) { $0 + $1.labels.count { $0 } }) / Double(points)
        }
        return result
    }

    private static func row(
        _ number: Int, _ name: String, _ parts: [Part], draws: [[Double]], points: PointMetrics?
    ) -> ClassResult.Row {
        var row = ClassResult.Row(
            name: name, threshold: parts.lazy.compactMap { $0.detection.rows[number].threshold }.first, metrics: [:],
            replicates: [:])
        let scores = parts.map { $0.record.rank(in: name) }, isBad = parts.map(\.record.isBad)
        if let metrics = RankingMetrics(scores: scores, labels: isBad) {
            let replicates = PartDraws.partMetrics(scores: scores, isBad: isBad, draws: draws).map { $0 ?? metrics }
            row.set(.partAUROC, metrics.auroc, replicates.map(\.auroc))
            row.set(.partAP, metrics.averagePrecision, replicates.map(\.averagePrecision))
        }
        if let metrics = points {
            let replicates = metrics.replicates.map { $0 ?? (metrics.ranking, metrics.aupro) }
            row.set(.pointAUROC, metrics.ranking.auroc, replicates.map(\.ranking.auroc))
            row.set(.pointAP, metrics.ranking.averagePrecision, replicates.map(\.ranking.averagePrecision))
            row.set(.regionOverlap, metrics.aupro, replicates.map(\.aupro))
        }
        return row
    }
}

extension ClassResult.Row {
    mutating func set(_ metric: Metric, _ value: Double, _ replicates: [Double]) {
        metrics[metric] = value
        self.replicates[metric] = replicates.map(Float.init)
    }
}
