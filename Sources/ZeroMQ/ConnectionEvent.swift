import CZeroMQ

/// Something that happened to a socket's connections.
public struct ConnectionEvent: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// A peer connected, or was connected to. It has not said yet that it speaks ZeroMQ.
        case opened
        /// A peer spoke ZeroMQ to the end of the greeting. libzmq does not say which.
        case greeted
        case refused(ConnectionRefusal)
        /// A connection ended after its greeting.
        case closed(ConnectionEnd)
        /// Nothing was heard of a peer for two heartbeats; the connection stands.
        case silent
        /// It was heard again.
        case heard
        /// An attempt to connect failed, and will be made again.
        case retried
        /// The system refused a connection that came in, or an address to listen at: why.
        case acceptFailed(String), bindFailed(String)
    }

    public let kind: Kind
    /// The connection's descriptor, for as long as it stands; nil where libzmq does not tell.
    public let connection: Int32?
    /// The peer's address and port, or the endpoint where it is not known.
    public let peer: String

    public init(_ kind: Kind, connection: Int32? = nil, peer: String) {
        self.kind = kind
        self.connection = connection
        self.peer = peer
    }
}

/// Why a peer was not let in.
public enum ConnectionRefusal: Sendable, Hashable, CustomStringConvertible {
    /// It hung up within the greeting: a port scan, or another protocol.
    case hungUp
    /// It did not finish its greeting in time.
    case slowGreeting
    /// It broke the protocol: libzmq's name of the fault.
    case brokeProtocol(String)
    /// The gate did not admit it: the ZAP status, 300, 400 or 500.
    case notAdmitted(status: Int)

    public var description: String {
        switch self {
        case .hungUp: "hung up before it had greeted as ZeroMQ does: another protocol, or a port scan"
        case .slowGreeting: "did not greet as ZeroMQ does in time"
        case .brokeProtocol("mechanism mismatch"):
            "wants another security mechanism (CURVE on one side only?)"
        case .brokeProtocol(let name): "breaks the ZeroMQ protocol: \(name)"
        case .notAdmitted(let status): "was not admitted (ZAP status \(status))"
        }
    }

    /// What `ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL` means by a value (zmq.h, `ZMQ_PROTOCOL_ERROR_*`).
    static func protocolError(_ value: UInt32) -> ConnectionRefusal {
        .brokeProtocol(names[Int32(bitPattern: value)] ?? "error \(String(value, radix: 16))")
    }

    private static let names: [Int32: String] = [
        ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED: "unspecified",
        ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND: "unexpected command",
        ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE: "invalid sequence",
        ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE: "key exchange",
        ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED: "malformed command",
        ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE: "malformed MESSAGE",
        ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO: "malformed HELLO",
        ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE: "malformed INITIATE",
        ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR: "malformed ERROR",
        ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY: "malformed READY",
        ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME: "malformed WELCOME",
        ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA: "invalid metadata",
        ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC: "cryptographic (another server key?)",
        ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH: "mechanism mismatch",
        ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED: "ZAP unspecified",
        ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY: "ZAP malformed reply",
        ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID: "ZAP bad request id",
        ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION: "ZAP bad version",
        ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE: "ZAP invalid status code",
        ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA: "ZAP invalid metadata",
    ]
}

/// How a connection ended after its greeting.
public enum ConnectionEnd: Sendable, Hashable, CustomStringConvertible {
    /// The peer hung up.
    case byPeer
    /// libzmq hung up: a message part over `ZMQ_MAXMSGSIZE`, or bytes that are no ZMTP. It reports both as nothing but a
    /// disconnect; that the peer had not hung up and had just sent something tells them apart from the others.
    case cutOff
    /// Nothing came back for `SocketOptions.deadLinkTimeout`.
    case lostLink
    /// We did: what it sent was more than every message that may wait here, and no message had come to its end. libzmq counts
    /// whole messages alone, and would hold the parts of one without end in memory.
    case endlessMessage

    public var description: String {
        switch self {
        case .byPeer: "hung up"
        case .cutOff: "was cut off: a message part over the maximum, or bytes that are no ZMTP"
        case .lostLink: "was given up: nothing came back any more"
        case .endlessMessage: "was cut off: a message without end"
        }
    }
}
