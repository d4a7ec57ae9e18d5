import CZeroMQ
public import Threads

/// A ZeroMQ socket with every limit set by construction.
///
/// It belongs to one thread at a time: it is not `Sendable`, and `JoinableThread.init(name:owning:_:)` hands it over.
public final class Socket {
    /// What a socket does with its messages.
    public enum Kind: String, Sendable {
        /// Sends each message to one of its peers, waits while all are full, and so loses none.
        case push
        /// Receives from all its peers in turn, and holds them back.
        case pull
        /// Sends each message to all peers that subscribed to its prefix, and drops it for those that are full.
        case pub
        /// As `pub`, and receives the subscriptions.
        case xpub
        /// Receives what it subscribed to.
        case sub
        /// Receives from all its peers with their identity before each message, and sends to the one that is named.
        case router
        /// Sends to its peers in turn, and receives from all of them.
        case dealer
    }

    public let kind: Kind
    public let options: SocketOptions
    /// What `receive` threw away since the socket was made.
    public internal(set) var discarded = Discarded()
    /// What of that belonged to the message that `receive` returned last.
    public internal(set) var lastDiscarded = Discarded()
    /// Whom the message came from that `receive` returned last.
    public internal(set) var lastOrigin = Origin()

    /// Whom a message came from, as far as libzmq tells.
    public struct Origin: Sendable, Equatable {
        /// The descriptor of its connection, as `ConnectionEvent` names it; -1 where there is none.
        public var connection: Int32 = -1
        /// The name of its key on the allow-list, where it had to show one.
        public var user: String?
    }

    /// Parts over the limits of `SocketOptions`, and the messages that they were in.
    public struct Discarded: Sendable, Equatable {
        public var messages = 0, parts = 0, bytes = 0
    }

    let context: Context
    /// Time between two signs that are expected of a peer; zero for a sender, whose peers owe none.
    var heartbeatInterval: Duration { kind.isReceiver ? options.heartbeatInterval : .zero }
    private var handle: UnsafeMutableRawPointer?

    /// Makes a socket that is neither bound nor connected.
    public init(_ kind: Kind, context: Context, options: SocketOptions) throws(ZeroMQError) {
        self.kind = kind
        self.context = context
        self.options = options
        let handle = try context.makeSocket(type: kind.type)
        self.handle = handle
        try options.apply(to: handle, of: kind)
    }

    deinit { close() }

    /// Closes the socket. Messages on their way go on for the linger time, as long as the context lives.
    public func close() {
        guard let handle else { return }
        zmq_close(handle)
        self.handle = nil
    }

    /// Calls `body` with the open handle, and keeps the socket alive for as long.
    func withHandle<Result>(
        _ body: (UnsafeMutableRawPointer) throws(ZeroMQError) -> Result
    ) throws(ZeroMQError) -> Result {
        guard let handle else {
            throw ZeroMQError(code: .terminated, message: "the \(kind.rawValue.uppercased()) socket is closed")
        }
        defer { withExtendedLifetime(self) {} }
        return try body(handle)
    }
}

extension Socket.Kind {
    var isReceiver: Bool { self == .pull || self == .sub }

    fileprivate var type: Int32 {
        switch self {
        case .push: ZMQ_PUSH
        case .pull: ZMQ_PULL
        case .pub: ZMQ_PUB
        case .xpub: ZMQ_XPUB
        case .sub: ZMQ_SUB
        case .router: ZMQ_ROUTER
        case .dealer: ZMQ_DEALER
        }
    }
}

extension JoinableThread {
    /// Starts a thread that owns `socket` from now on, and closes it at the end of `body`.
    public convenience init(
        name: String, owning socket: sending Socket, _ body: @escaping @Sendable (Socket) -> Void
    ) {
        let owned = Handover(socket: socket)
        self.init(name: name) {
            body(owned.socket)
            owned.socket.close()
        }
    }
}

/// Carries a socket to the thread that owns it. The caller gave it up (`sending`), and starting a thread is the full
/// fence that libzmq asks for.
private struct Handover: @unchecked Sendable {
    let socket: Socket
}
