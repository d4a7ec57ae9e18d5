import CNATS

/// Why something could not be done over NATS.
public struct NATSError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// A file, a URL or a value that cannot be used.
        case configuration
        /// No server is reached at the moment.
        case unreachable
        /// The server does not let us in, or not there.
        case denied
        /// No answer came in time; what was asked for may have been done.
        case timedOut
        /// Nobody answers for the subject: JetStream is off, or the stream is not there.
        case noResponders
        /// JetStream refused, with its own error code (ADR-7; 10059 is a stream that is not there).
        case refused(Int)
        /// What came is not what the protocol says.
        case malformed
        /// Everything else.
        case failed
    }

    public let code: Code
    /// One sentence.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    /// JetStream's codes that callers tell apart.
    public static let streamNotFound = 10059, consumerNotFound = 10014, messageNotFound = 10037
    public static let storageExceeded = 10047, notTheLast = 10071

    /// Whether it may well succeed a little later, with nothing changed.
    public var isTransient: Bool {
        switch code {
        case .unreachable, .timedOut, .noResponders, .failed: true
        case .configuration, .denied, .refused, .malformed: false
        }
    }

    init(_ status: natsStatus, _ doing: String) {
        let text = String(cString: natsStatus_GetText(status))
        switch status {
        case NATS_TIMEOUT: self.init(.timedOut, "\(doing): no answer came in time")
        case NATS_NO_RESPONDERS:
            self.init(
                .noResponders, "\(doing): nobody answers there: is JetStream on (nats-server --jetstream)?")
        case NATS_CONNECTION_AUTH_FAILED, NATS_NOT_PERMITTED:
            self.init(.denied, "\(doing): the server does not permit it (\(text)): look at fleet.credentials_file")
        case NATS_NO_SERVER, NATS_CONNECTION_DISCONNECTED, NATS_CONNECTION_CLOSED, NATS_STALE_CONNECTION,
            NATS_NOT_YET_CONNECTED, NATS_IO_ERROR, NATS_DRAINING:
            self.init(.unreachable, "\(doing): no NATS server is reached (\(text))")
        case NATS_SECURE_CONNECTION_REQUIRED:
            self.init(.configuration, "\(doing): the server wants TLS: say tls:// or fleet.ca_file")
        case NATS_SECURE_CONNECTION_WANTED:
            self.init(.configuration, "\(doing): TLS is asked for, and the server has none")
        case NATS_SSL_ERROR:
            self.init(
                .configuration,
                "\(doing): TLS failed (\(nats_GetLastError(nil).map { String(cString: $0) } ?? text)): look at "
                    + "fleet.ca_file, fleet.certificate_file and fleet.key_file")
        case NATS_MAX_PAYLOAD:
            self.init(.configuration, "\(doing): the message is larger than the server's max_payload")
        default: self.init(.failed, "\(doing): \(text)")
        }
    }
}
