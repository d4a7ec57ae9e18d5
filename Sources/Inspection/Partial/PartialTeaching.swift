import Foundation
import IMRNet
import ParallelLoops
import PointClouds

/// Makes a model from good scans that each show one side of a part: no whole part exists.
///
/// Only the deviation is measured: the network's patches and the descriptors' neighbourhoods end where a scan ends, so that
/// they would compare borders. The threshold rests on views held against the others, where those cover them.
enum PartialTeaching {
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
        options given: TeachingOptions, workers: Workers, progress: (TeachingProgress) -> Void
    ) throws(TeachingError) -> Teaching.Result {
        var options = given
        options.scoring.coverage = .views
        options.scoring.channels = [.deviation]
        let scans = try prepared(clouds, workers)
        let spacing = scans[0].side.surface.spacing
        let calibrating = PartialCalibration(
            scans, options: options, spacing: spacing, workers: workers, progress: progress)
        let joints = calibrating.joints
        guard joints.unconfirmed.count < scans.count, !calibrating.runs.isEmpty else {
            throw TeachingError(
                code: .notAlike,
                description:
                    "expected views that overlap (each by \(Int(TaughtViews.leastOverlap * 100)) % or more with "
                    + "another), found that none of the \(scans.count) lies on another: check that they show the same "
                    + "part type, and scan it from sides in between")
        }
        let joint = ReferenceSurface(
            joining: zip(scans, joints.frames).map { ($0.side.surface, $1) }, spacing: spacing)
        let sites = joint.thinned()
        let (center, radius) = joint.normalization(sites: sites)
        var template = Template(
            surface: joint, sites: sites, center: center, radius: radius, features: [], featureCenters: [],
            views: scans.enumerated().flatMap { number, scan in
                [Int32](repeating: Int32(number), count: scan.side.surface.points.count)
            })
        template.sensors = zip(scans, joints.frames).map { scan, pose in
            scan.side.sensor.map { SensorPlace(eye: pose.apply($0.eye)) }
        }
        template.viewGroups = joints.numbers
        let network = NetworkChannels(network: backbone, settings: options.scoring, workers: workers)
        if let features = network.templateFeatures(joint.points, template: template) {
            template = template.with(features)
        }
        let calibration = calibrating.calibration(
            options, sites: sites.count, leastPoints: scans.map(\.part.points.count).min() ?? 0)
        let model = PartModel(
            partType: partType, network: backbone, template: template, calibration: calibration,
            settings: options.scoring)
        var report = TeachingReport(
            steps: 0, stepsPlanned: 0, ending: "finished", lossBefore: 0, bestValidationLoss: 0, bestStep: 0,
            validation: [], training: [])
        report.unconfirmedViews = joints.unconfirmed.map { $0 + 1 }
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
}
