/// What is known of a part once no more frames of it are waited for: its cloud, and whether that is all of it.
public struct AssembledPart: Sendable {
    public let source: String
    public let session: String
    public let partID: String
    /// Model to use, where the frames named one.
    public let partType: String?
    /// 1 for the first time that this part id was scanned, 2 after it was closed and began anew, and so on.
    public let attempt: Int
    /// Points of all frames in mm, in the order of `frame_index` whatever order they came in.
    public let points: [SIMD3<Float>]
    /// One for each point, if all frames had them.
    public let intensities: [Float]?
    /// Points left out as they were not finite.
    public let droppedPoints: Int
    public let frames: FrameCounts
    /// Sensor's time of the earliest and the latest frame, ns since the Unix epoch; nil if no frame was readable.
    public let captureTimes: ClosedRange<UInt64>?
    /// When the last frame came, ns since the Unix epoch.
    public let receivedUnixNanoseconds: UInt64
    /// From the arrival of the first frame to that of the last, in ns of the monotonic clock.
    public let acquisitionNanoseconds: UInt64
    /// Opaque JSON of the last frame (by `frame_index`) that had any.
    public let user: String?
    /// Why the part is not whole; empty for a whole one.
    public let reasons: [PartReason]
    /// What was wrong with it and is tolerated (`AssemblyLimits.toleratedRefusals`).
    public var remarks: [PartReason] = []
    /// What its frames were: the CRC-32 of each one's points, by `frame_index`.
    public var checksums: [FrameChecksum] = []
    /// When its last frame came, ns of the monotonic clock (of a recording: of its own time).
    public var lastFrameAt: UInt64 = 0
    /// Whether it comes from a recording.
    public var isSimulated = false

    /// Whether anything is missing or in doubt; such a part can only be `not_decidable`.
    public var isPartial: Bool { !reasons.isEmpty }

    /// A frame by its place and content.
    public struct FrameChecksum: Sendable, Equatable {
        public let index: UInt32
        public let crc32: UInt32
    }

    /// Frames of one part.
    public struct FrameCounts: Sendable, Equatable {
        /// Frames whose points are in the part.
        public var received = 0
        /// Frames that there should have been; nil if neither the end nor a `frames_total` was seen.
        public var expected: Int?
        /// Frames that are known to be missing and were not refused either.
        public var missed = 0
        /// Frames that came and were refused.
        public var rejected = 0
        /// Frames that came once more, and were ignored.
        public var repeated = 0
    }
}
