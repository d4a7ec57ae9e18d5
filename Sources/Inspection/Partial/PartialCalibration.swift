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
    private static let gapAllowance: Float = 1.5, gapUnit: Float = 2.5

    /// Of the diagonal: how far apart two poses that say the same lie at most.
    private static let agreement = 0.03

    typealias Run = (measurement: PartialMeasurement, part: PreparedPart)

    /// By view, its resamplings.
    private(set) var runs: [[Run]] = []
    /// Of each view on the others.
    private(set) var placements: [[TaughtViews.Placement]] = []

    /// - Complexity: V - 1 placements for each of V views.
    init(
        _ scans: [PartialScan], options: TeachingOptions, spacing: Float, workers: Workers,
        progress: (TeachingProgress) -> Void
    ) {
        let views = TaughtViews(scans.map(\.side), workers: workers)
        for (number, scan) in scans.enumerated() {
            let placed = views.placements(of: scan, excluding: number)
            placements.append(placed)
            progress(
                .registered(
                    index: number + 1, count: scans.count, fitness: placed.first?.fit.lying ?? 0, rmse: 0))
        }
        placements = ViewJoining.agreeing(
            placements, middles: scans.map { SIMD3<Double>($0.side.surface.centroid) },
            distance: Self.agreement * Double(views.diagonal))
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
        let limit = fusion.usesChannelLimits ? Threshold(scoresByPart: scores).value : 1
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
