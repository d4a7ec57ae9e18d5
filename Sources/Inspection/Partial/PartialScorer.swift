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
        let template = model.template
        views = TaughtViews(
            template.sides(workers: workers),
            joints: template.viewGroups.isEmpty ? nil : ViewJoints(numbers: template.viewGroups), workers: workers)
    }

    /// - Parameter result: with everything but the verdict.
    func inspect(_ part: PreparedPart, _ result: inout PartInspection, watch: inout StageWatch) {
        let calibration = model.calibration
        let scan = PartialScan(part, spacing: model.template.surface.spacing, workers: workers)
        let placements = views.placements(of: scan)
        guard let best = placements.first else {
            result.reasons = [.notRegistered(fitness: 0, minimum: TaughtViews.leastOverlap)]
            result.durations.sample = watch.lap()
            return
        }
        result.registration = Registration(
            transform: best.pose, fitness: best.fit.lying, rmse: 0, iterations: 0, converged: true)
        let measurement = views.measure(scan, at: placements)
        result.durations.sample = watch.lap()
        let judged = measurement.judgedShare
        guard judged >= calibration.gate.minimumCoverage else {
            result.reasons = [.notTaught(judged: judged, minimum: calibration.gate.minimumCoverage)]
            return
        }
        let verdict = PartialVerdict(measurement, of: part, by: calibration)
        guard verdict.fused.allSatisfy(\.isFinite) else {
            result.reasons = [.notFinite]
            return
        }
        result.score = verdict.score
        result.channelScores = [.deviation: verdict.deviationScore]
        result.evaluation = verdict.score > result.threshold ? .notOK : .ok
        let scoreMap = ScoreMap(
            points: part.points + verdict.lacking.map(\.place), partPointCount: part.points.count,
            fused: verdict.fused, channels: [.deviation: verdict.fused],
            deviations: measurement.deviations + [Float](repeating: .nan, count: verdict.lacking.count))
        result.map = scoreMap
        if result.evaluation == .notOK {
            result.regions = model.regions(in: scoreMap, of: part, threshold: result.threshold)
            result.reasons = [.aboveThreshold(verdict.score, result.threshold, regions: result.regions.count)]
        }
        if judged < 0.995 { result.reasons.append(.partlyJudged(judged)) }
        result.durations.localize = watch.lap()
    }
}

/// What a measurement amounts to, in units of what good views hardly exceed.
struct PartialVerdict {
    let score: Float
    /// Of the points alone, in standard deviations.
    let deviationScore: Float
    /// Of each point, then of each place in `lacking`.
    let fused: [Float]
    let lacking: [PartialMeasurement.Gap]

    init(_ measurement: PartialMeasurement, of part: PreparedPart, by calibration: Calibration) {
        guard let statistics = calibration.statistics[.deviation], let allowance = calibration.gaps.limits.first else {
            preconditionFailure("no calibration of the deviation")
        }
        func gapScore(_ width: Float) -> Float { calibration.gaps.standardized(width, beyond: allowance) }
        let map = measurement.map(statistics)
        let limit = calibration.channelLimits[.deviation] ?? 1
        deviationScore = calibration.fusion.partScore(map, neighbors: part.neighbors)
        score = max(deviationScore / limit, gapScore(measurement.widestGap))
        let threshold = Float(calibration.threshold.value)
        lacking = measurement.gaps.filter { gapScore($0.width) > threshold }
        var points = map.map { $0 / limit }
        // A gap has no points of its own: those on its rim stand for it.
        for gap in measurement.gaps where gap.width > allowance {
            let near = part.index.nearest(1, to: gap.place).first?.squaredDistance.squareRoot() ?? 0
            for i in part.index.within(near + part.spacing, of: gap.place) {
                points[Int(i)] = max(points[Int(i)], gapScore(gap.width))
            }
        }
        fused = points + lacking.map { gapScore($0.width) }
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

extension Template {
    /// The taught views, each as its own side.
    func sides(workers: Workers) -> [SeenSide] {
        var places: [[Int]] = []
        for (point, view) in views.enumerated() {
            while places.count <= Int(view) { places.append([]) }
            places[Int(view)].append(point)
        }
        return places.enumerated().filter { !$0.element.isEmpty }.map { number, rows in
            SeenSide(
                ReferenceSurface(
                    points: rows.map { surface.points[$0] }, normals: rows.map { surface.normals[$0] },
                    spacing: surface.spacing),
                sensor: sensors.indices.contains(number) ? sensors[number] : nil, workers: workers)
        }
    }
}
