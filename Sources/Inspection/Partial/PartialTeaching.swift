import Foundation
import IMRNet
import ParallelLoops
import PointClouds

/// Makes a model from good scans that each show one side of a part: no whole part exists.
///
/// Only the deviation is measured: the network's patches and the descriptors' neighbourhoods end where a scan ends, so that
/// they would compare borders. The threshold rests on views held against the others, where those cover them.
enum PartialTeaching {
    /// Deviations below this are below what a scanner resolves, mm.
    private static let resolution: Float = 0.005
    /// A view that the others cover by less says nothing.
    private static let leastJudged = 0.1
    /// A gap counts from this far beyond the widest of a good view.
    private static let gapRoom: Float = 1.15, leastGap: Float = 3

    /// Whether the scans are each from one side, and not all from the same one.
    static func applies(to clouds: [[SIMD3<Float>]], options: TeachingOptions, workers: Workers) -> Bool {
        if options.scoring.coverage == .views { return true }
        guard options.detectsViews, options.scoring.channels.contains(.deviation), clouds.count >= 2 else {
            return false
        }
        return clouds.allSatisfy { cloud in
            guard let part = PreparedPart(cloud, minimum: 1000, workers: workers) else { return false }
            return ViewDirection(of: part.points, spacing: part.spacing).isOneSided
        }
    }

    static func teach(
        _ partType: String, from clouds: [[SIMD3<Float>]], backbone: ReconstructionNetwork,
        options given: TeachingOptions,
        workers: Workers, progress: (TeachingProgress) -> Void
    ) throws(TeachingError) -> Teaching.Result {
        var options = given
        options.scoring.coverage = .views
        options.scoring.channels = [.deviation]
        let scans = try prepared(clouds, workers)
        let spacing = scans[0].surface.spacing
        let members = scans.enumerated().flatMap { number, scan in
            [Int32](repeating: Int32(number), count: scan.surface.points.count)
        }
        let joint = ReferenceSurface(
            points: scans.flatMap(\.surface.points), normals: scans.flatMap(\.surface.normals), spacing: spacing)
        let views = TaughtViews(joint, members: members, workers: workers)
        let sites = joint.thinned()
        let (center, radius) = joint.normalization(sites: sites)
        var template = Template(
            surface: joint, sites: sites, center: center, radius: radius, features: [], featureCenters: [],
            views: members)

        let network = NetworkChannels(network: backbone, settings: options.scoring, workers: workers)
        if let features = network.templateFeatures(joint.points, template: template) {
            template = template.with(features)
        }

        var runs: [[(measurement: PartialMeasurement, neighbors: NeighborTable)]] = []
        var widestGap: Float = 0, leftOut: [Int] = []
        let total = scans.count * options.resamplings
        for number in scans.indices {
            var ofView: [(PartialMeasurement, NeighborTable)] = []
            let fits = views.fits(of: scans[number], excluding: number)
            progress(
                .registered(
                    index: number + 1, count: scans.count, fitness: fits.map(\.pose.fit.lying).max() ?? 0, rmse: 0))
            for resampling in 0..<options.resamplings {
                var draw = Resampling(
                    seed: options.seed &+ UInt64(number) &* 1000 &+ UInt64(resampling), keptShare: options.keptShare)
                (draw.maximumAngle, draw.maximumShift) = (0, 0)
                if let part = PreparedPart(draw.resample(scans[number].part.points), minimum: 100, workers: workers) {
                    let scan = PartialScan(part, spacing: spacing, workers: workers)
                    let measurement = views.measure(scan, fits)
                    if measurement.judgedShare >= leastJudged {
                        ofView.append((measurement, part.neighbors))
                        widestGap = max(widestGap, measurement.widestGap)
                    }
                }
                progress(.calibrating(run: number * options.resamplings + resampling + 1, runs: total))
            }
            if ofView.isEmpty { leftOut.append(number + 1) } else { runs.append(ofView) }
        }
        guard !runs.isEmpty else {
            throw TeachingError(
                code: .notAlike,
                description: "expected views that cover each other in part, found none that another covers by "
                    + "\(Int(leastJudged * 100)) % or more: scan the part from more sides")
        }
        let calibration = calibration(
            runs, widestGap: widestGap, template: template, options: options, scans: scans, workers: workers)
        let model = PartModel(
            partType: partType, network: backbone, template: template, calibration: calibration,
            settings: options.scoring)
        var report = TeachingReport(
            steps: 0, stepsPlanned: 0, ending: "finished", lossBefore: 0, bestValidationLoss: 0, bestStep: 0,
            validation: [], training: [])
        report.leftOutViews = leftOut
        return Teaching.Result(model: model, report: report)
    }

    private static func prepared(_ clouds: [[SIMD3<Float>]], _ workers: Workers) throws(TeachingError) -> [PartialScan]
    {
        guard clouds.count >= 2 else {
            throw TeachingError(
                code: .tooFewParts,
                description: "expected at least 2 views of good parts (4 around the part are better), found "
                    + "\(clouds.count): scan the part from more sides")
        }
        var parts: [PreparedPart] = []
        for (number, cloud) in clouds.enumerated() {
            guard let part = PreparedPart(cloud, minimum: 1000, workers: workers) else {
                throw TeachingError(
                    code: .tooFewPoints,
                    description: "expected at least 1000 usable points in each view, found \(cloud.count) in view "
                        + "\(number + 1): check that the file is a scan of the part")
            }
            parts.append(part)
        }
        let spacing = parts.map(\.spacing).sorted()[parts.count / 2]
        return parts.map { PartialScan($0, spacing: spacing, workers: workers) }
    }

    private static func calibration(
        _ runs: [[(measurement: PartialMeasurement, neighbors: NeighborTable)]], widestGap: Float, template: Template,
        options: TeachingOptions, scans: [PartialScan], workers: Workers
    ) -> Calibration {
        var deviations: [Float] = []
        for (measurement, _) in runs.joined() {
            for i in measurement.deviations.indices where measurement.isJudged[i] && measurement.weights[i] > 0 {
                deviations.append(measurement.deviations[i])
            }
        }
        let statistics = PlaceStatistics(overall: deviations.isEmpty ? [0] : deviations, resolution: resolution)
        let fusion = options.fusion
        let maps = runs.map { $0.map { ($0.measurement.map(statistics, workers: workers), $0.neighbors) } }
        let scores = maps.map { $0.map { max(1, Double(fusion.partScore($0.0, neighbors: $0.1))) } }
        let limit = fusion.usesChannelLimits ? Threshold(scoresByPart: scores).value : 1
        let threshold = Threshold(
            scoresByPart: scores.map { $0.map { $0 / limit } }, falseRejects: options.falseRejects)
        let gate = RegistrationGate(
            minimumFitness: 0.25, minimumCoverage: 0.3,
            minimumPoints: max(1000, Int(0.25 * Double(scans.map(\.part.points.count).min() ?? 0))))
        return Calibration(
            statistics: [.deviation: statistics],
            gaps: GapLimits(
                limits: [Float](repeating: max(leastGap, gapRoom * widestGap), count: template.sites.count), unit: 1),
            fusion: fusion, channelLimits: [.deviation: Float(limit)], featureLimit: 0, threshold: threshold, gate: gate
        )
    }
}
