public import ParallelLoops
import PointClouds

/// BTF with raw coordinates ("Back to the feature: classical 3D features are (almost) all you need for 3D anomaly
/// detection", Horwitz and Hoshen, CVPR workshops 2023), as the benchmark of Real3D-AD runs it on whole parts.
///
/// The feature of a point is where it is, after the part's mean is moved to the origin; parts are not turned, so that it is
/// at chance on parts in any pose. A point's score is its distance to the nearest point of the training parts, a part's is
/// the greatest, reweighted (`MemoryBank.reweightedMaximum`). The benchmark keeps every hundredth training point and
/// scores every five-hundredth point of scans of some 300,000; ours keeps and scores all, which is exact and cheap.
/// Coordinates are divided by the radius of the first training part, which only the reweighting sees.
public struct BTFRaw: DetectionMethod {
    public var name: String { Rival.btfRaw.rawValue }
    public var fingerprint: String { name }

    public init() {}

    public func taught(
        _ partClass: String, from clouds: [[SIMD3<Float>]], seed: UInt64, workers: Workers,
        progress: (Double) -> Bool
    ) throws -> any TaughtDetector {
        let radius = clouds.first?.centerAndRadius.radius ?? 1
        let parts = try RivalTeaching.collect(clouds, progress: progress) { try Detector.centered($0, radius) }
        return Detector(bank: CoordinateBank(parts, workers: workers), radius: radius)
    }

    struct Detector: TaughtDetector {
        let bank: CoordinateBank
        let radius: Float

        var rows: [String] { [Rival.btfRaw.rawValue] }

        func score(_ cloud: [SIMD3<Float>]) -> PartDetection {
            PartDetection.timed(rows: rows) {
                let points = try Self.centered(cloud, radius)
                let distances = bank.distances(of: points, workers: .one)
                return DetectionResult(
                    partScore: bank.reweightedMaximum(points, distances), pointScores: distances)
            }
        }

        static func centered(_ cloud: [SIMD3<Float>], _ radius: Float) throws -> [SIMD3<Float>] {
            guard cloud.contains(where: { ($0 * 0).sum() == 0 }) else {
                throw RivalRefusal.tooFewPoints(0, expected: 1, after: "with finite coordinates")
            }
            let center = cloud.centerAndRadius.center
            return cloud.map { ($0 - center) / radius }
        }
    }
}
