/// Why a capture cannot be read or replayed, in a sentence that says what to do.
public struct CaptureError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case noSuchFile, notReadable, empty, notACapture, compressed
        /// The file is damaged in its middle, or of a kind that libpcap gives up on.
        case damaged
        /// Nothing in it is a frame.
        case noFrames
        /// The frames could not be sent on.
        case notDelivered
    }

    public let code: Code
    /// What was expected, what was found, where, and what to do.
    public let message: String

    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
