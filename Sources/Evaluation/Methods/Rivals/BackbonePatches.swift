public import IMRNet
import NeuralNetwork
import ParallelLoops
import PointClouds

/// The network that stands for Point-MAE in the rivals' methods.
public struct PretrainedBackbone: Sendable {
    public let network: ReconstructionNetwork
    /// Of the weights, so that results of others are not taken for theirs.
    public let digest: String

    public init(network: ReconstructionNetwork, digest: String) {
        self.network = network
        self.digest = digest
    }

    /// Of weights and patches.
    var fingerprint: String { "\(digest)|\(BackbonePatches.settings)" }
}

/// Features of a part's patches by our backbone, which stands for Point-MAE (Pang et al., ECCV 2022): 1,024 farthest
/// points of the part, each with as many nearest points as a patch of the backbone has.
///
/// Reg3D-AD and M3DM take the outputs of three blocks of Point-MAE's encoder side by side, of 16,384 and 1,024 patches of
/// 128 points. Ours are the outputs of the first three blocks of the decoder, in which the paper's A_f compares (eq. 13
/// to 17), of 64 points: what the backbone offers.
struct BackbonePatches: Sendable {
    private static let sampledPoints = 8192, patches = 1024

    let network: ReconstructionNetwork
    /// Radius of a good part, mm: lengths that the network sees are divided by it.
    let radius: Float

    static var settings: String { "points \(sampledPoints), patches \(patches)" }

    struct Sample {
        /// The points that the patches are made of, in the unit ball. Shape [n].
        var index: NeighborIndex
        /// Which of the part's points these are. Shape [n].
        var chosen: [Int32]
        /// Which of `chosen` are the centres. Shape [M].
        var centers: [Int32]
        /// Shape [M, F].
        var features: Matrix
    }

    /// - Parameters:
    ///   - cloud: in the frame in which the network is to see it, mm.
    ///   - center: what becomes the origin.
    /// - Throws: `RivalRefusal` where there are fewer points than a patch has.
    func sample(_ cloud: [SIMD3<Float>], center: SIMD3<Float>, workers: Workers) throws -> Sample {
        let whole = NeighborIndex(cloud.map { ($0 - center) / radius }, workers: workers)
        let chosen =
            whole.finiteCount > Self.sampledPoints
            ? FarthestPointSampling.sample(whole, count: Self.sampledPoints).sorted() : whole.curveOrder.sorted()
        let size = network.configuration.patchPoints
        guard chosen.count >= size else {
            throw RivalRefusal.tooFewPoints(chosen.count, expected: size, after: "for a patch")
        }
        let index = NeighborIndex(chosen.map { whole.points[Int($0)] }, workers: workers)
        let centers = FarthestPointSampling.sample(index, count: Self.patches)
        let patches = Patches(cloud: index, centers: centers, size: size, workers: workers)
        let features = network.features(patches: patches.coordinates, centers: patches.centers, workers: workers)
        return Sample(
            index: index, chosen: chosen, centers: centers,
            features: Matrix(features, rows: centers.count, columns: network.featureWidth))
    }
}

/// The same of parts that are registered to a good one, the template.
struct RegisteredPatches: FeatureExtractor {
    let patches: BackbonePatches
    let template: RegistrationTemplate

    init(network: ReconstructionNetwork, template: RegistrationTemplate) {
        patches = BackbonePatches(network: network, radius: template.radius)
        self.template = template
    }

    func features(of cloud: [SIMD3<Float>], workers: Workers) throws -> PlacedFeatures {
        try features(of: cloud, registered: template.registered(cloud, workers: workers), workers: workers)
    }

    /// - Parameter registered: the same points in the template's frame.
    func features(
        of cloud: [SIMD3<Float>], registered: [SIMD3<Float>], workers: Workers
    ) throws -> PlacedFeatures {
        let sample = try patches.sample(registered, center: template.center, workers: workers)
        return PlacedFeatures(
            places: sample.centers.map { cloud[Int(sample.chosen[Int($0)])] }, rows: sample.features)
    }
}
