public import PointClouds

/// A connected piece of a part whose fused score is above the region threshold.
///
/// All coordinates are those in which the part arrived (the scanner's cell), in millimetres.
public struct Region: Sendable, Equatable {
    /// What the surface does there, where the deviation channel can tell.
    public enum Kind: String, Sendable, Codable {
        /// Material outside the taught surface.
        case excess
        /// Material absent: a surface that lies too deep, or is not there at all.
        case missing
        /// A change of the surface without a clear direction.
        case surface
    }

    /// 1, 2, ... by descending peak.
    public var id: Int
    /// Mean of the region's points, weighted by score.
    public var centroid: SIMD3<Float>
    public var box: OrientedBoundingBox
    /// Estimated surface area, mm².
    public var area: Float
    /// Number of points, those of missing surface included.
    public var points: Int
    /// Highest and mean fused score.
    public var peak: Float
    public var mean: Float
    /// Signed distance from the taught surface in mm, outward positive: the value of the largest magnitude once the
    /// outer tenth is set aside. `nil` where the part could not be registered.
    public var deviation: Float?
    public var kind: Kind

    public init(
        id: Int, centroid: SIMD3<Float>, box: OrientedBoundingBox, area: Float, points: Int, peak: Float, mean: Float,
        deviation: Float?, kind: Kind
    ) {
        self.id = id
        self.centroid = centroid
        self.box = box
        self.area = area
        self.points = points
        self.peak = peak
        self.mean = mean
        self.deviation = deviation
        self.kind = kind
    }
}
