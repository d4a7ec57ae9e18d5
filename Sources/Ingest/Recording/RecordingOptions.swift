/// How a recording is cut into files, and how much of it is kept.
public struct RecordingOptions: Sendable, Equatable {
    /// Where the files go; made if it is not there.
    public var folder: String
    /// A file is at most so large, unless a single message is larger.
    public var rotateBytes = 1_000_000_000
    /// A file holds at most so much time; nil sets no limit.
    public var rotateTime: Duration?
    /// All recordings in the folder together, those of earlier runs included: the oldest files are removed to stay below it.
    /// nil removes nothing.
    public var limitBytes: Int?
    /// The port that the flows of the capture go to, for whoever looks at it.
    public var port: UInt16 = 5600

    public init(folder: String) { self.folder = folder }
}

/// Why a recording cannot begin or go on, in a sentence that says what to do.
public struct RecordingError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case notWritable
        /// No space is left. What was recorded is whole.
        case full
        /// The options contradict each other, or a message is larger than the limit.
        case limit
        /// The socket failed.
        case socket
    }

    public let code: Code
    /// What was expected, what was found, where, and what to do.
    public let message: String

    public var description: String { message }
}
