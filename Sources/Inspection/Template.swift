import ParallelLoops
import PointClouds

/// What a part type looks like: its taught surface, the places to look for missing material, the scale of the network's
/// coordinates, and the features of the medoid part (T_f of eq. 19).
public struct Template: Sendable {
    public let surface: ReferenceSurface
    /// Surface points at which missing material is looked for, thinned to one spacing.
    public let sites: [Int32]
    /// Centre (mm, taught frame) and radius (mm) that map the part into the unit ball.
    public let center: SIMD3<Float>
    public let radius: Float
    /// The medoid's decoder features, shape [G, F], and the centres they belong to, shape [G], unit ball.
    public internal(set) var features: [Float]
    public internal(set) var featureCenters: [SIMD3<Float>]
    /// Descriptors of the good parts; `nil` in a model that does not use them.
    public var descriptors: DescriptorBank?
    /// For each surface point the taught view that it is of; empty where the good parts were scanned whole. Shape [M].
    public var views: [Int32]
    /// By view, where its sensor stood in the taught frame, where that is known; empty for whole parts. Shape [V].
    var sensors: [SensorPlace?] = []
    /// By view the number of its group: views of one group lie to one another as the surface has them. Empty where that is not
    /// known. Shape [V].
    var viewGroups: [Int] = []

    public init(
        surface: ReferenceSurface, sites: [Int32], center: SIMD3<Float>, radius: Float, features: [Float],
        featureCenters: [SIMD3<Float>], descriptors: DescriptorBank? = nil, views: [Int32] = []
    ) {
        self.surface = surface
        self.sites = sites
        self.center = center
        self.radius = radius
        self.features = features
        self.featureCenters = featureCenters
        self.descriptors = descriptors
        self.views = views
    }

    func normalized(_ points: [SIMD3<Float>]) -> [SIMD3<Float>] { points.map { ($0 - center) / radius } }
}

extension ReferenceSurface {
    /// Indices of surface points thinned to about one spacing.
    func thinned() -> [Int32] { VoxelSampling.representatives(points, size: spacing) }

    /// Centroid and largest radius of the thinned surface.
    func normalization(sites: [Int32]) -> (center: SIMD3<Float>, radius: Float) {
        var sum = SIMD3<Double>.zero
        for site in sites { sum += SIMD3<Double>(points[Int(site)]) }
        let center = SIMD3<Float>(sum / Double(max(1, sites.count)))
        let farthest = sites.map { ((points[Int($0)] - center) * (points[Int($0)] - center)).sum() }.max() ?? 1
        return (center, max(farthest.squareRoot(), .leastNormalMagnitude))
    }
}
