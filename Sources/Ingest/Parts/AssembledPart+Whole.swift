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
