/// Scores over the points of a part, and over the places of the taught surface that the part lacks.
///
/// All arrays have one length. The first `partPointCount` entries are the part's own points in arrival order; the rest
/// are points of the template's surface at which no part point was found, in the part's coordinates.
public struct ScoreMap: Sendable, Equatable {
    /// Coordinates in mm, in the frame in which the part arrived.
    public var points: [SIMD3<Float>]
    public var partPointCount: Int
    /// Fused, standardised score: 0 as on a good part, without unit.
    public var fused: [Float]
    /// Standardised score of each channel that was used.
    public var channels: [Channel: [Float]]
    /// Signed distance to the taught surface in mm; empty where the part could not be registered.
    public var deviations: [Float]

    public init(
        points: [SIMD3<Float>], partPointCount: Int, fused: [Float], channels: [Channel: [Float]], deviations: [Float]
    ) {
        self.points = points
        self.partPointCount = partPointCount
        self.fused = fused
        self.channels = channels
        self.deviations = deviations
    }
}
