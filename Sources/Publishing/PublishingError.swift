public import FrameProtocol
public import ZeroMQ

/// Why verdicts cannot be published or subscribed to, in a sentence that says what to do.
public struct PublishingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a program may tell apart.
    public enum Code: Sendable, Equatable {
        /// A line, station, evaluation or epoch that would break the topic.
        case invalidName
        case socket(ZeroMQError.Code)
        /// A replay socket does not answer as asked.
        case refused(ReplayRefusal.Reason)
    }

    public let code: Code
    /// What was expected, what was found, where, and what to do.
    public let message: String

    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: ZeroMQError) { self.init(code: .socket(error.code), message: error.message) }

    public var description: String { message }
}
