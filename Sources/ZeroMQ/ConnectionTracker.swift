import Threads

/// Makes sense of `zmq_socket_monitor`'s events: which peer, refused for what, ended by whom.
///
/// A pure state machine. It leans on the order in which libzmq's I/O thread (one, `Context.init`) reports: a failed greeting
/// is followed at once by the disconnect of its connection. Memory: O(open connections).
struct ConnectionTracker: Sendable {
    /// What happened since the socket was watched.
    private(set) var counts = ConnectionWatch.Counts()

    /// Time without a sign of the peer that counts as silence, ms. Under two heartbeats by as much as looking takes, so that two unanswered
    /// ones are told within two.
    let silence: UInt32
    private let heartbeat: UInt32
    private let heartbeatNanoseconds: UInt64
    private var open: [Int32: Connection] = [:]
    /// A failed greeting whose disconnect is still to come.
    private var failed: ConnectionRefusal?
    /// Connections that the gate refused, and that have not ended yet.
    private var notAdmitted = 0

    private struct Connection: Sendable {
        let peer: String
        /// When its last message came, monotonic ns; nil before the first.
        var lastMessage: UInt64?
        /// Whether it was seen to send heartbeats of its own (ZMTP PING): few do.
        var sendsHeartbeats = false
        /// That it sent something while it sent no message: its last message then, the bytes that had come, and when.
        var hint: (message: UInt64, bytes: UInt64, at: UInt64)?
        var isSilent = false
        /// The last message that was seen when it was looked at, and how many bytes had come by then.
        var seen: (message: UInt64?, bytes: UInt64) = (nil, 0)
        var isEndless = false
    }

    /// Most bytes that heartbeats of a few intervals have: a PING has up to 25 (RFC 37).
    private static let heartbeatBytes: UInt64 = 1024

    /// Bytes of one connection that may come without a message.
    private let unfinishedLimit: UInt64

    /// - Parameters:
    ///   - heartbeat: time between two heartbeats, ms; 0 without them.
    ///   - unfinishedLimit: bytes of one connection that may come without a message.
    init(heartbeat: UInt32, unfinishedLimit: UInt64 = .max) {
        self.heartbeat = heartbeat
        self.unfinishedLimit = unfinishedLimit
        silence = heartbeat / 8 * 13
        heartbeatNanoseconds = UInt64(heartbeat) * 1_000_000
    }

    /// Connections that stand now.
    var connections: some Collection<Int32> { open.keys }

    mutating func opened(_ descriptor: Int32, peer: String) -> ConnectionEvent {
        counts.opened += 1
        open[descriptor] = Connection(peer: peer)
        return ConnectionEvent(.opened, connection: descriptor, peer: peer)
    }

    mutating func greeted(endpoint: String) -> ConnectionEvent {
        counts.greeted += 1
        return ConnectionEvent(.greeted, peer: endpoint)
    }

    /// - Returns: an event where no disconnect follows that tells whose greeting it was.
    mutating func refused(_ refusal: ConnectionRefusal, endpoint: String) -> ConnectionEvent? {
        counts.refused[refusal, default: 0] += 1
        counts.lastRefusal = refusal
        guard case .notAdmitted = refusal else {
            failed = refusal
            return nil
        }
        notAdmitted += 1
        return ConnectionEvent(.refused(refusal), peer: endpoint)
    }

    mutating func disconnected(_ descriptor: Int32, link: PeerLink.State?, endpoint: String) -> ConnectionEvent? {
        counts.closed += 1
        let connection = open.removeValue(forKey: descriptor)
        let peer = connection?.peer ?? endpoint
        if let refusal = failed {
            failed = nil
            return ConnectionEvent(.refused(refusal), connection: descriptor, peer: peer)
        }
        if notAdmitted > 0, connection?.lastMessage == nil {
            notAdmitted -= 1
            return nil
        }
        let end = connection?.isEndless ?? false ? .endlessMessage : end(of: link)
        counts.ended[end, default: 0] += 1
        return ConnectionEvent(.closed(end), connection: descriptor, peer: peer)
    }

    mutating func retried(endpoint: String) -> ConnectionEvent {
        counts.retried += 1
        return ConnectionEvent(.retried, peer: endpoint)
    }

    mutating func failed(_ kind: ConnectionEvent.Kind, endpoint: String) -> ConnectionEvent {
        if case .acceptFailed = kind { counts.acceptsFailed += 1 }
        return ConnectionEvent(kind, peer: endpoint)
    }

    /// Takes note of a message that came over a connection.
    mutating func message(over descriptor: Int32, at time: UInt64) { open[descriptor]?.lastMessage = time }

    /// Looks at what the kernel knows of a connection.
    ///
    /// - Returns: whether the peer fell silent, or was heard again; nil if nothing changed.
    mutating func look(at descriptor: Int32, link: PeerLink.State, now: UInt64) -> ConnectionEvent? {
        guard heartbeat > 0, var connection = open[descriptor] else { return nil }
        defer { open[descriptor] = connection }
        // Only what sends heartbeats goes on sending a few bytes at a time while it sends no message. Once is no sign: the
        // beginning of a frame that is noted in a moment looks the same.
        if let last = connection.lastMessage, now >= last + 2 * heartbeatNanoseconds, link.sinceData <= heartbeat {
            if let hint = connection.hint, hint.message == last {
                let isLater = now >= hint.at + 2 * heartbeatNanoseconds
                let bytes = link.received &- hint.bytes
                if isLater && (1...Self.heartbeatBytes).contains(bytes) { connection.sendsHeartbeats = true }
            } else {
                connection.hint = (last, link.received, now)
            }
        }
        // The kernel of a peer answers TCP's questions also for a program that is held back, or stopped; heartbeats are the
        // program's own, unless what it sent waits here.
        let isStopped = connection.sendsHeartbeats && !link.hasUnread && link.sinceData > silence
        let isSilent = link.isEstablished && (link.sinceAcknowledgement > silence || isStopped)
        guard isSilent != connection.isSilent else { return nil }
        connection.isSilent = isSilent
        if isSilent { counts.silences += 1 }
        return ConnectionEvent(isSilent ? .silent : .heard, connection: descriptor, peer: connection.peer)
    }

    /// Whether a connection sent more than may wait here since its last message: it is to be ended.
    mutating func isEndless(_ descriptor: Int32, link: PeerLink.State) -> Bool {
        guard var connection = open[descriptor], !connection.isEndless else { return false }
        if connection.lastMessage != connection.seen.message {
            connection.seen = (connection.lastMessage, link.received)
        }
        connection.isEndless = link.received > connection.seen.bytes.addingClamped(unfinishedLimit)
        open[descriptor] = connection
        return connection.isEndless
    }

    private func end(of link: PeerLink.State?) -> ConnectionEnd {
        guard let link else { return .byPeer }
        // Neither side had hung up: libzmq did, over what had just come, or as nothing did.
        if link.isEstablished { return link.sinceData < max(silence, 1500) ? .cutOff : .lostLink }
        return heartbeat > 0 && link.sinceAcknowledgement > silence ? .lostLink : .byPeer
    }
}
