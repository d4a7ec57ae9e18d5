/// Overlapping patches of a cloud: `count` centres, each with its `size` nearest points.
public struct Patches: Sendable, Equatable {
    /// Number of patches, G.
    public var count: Int { centers.count }
    /// Points in a patch, K.
    public let size: Int
    /// Index into the cloud of each centre. Shape [G].
    public let centerIndices: [Int32]
    /// Coordinates of each centre, in the cloud's unit. Shape [G].
    public let centers: [SIMD3<Float>]
    /// Index into the cloud of each member, nearest first (the centre itself comes first, but for one with more twins than the patch
    /// holds). Shape [G, K].
    public let memberIndices: [Int32]
    /// Members relative to their centre, x y z interleaved. Shape [G, K, 3].
    public var coordinates: [Float]

    public init(
        size: Int, centerIndices: [Int32], centers: [SIMD3<Float>], memberIndices: [Int32], coordinates: [Float]
    ) {
        precondition(centerIndices.count == centers.count && memberIndices.count == centers.count * size)
        precondition(coordinates.count == memberIndices.count * 3)
        self.size = size
        self.centerIndices = centerIndices
        self.centers = centers
        self.memberIndices = memberIndices
        self.coordinates = coordinates
    }
}
