import ParallelLoops
import PointClouds

/// Scores scans from one side against a model taught from such.
struct PartialScorer: Sendable {
    private let model: PartModel
    private let views: TaughtViews
    private let workers: Workers

    init(model: PartModel, workers: Workers) {
        self.model = model
        self.workers = workers
        views = TaughtViews(model.template.surface, members: model.template.views, workers: workers)
    }

    /// - Parameter result: with everything but the verdict.
    func inspect(_ part: PreparedPart, _ result: inout PartInspection, watch: inout StageWatch) {
        let calibration = model.calibration
        let scan = PartialScan(part, spacing: model.template.surface.spacing, workers: workers)
        let fits = views.fits(of: scan)
        let best = fits.max { $0.pose.fit.lying < $1.pose.fit.lying }
        result.registration = Registration(
            transform: best?.pose.transform ?? .identity, fitness: best?.pose.fit.lying ?? 0, rmse: 0, iterations: 0,
            converged: true)
        guard let best, best.pose.fit.lying >= calibration.gate.minimumFitness else {
            result.reasons = [
                .notRegistered(fitness: best?.pose.fit.lying ?? 0, minimum: calibration.gate.minimumFitness)
            ]
            result.durations.sample = watch.lap()
            return
        }
        let measurement = views.measure(scan, fits)
        result.durations.sample = watch.lap()
        let judged = measurement.judgedShare
        guard judged >= calibration.gate.minimumCoverage else {
            result.reasons = [.notTaught(judged: judged, minimum: calibration.gate.minimumCoverage)]
            return
        }
        guard let statistics = calibration.statistics[.deviation] else {
            preconditionFailure("no calibration of the deviation")
        }
        let widest = calibration.gaps.limits.first ?? 1
        let lacking = measurement.gaps.indices.filter { measurement.gaps[$0] > widest }
        let limit = calibration.channelLimits[.deviation] ?? 1
        let map =
            measurement.map(statistics, workers: workers) + lacking.map { limit * measurement.gaps[$0] / widest }
        let fused = calibration.fusion.fused([map.map { $0 / limit }])
        guard fused.allSatisfy(\.isFinite) else {
            result.reasons = [.notFinite]
            return
        }
        let score = calibration.fusion.partScore(fused, neighbors: part.neighbors)
        result.score = score
        result.channelScores = [.deviation: calibration.fusion.partScore(map, neighbors: part.neighbors)]
        result.evaluation = score > result.threshold ? .notOK : .ok
        let scoreMap = ScoreMap(
            points: part.points + lacking.map { measurement.places[$0] },
            partPointCount: part.points.count, fused: fused, channels: [.deviation: map],
            deviations: measurement.deviations + [Float](repeating: .nan, count: lacking.count))
        result.map = scoreMap
        if result.evaluation == .notOK {
            result.regions = model.regions(in: scoreMap, of: part, threshold: result.threshold)
            result.reasons = [.aboveThreshold(score, result.threshold, regions: result.regions.count)]
        }
        if judged < 0.995 { result.reasons.append(.partlyJudged(judged)) }
        result.durations.localize = watch.lap()
    }
}

extension Reason {
    static func notTaught(judged: Double, minimum: Double) -> Reason {
        Reason(
            code: "not_taught",
            message:
                "expected at least \(Int((minimum * 100).rounded())) % of the scan on surface that the taught views cover, "
                + "found \(Int((judged * 100).rounded())) %: teach the part type from this side as well")
    }

    /// Not a fault, but part of what a verdict means.
    static func partlyJudged(_ judged: Double) -> Reason {
        Reason(
            code: "partly_judged",
            message:
                "\(Int(((1 - judged) * 100).rounded(.up))) % of the points lie on surface that no taught view covers and "
                + "were not judged: teach the part type from this side as well")
    }
}
