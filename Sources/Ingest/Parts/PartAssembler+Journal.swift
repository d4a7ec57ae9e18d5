/// What a journal needs to give each part exactly one verdict, across restarts.
extension PartAssembler {
    /// A part of which the first frame was just seen.
    public struct Opening: Sendable, Equatable {
        public let source: String
        public let session: String
        public let partID: String
        public let attempt: Int
        /// As far as the first frame tells; nil and 0 where it was refused.
        public let partType: String?
        public let captureNanoseconds: UInt64
        /// Whether it comes from a recording; `PartStream` knows.
        public var isSimulated = false

        public init(
            source: String, session: String, partID: String, attempt: Int, partType: String? = nil,
            captureNanoseconds: UInt64 = 0
        ) {
            self.source = source
            self.session = session
            self.partID = partID
            self.attempt = attempt
            self.partType = partType
            self.captureNanoseconds = captureNanoseconds
        }
    }

    /// Returns the parts opened since it was called last.
    public mutating func takeOpenings() -> [Opening] {
        defer { openings = [] }
        return openings
    }

    /// Takes note of a part that was closed before this assembler was made: frames of it are late, and when it begins
    /// anew that is its next attempt.
    public mutating func remember(_ part: Opening) {
        guard admitSource(part.source, at: 0) else { return }
        _ = sources[part.source]?.history.noteSession(part.session)
        sources[part.source]?.history.noteClosed(
            part.partID,
            SourceHistory.ClosedPart(
                attempt: part.attempt, session: part.session, highestSequence: nil, wasEnded: true))
    }
}
