import NeuralNetwork
import ParallelLoops
import PointClouds

/// Reg3D-AD ("Real3D-AD: a dataset of point cloud anomaly detection", Liu et al., NeurIPS 2023, datasets and benchmarks):
/// registration to a template, PatchCore on coordinates and on features of patches, and the mean of the two.
///
/// Both banks are greedy coresets of a tenth, at most 10,000; a part's score is the greatest distance in each. Before the
/// mean is taken, the benchmark scales each map and each list of part scores to 0...1 by the least and the greatest over all
/// test parts, which nobody has who inspects one part. Ours divides each by the mean distance of the training parts, each
/// to the bank without its own. The features are those of our backbone (`BackbonePatches`) in place of Point-MAE's.
struct Reg3DAD: DetectionMethod {
    private static let limit = 10_000
    let backbone: PretrainedBackbone

    var name: String { Rival.reg3DAD.rawValue }
    var fingerprint: String {
        "\(name)|\(backbone.fingerprint), coreset \(PatchCoreHistograms.coresetShare)"
    }

    func taught(
        _ partClass: String, from clouds: [[SIMD3<Float>]], seed: UInt64, workers: Workers,
        progress: (Double) -> Bool
    ) throws -> any TaughtDetector {
        let template = try RegistrationTemplate(clouds, seed: seed, workers: workers)
        let extractor = RegisteredPatches(network: backbone.network, template: template)
        let parts = try RivalTeaching.collect(clouds, progress: progress) { cloud in
            let registered = template.registered(cloud, workers: workers)
            let features = try extractor.features(of: cloud, registered: registered, workers: workers)
            return (points: registered.onlyFinite, features: features.rows)
        }
        let points = parts.map(\.points), features = parts.map(\.features)
        let share = PatchCoreHistograms.coresetShare
        let total = points.reduce(0) { $0 + $1.count }
        let coordinates = CoordinateBank(
            points, coreset: min(Self.limit, max(1, Int(Double(total) * share))), workers: workers)
        let patches = MemoryBank(features).coreset(share: share, limit: Self.limit, seed: seed, workers: workers)
        return Detector(
            extractor: extractor, coordinates: coordinates, patches: patches,
            coordinateScale: coordinates.heldOutMean(points, workers: workers),
            patchScale: patches.heldOutMean(features, workers: workers))
    }

    struct Detector: TaughtDetector {
        let extractor: RegisteredPatches
        let coordinates: CoordinateBank
        let patches: MemoryBank
        let coordinateScale: Float
        let patchScale: Float

        var rows: [String] { [Rival.reg3DAD.rawValue] }

        func score(_ cloud: [SIMD3<Float>]) -> PartDetection {
            PartDetection.timed(rows: rows) {
                let registered = extractor.template.registered(cloud, workers: .one)
                let features = try extractor.features(of: cloud, registered: registered, workers: .one)
                let near = coordinates.distances(of: registered, workers: .one).map { $0 / coordinateScale }
                let alike = patches.nearest(to: features.rows, workers: .one).distances.map { $0 / patchScale }
                let carried = InverseDistance(
                    from: NeighborIndex(features.places, workers: .one), to: cloud, workers: .one
                ).map(alike)
                return DetectionResult(
                    partScore: ((near.max() ?? 0) + (alike.max() ?? 0)) / 2,
                    pointScores: zip(near, carried).map { ($0 + $1) / 2 })
            }
        }
    }
}
