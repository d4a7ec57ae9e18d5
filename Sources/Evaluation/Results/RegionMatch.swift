import PointClouds

/// How a part's predicted regions lie to its true defect.
public struct RegionMatch: Sendable, Codable, Equatable {
    /// How many regions were predicted.
    public var regions: Int
    /// Whether the worst one's centre lies within reach of the defect.
    public var isFirstInPlace: Bool
    /// Whether any one's does.
    public var isAnyInPlace: Bool
    /// Longest extent and depth of the worst region in place, mm.
    public var size: Float?
    public var depth: Float?

    /// Growth of the true region, as a share of the part's diagonal.
    static let growth: Float = 0.05

    /// - Parameters:
    ///   - anomalous: the cloud's anomalous points, mm.
    ///   - center: the defect's middle, which of a hole has no point; `nil` where no manifest tells it.
    ///   - diagonal: the part's, mm.
    public init(
        _ regions: [DetectedRegion], anomalous: [SIMD3<Float>], center: SIMD3<Float>?, diagonal: Float
    ) {
        let truth = NeighborIndex(anomalous + (center.map { [$0] } ?? []), workers: .one)
        let reach = Self.growth * diagonal
        let inPlace = regions.map { truth.nearest(to: $0.center).squaredDistance <= reach * reach }
        self.regions = regions.count
        isFirstInPlace = inPlace.first ?? false
        isAnyInPlace = inPlace.contains(true)
        let first = inPlace.firstIndex(of: true).map { regions[$0] }
        size = first?.size
        depth = first?.depth
    }
}
