extension AssembledPart {
    /// A part that came as one whole rather than in frames: from a file, or made by a program.
    ///
    /// - Parameter points: mm.
    public init(source: String, session: String, partID: String, partType: String?, points: [SIMD3<Float>]) {
        self.init(
            source: source, session: session, partID: partID, partType: partType, attempt: 1, points: points,
            intensities: nil, droppedPoints: 0,
            frames: FrameCounts(received: 1, expected: 1, missed: 0, rejected: 0, repeated: 0), captureTimes: nil,
            receivedUnixNanoseconds: 0, acquisitionNanoseconds: 0, user: nil, reasons: [])
    }
}

extension AssembledPart {
    /// A whole part that another process assembled.
    ///
    /// - Parameter points: mm.
    public init(
        source: String, session: String, partID: String, partType: String?, attempt: Int, points: [SIMD3<Float>],
        droppedPoints: Int, frames: FrameCounts, captureTimes: ClosedRange<UInt64>?, receivedUnixNanoseconds: UInt64,
        acquisitionNanoseconds: UInt64, user: String?
    ) {
        self.init(
            source: source, session: session, partID: partID, partType: partType, attempt: attempt, points: points,
            intensities: nil, droppedPoints: droppedPoints, frames: frames, captureTimes: captureTimes,
            receivedUnixNanoseconds: receivedUnixNanoseconds, acquisitionNanoseconds: acquisitionNanoseconds,
            user: user,
            reasons: [])
    }
}

extension AssembledPart.FrameCounts {
    public init(received: Int, expected: Int?, missed: Int, rejected: Int) {
        self.init(received: received, expected: expected, missed: missed, rejected: rejected, repeated: 0)
    }
}

extension AssembledPart.FrameChecksum {
    public init(_ index: UInt32, crc32: UInt32) { self.init(index: index, crc32: crc32) }
}
