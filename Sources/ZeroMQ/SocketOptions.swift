import CZeroMQ

/// Everything about a socket that libzmq has a default for which a scanner line cannot live with.
///
/// With libzmq's own high-water marks (1000 messages a side) 500 frames of 1 MB took 532 MB of memory.
public struct SocketOptions: Sendable, Equatable {
    /// Messages held for a peer before a sender waits (PUSH) or drops (PUB).
    public var sendHighWaterMark = 8
    /// Messages held from a peer before it is held back.
    public var receiveHighWaterMark = 8
    /// Largest part accepted, in bytes; a peer that sends a larger one is disconnected. A frame's 64 MiB of points
    /// and a header's 64 KiB.
    public var maximumPartSize = 64 << 20 + 64 << 10
    /// Largest sum of the parts of a message that `receive` returns; what is over it is discarded and counted.
    public var maximumMessageSize = 64 << 20 + 64 << 10
    /// Most parts of a message that `receive` returns; more are discarded and counted.
    public var maximumParts = 16
    /// How long a peer may take over its greeting: a port scanner holds a connection no longer.
    public var handshakeInterval = Duration.seconds(5)
    /// First wait before a connection is tried again, and the most it doubles to.
    public var reconnectInterval = Duration.milliseconds(100)
    public var reconnectIntervalMaximum = Duration.seconds(2)
    /// How long one attempt to connect may take.
    public var connectTimeout = Duration.seconds(2)
    /// How long messages outlive `close()` while they are being sent. Not for PULL and SUB: all that a SUB could
    /// still send are its subscriptions.
    public var linger = Duration.seconds(2)
    /// Quiet time after which a receiver's TCP asks whether the peer is still there, in whole seconds, and by which its silence
    /// is told: two of them without a sign. Senders do not ask so often: `keepaliveIdle`.
    public var heartbeatInterval = Duration.seconds(1)
    /// How long a receiver's questions may stay unanswered by the peer's TCP before it gives the connection up.
    public var deadLinkTimeout = Duration.seconds(5)
    /// Quiet time after which a sender's TCP asks whether the peer is still there, time between the questions of both, and how
    /// many without an answer end a sender's connection.
    public var keepaliveIdle = Duration.seconds(5)
    public var keepaliveInterval = Duration.seconds(1)
    public var keepaliveCount = 3
    /// PUSH: queue only to peers that are connected, so that a sender without one waits instead of filling memory.
    public var immediate = true
    /// Who may connect, and whether it is encrypted.
    public var security = SocketSecurity.none

    public init() {}

    /// Bytes that a peer may send without a message coming of them: as many as can wait here, and two more messages. (libzmq
    /// counts whole messages alone; parts without a last one would fill the memory.)
    var unfinishedLimit: UInt64 {
        UInt64(max(0, maximumMessageSize)) &* UInt64(max(0, receiveHighWaterMark) + 2)
    }

    /// For point-cloud frames: 8 on each side, 64 MiB each at most.
    public static let frames = SocketOptions()

    /// For verdicts: 1000 on each side, as they are small and a slow subscriber should not lose any.
    public static let verdicts: SocketOptions = {
        var options = SocketOptions()
        options.sendHighWaterMark = 1000
        options.receiveHighWaterMark = 1000
        options.maximumPartSize = 16 << 20
        options.maximumMessageSize = 16 << 20
        return options
    }()

    /// Sets every option on a new socket.
    func apply(to socket: UnsafeMutableRawPointer, of kind: Socket.Kind) throws(ZeroMQError) {
        var size = Int64(maximumPartSize)
        guard zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &size, MemoryLayout<Int64>.size) == 0 else {
            throw .last("cannot set ZMQ_MAXMSGSIZE to \(maximumPartSize)")
        }
        let settings: [(name: String, option: Int32, value: Int32)] = [
            ("ZMQ_SNDHWM", ZMQ_SNDHWM, Int32(clamping: sendHighWaterMark)),
            ("ZMQ_RCVHWM", ZMQ_RCVHWM, Int32(clamping: receiveHighWaterMark)),
            ("ZMQ_HANDSHAKE_IVL", ZMQ_HANDSHAKE_IVL, handshakeInterval.milliseconds),
            ("ZMQ_RECONNECT_IVL", ZMQ_RECONNECT_IVL, reconnectInterval.milliseconds),
            ("ZMQ_RECONNECT_IVL_MAX", ZMQ_RECONNECT_IVL_MAX, reconnectIntervalMaximum.milliseconds),
            ("ZMQ_CONNECT_TIMEOUT", ZMQ_CONNECT_TIMEOUT, connectTimeout.milliseconds),
            ("ZMQ_LINGER", ZMQ_LINGER, kind.isReceiver ? 0 : linger.milliseconds),
            // No ZMTP heartbeats: a PING to a scanner that has sent all and gone is answered by RST, and what its kernel had
            // delivered and was not read yet would be lost. TCP's own probes are answered without that.
            ("ZMQ_HEARTBEAT_IVL", ZMQ_HEARTBEAT_IVL, 0),
            ("ZMQ_HEARTBEAT_TTL", ZMQ_HEARTBEAT_TTL, 0),
            ("ZMQ_HEARTBEAT_TIMEOUT", ZMQ_HEARTBEAT_TIMEOUT, 0),
            ("ZMQ_TCP_MAXRT", ZMQ_TCP_MAXRT, kind.isReceiver ? deadLinkTimeout.milliseconds : 0),
            ("ZMQ_TCP_KEEPALIVE", ZMQ_TCP_KEEPALIVE, 1),
            (
                "ZMQ_TCP_KEEPALIVE_IDLE", ZMQ_TCP_KEEPALIVE_IDLE,
                max(1, (kind.isReceiver ? heartbeatInterval : keepaliveIdle).milliseconds / 1000)
            ),
            ("ZMQ_TCP_KEEPALIVE_INTVL", ZMQ_TCP_KEEPALIVE_INTVL, keepaliveInterval.milliseconds / 1000),
            (
                "ZMQ_TCP_KEEPALIVE_CNT", ZMQ_TCP_KEEPALIVE_CNT,
                kind.isReceiver ? max(1, deadLinkTimeout.milliseconds / 1000 - 1) : Int32(clamping: keepaliveCount)
            ),
            ("ZMQ_IMMEDIATE", ZMQ_IMMEDIATE, kind == .push && immediate ? 1 : 0),
        ]
        for setting in settings {
            try Self.set(setting.option, to: setting.value, named: setting.name, on: socket)
        }
        try security.apply(to: socket)
    }

    static func set(
        _ option: Int32, to value: Int32, named name: String, on socket: UnsafeMutableRawPointer
    ) throws(ZeroMQError) {
        var value = value
        guard zmq_setsockopt(socket, option, &value, MemoryLayout<Int32>.size) == 0 else {
            throw .last("cannot set \(name) to \(value)")
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, clamped into `0...Int32.max`.
    fileprivate var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < Int64(Int32.max) / 1000 else { return .max }
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
