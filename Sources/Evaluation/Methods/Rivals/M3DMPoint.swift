import NeuralNetwork
import ParallelLoops
import PointClouds

/// The point branch of M3DM ("Multimodal industrial anomaly detection via hybrid fusion", Wang et al., CVPR 2023).
///
/// Features of 1,024 patches are carried to the points by the mean of the three nearest centres, weighted by inverse
/// distance (its point feature alignment); of these fields 3,136 places are looked at (its grid of 56 x 56). The bank is a
/// greedy coreset of a tenth, chosen by random projections; a part's score is the greatest distance, reweighted.
///
/// Left out, as scans have no photograph: the image branch, the unsupervised fusion of both, and the one-class SVMs over
/// their scores. Also the averages over 3 x 3 pixels, for want of pixels. Parts are not registered, as in its program; each
/// is moved to its mean. The features are those of our backbone (`BackbonePatches`) in place of Point-MAE's.
struct M3DMPoint: DetectionMethod {
    private static let places = 3136
    let backbone: PretrainedBackbone

    var name: String { Rival.m3dmPoint.rawValue }
    var fingerprint: String {
        "\(name)|\(backbone.fingerprint), places \(Self.places), coreset \(PatchCoreHistograms.coresetShare)"
    }

    func taught(
        _ partClass: String, from clouds: [[SIMD3<Float>]], seed: UInt64, workers: Workers,
        progress: (Double) -> Bool
    ) throws -> any TaughtDetector {
        let patches = BackbonePatches(network: backbone.network, radius: clouds.first?.centerAndRadius.radius ?? 1)
        return try MemoryBankDetector.taught(
            name, from: clouds, by: Extractor(patches: patches), coresetShare: PatchCoreHistograms.coresetShare,
            seed: seed, workers: workers, progress: progress)
    }

    /// Patches' features carried to places spread over the part.
    struct Extractor: FeatureExtractor {
        let patches: BackbonePatches

        func features(of cloud: [SIMD3<Float>], workers: Workers) throws -> PlacedFeatures {
            let sample = try patches.sample(cloud, center: cloud.centerAndRadius.center, workers: workers)
            let places = FarthestPointSampling.sample(sample.index, count: M3DMPoint.places)
            let centers = NeighborIndex(sample.centers.map { sample.index.points[Int($0)] }, workers: workers)
            let carried = InverseDistance(
                from: centers, to: places.map { sample.index.points[Int($0)] }, workers: workers
            ).map(sample.features.elements, width: sample.features.columns)
            return PlacedFeatures(
                places: places.map { cloud[Int(sample.chosen[Int($0)])] },
                rows: Matrix(carried, rows: places.count, columns: sample.features.columns))
        }
    }
}
