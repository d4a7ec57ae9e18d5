/// A frame that was accepted: its header, and its points in millimetres with the pose applied.
public struct Frame: Sendable, Equatable {
    public var header: FrameHeader
    /// [N, 3] in mm, in the cell's coordinates when the header has a pose, else in the sensor's. All finite; in the
    /// order of the records.
    public var points: [SIMD3<Float>]
    /// The field `intensity` of each of `points`, as sent; nil without such a field.
    public var intensities: [Float]?
    /// Records left out because a coordinate was NaN or infinite, or too large for a Float in mm.
    public var droppedNonFinite: Int
    /// Header keys of no known meaning, ignored: `key`, `fields[].key` or `pose.key`, each once, the first 64 of them.
    public var unknownKeys: [String]
    /// Message parts after the third, ignored.
    public var ignoredParts: Int

    public init(
        header: FrameHeader, points: [SIMD3<Float>], intensities: [Float]? = nil, droppedNonFinite: Int = 0,
        unknownKeys: [String] = [], ignoredParts: Int = 0
    ) {
        self.header = header
        self.points = points
        self.intensities = intensities
        self.droppedNonFinite = droppedNonFinite
        self.unknownKeys = unknownKeys
        self.ignoredParts = ignoredParts
    }
}

/// The largest frame that is accepted.
public struct FrameLimits: Sendable, Equatable {
    /// Bytes of the header; the format allows 64 KiB.
    public var headerBytes: Int
    /// Bytes of all parts of the message together.
    public var frameBytes: Int
    /// Records.
    public var points: Int

    public init(headerBytes: Int = 64 << 10, frameBytes: Int = 64 << 20, points: Int = 16_000_000) {
        self.headerBytes = headerBytes
        self.frameBytes = frameBytes
        self.points = points
    }
}
