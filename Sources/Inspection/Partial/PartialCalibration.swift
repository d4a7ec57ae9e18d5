import ParallelLoops
import PointClouds

/// What good views measure when they are held against the others, or, where no other covers one, half of it against the other half.
struct PartialCalibration {
    /// Deviations below this are below what a scanner resolves, mm.
    private static let resolution: Float = 0.005
    /// A view that the others cover by less says nothing.
    private static let leastJudged = 0.1
    /// Of gaps, in spacings of the picture: a good scan's rays leave the first between them; so many beyond it are one unit of the
    /// score.
    private static let gapAllowance: Float = 1, gapUnit: Float = 1.5

    typealias Run = (measurement: PartialMeasurement, part: PreparedPart)

    /// By view, its resamplings.
    private(set) var runs: [[Run]] = []
    /// How the views lie to one another.
    let joints: ViewJoints

    /// - Complexity: V (V - 1) searches for V views.
    init(
        _ scans: [PartialScan], options: TeachingOptions, spacing: Float, workers: Workers,
        progress: (TeachingProgress) -> Void
    ) {
        let apart = TaughtViews(scans.map(\.side), workers: workers)
        joints = ViewJoining(scans, on: apart) { view, lying in
            progress(.registered(index: view + 1, count: scans.count, fitness: lying, rmse: 0))
        }.joints()
        let views = TaughtViews(apart, joints: joints)
        // Of each view on the others.
        var placements: [[TaughtViews.Placement]] = scans.map { _ in [] }
        for group in joints.groups {
            for number in group {
                placements[number] = views.placed(
                    scans[number], at: joints.frames[number], on: group.filter { $0 != number })
            }
        }
        for (number, scan) in scans.enumerated() {
            var ofView: [Run] = []
            for resampling in 0..<options.resamplings {
                var draw = Resampling(
                    seed: options.seed &+ UInt64(number) &* 1000 &+ UInt64(resampling), keptShare: options.keptShare)
                (draw.maximumAngle, draw.maximumShift) = (0, 0)
                let cloud = draw.resample(scan.part.points)
                if let run = Self.held(cloud, against: views, at: placements[number], spacing: spacing, workers) {
                    ofView.append(run)
                } else if let run = Self.halves(cloud, spacing: spacing, workers) {
                    ofView.append(run)
                }
                progress(
                    .calibrating(
                        run: number * options.resamplings + resampling + 1, runs: scans.count * options.resamplings))
            }
            if !ofView.isEmpty { runs.append(ofView) }
        }
    }

    private static func held(
        _ cloud: [SIMD3<Float>], against views: TaughtViews, at placements: [TaughtViews.Placement], spacing: Float,
        _ workers: Workers
    ) -> Run? {
        guard !placements.isEmpty, let part = PreparedPart(cloud, minimum: 100, workers: workers) else { return nil }
        let measurement = views.measure(PartialScan(part, spacing: spacing, workers: workers), at: placements)
        return measurement.judgedShare >= leastJudged ? (measurement, part) : nil
    }

    private static func halves(_ cloud: [SIMD3<Float>], spacing: Float, _ workers: Workers) -> Run? {
        let halves = (0..<2).map { rest in stride(from: rest, to: cloud.count, by: 2).map { cloud[$0] } }
        let parts = halves.compactMap { PreparedPart($0, minimum: 100, workers: workers) }
        guard parts.count == 2 else { return nil }
        let scans = parts.map { PartialScan($0, spacing: spacing, workers: workers) }
        let views = TaughtViews([scans[0].side], workers: workers)
        let placement = TaughtViews.Placement(view: 0, pose: .identity, fit: OverlapFit())
        let measurement = views.measure(scans[1], at: [placement])
        return measurement.judgedShare >= leastJudged ? (measurement, parts[1]) : nil
    }

    /// - Parameters:
    ///   - sites: of the template.
    ///   - leastPoints: of a taught view.
    func calibration(_ options: TeachingOptions, sites: Int, leastPoints: Int) -> Calibration {
        var deviations: [Float] = []
        for (measurement, _) in runs.joined() {
            for i in measurement.deviations.indices where measurement.isJudged[i] && measurement.weights[i] > 0 {
                deviations.append(measurement.deviations[i])
            }
        }
        let statistics = PlaceStatistics(
            overall: deviations.isEmpty ? [0] : deviations, resolution: Self.resolution)
        let fusion = options.fusion
        let scores = runs.map { run in
            run.map { max(1, Double(fusion.partScore($0.measurement.map(statistics), neighbors: $0.part.neighbors))) }
        }
        // In twice what a view reaches in the median: with four views, each with its own scanner's noise, a tolerance bound lies so far out
        // that beside it a gap would count for everything.
        let highest = scores.compactMap { $0.max() }.sorted()
        let limit = fusion.usesChannelLimits ? 2 * (highest.isEmpty ? 1 : highest[highest.count / 2]) : 1
        var calibration = Calibration(
            statistics: [.deviation: statistics],
            gaps: GapLimits(limits: [Float](repeating: Self.gapAllowance, count: sites), unit: Self.gapUnit),
            fusion: fusion, channelLimits: [.deviation: Float(limit)], featureLimit: 0,
            threshold: Threshold(scoresByPart: scores),
            gate: RegistrationGate(
                minimumFitness: TaughtViews.leastOverlap, minimumCoverage: 0.3,
                minimumPoints: max(1000, leastPoints / 4)))
        calibration.threshold = Threshold(
            scoresByPart: runs.map { run in
                run.map { Double(PartialVerdict($0.measurement, of: $0.part, by: calibration).score) }
            }, falseRejects: options.falseRejects)
        return calibration
    }
}
