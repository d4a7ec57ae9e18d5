import CZeroMQ
import Glibc
import Synchronization
import Threads

/// Tells who connects to a socket, who is not let in, who ends and who falls silent, so that "nothing arrives" can be told
/// from "nobody is there".
///
/// Made by `Socket.watchConnections()`. Its thread ends when the socket is closed.
public final class ConnectionWatch: Sendable {
    /// What happened to a socket's connections since it was watched.
    public struct Counts: Sendable, Equatable {
        /// Connections that were opened, by peers or to them.
        public var opened = 0
        /// Those of them that spoke ZeroMQ to the end of the greeting.
        public var greeted = 0
        /// Those that did not, by reason.
        public var refused: [ConnectionRefusal: Int] = [:]
        /// Connections that ended, the refused ones included.
        public var closed = 0
        /// Those that ended after their greeting, by how.
        public var ended: [ConnectionEnd: Int] = [:]
        /// Attempts to connect that will be made again: nobody listens.
        public var retried = 0
        /// Connections that the system could not take in: no descriptor is left, for example.
        public var acceptsFailed = 0
        /// Times that a connection that stands fell silent for two heartbeats.
        public var silences = 0
        /// Reason of the last refusal.
        public var lastRefusal: ConnectionRefusal?

        public init() {}

        /// Connections that are open now, one that is still greeting included.
        public var current: Int { max(0, opened - closed) }
        /// Adds what happened to another socket's.
        public mutating func add(_ other: Self) {
            opened += other.opened
            greeted += other.greeted
            refused.merge(other.refused, uniquingKeysWith: +)
            closed += other.closed
            ended.merge(other.ended, uniquingKeysWith: +)
            retried += other.retried
            acceptsFailed += other.acceptsFailed
            silences += other.silences
            lastRefusal = lastRefusal ?? other.lastRefusal
        }

        /// Sum of `refused`.
        public var refusedTotal: Int { refused.values.reduce(0, +) }
    }

    private let tracker: Mutex<ConnectionTracker>
    private let onEvent: @Sendable (ConnectionEvent) -> Void

    init(
        heartbeat: Duration, unfinishedLimit: UInt64 = .max,
        onEvent: @escaping @Sendable (ConnectionEvent) -> Void = { _ in }
    ) {
        tracker = Mutex(
            ConnectionTracker(
                heartbeat: UInt32(clamping: heartbeat.clampedNanoseconds / 1_000_000), unfinishedLimit: unfinishedLimit)
        )
        self.onEvent = onEvent
    }

    public var snapshot: Counts { tracker.withLock { $0.counts } }

    /// Takes note of a message that came over the connection with that descriptor (`Socket.lastOrigin`).
    public func noteMessage(over connection: Int32, at time: UInt64) {
        tracker.withLock { $0.message(over: connection, at: time) }
    }

    /// Reads the monitor's events until it stops, and looks at the standing connections in between.
    fileprivate func run(_ monitor: MonitorSocket) {
        var links: [Int32: PeerLink] = [:]
        let interval = tracker.withLock { $0.silence } / 14
        var nextLook = SystemClock().now
        while true {
            let wait = links.isEmpty || interval == 0 ? -1 : Int(interval)
            switch monitor.next(milliseconds: wait) {
            case .ended: return
            case .event(let event): take(event, &links)
            case .quiet: break
            }
            guard interval > 0, SystemClock().now >= nextLook else { continue }
            look(at: links)
            nextLook = SystemClock().after(.milliseconds(Int(interval)))
        }
    }

    private func take(_ event: MonitorSocket.Event, _ links: inout [Int32: PeerLink]) {
        let descriptor = Int32(bitPattern: event.value)
        let told: ConnectionEvent?
        switch event.number {
        case ZMQ_EVENT_ACCEPTED, ZMQ_EVENT_CONNECTED:
            links[descriptor] = PeerLink(duplicating: descriptor)
            let peer = links[descriptor]?.peer ?? event.endpoint
            told = tracker.withLock { $0.opened(descriptor, peer: peer) }
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: told = tracker.withLock { $0.greeted(endpoint: event.endpoint) }
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            // The handshake timer leaves EAGAIN of the last read behind.
            let refusal = descriptor == EAGAIN ? ConnectionRefusal.slowGreeting : .hungUp
            told = tracker.withLock { $0.refused(refusal, endpoint: event.endpoint) }
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            told = tracker.withLock { $0.refused(.protocolError(event.value), endpoint: event.endpoint) }
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            told = tracker.withLock { $0.refused(.notAdmitted(status: Int(event.value)), endpoint: event.endpoint) }
        case ZMQ_EVENT_DISCONNECTED:
            let link = links.removeValue(forKey: descriptor)?.state
            told = tracker.withLock { $0.disconnected(descriptor, link: link, endpoint: event.endpoint) }
        case ZMQ_EVENT_CONNECT_RETRIED: told = tracker.withLock { $0.retried(endpoint: event.endpoint) }
        case ZMQ_EVENT_ACCEPT_FAILED, ZMQ_EVENT_BIND_FAILED:
            let reason = String(cString: zmq_strerror(descriptor))
            let kind =
                event.number == ZMQ_EVENT_BIND_FAILED
                ? ConnectionEvent.Kind.bindFailed(reason) : .acceptFailed(reason)
            told = tracker.withLock { $0.failed(kind, endpoint: event.endpoint) }
        default: told = nil
        }
        if let told { onEvent(told) }
    }

    private func look(at links: [Int32: PeerLink]) {
        let now = SystemClock().now
        for (descriptor, link) in links {
            guard let state = link.state else { continue }
            if let told = tracker.withLock({ $0.look(at: descriptor, link: state, now: now) }) { onEvent(told) }
            if tracker.withLock({ $0.isEndless(descriptor, link: state) }) { link.hangUp() }
        }
    }
}

extension Socket {
    /// Begins to watch the socket's connections. Call it once, before `bind` or `connect`.
    ///
    /// - Parameter onEvent: is told of each event, on the watch's thread. It must not wait: libzmq waits for it.
    public func watchConnections(
        onEvent: @escaping @Sendable (ConnectionEvent) -> Void = { _ in }
    ) throws(ZeroMQError) -> ConnectionWatch {
        let watch = ConnectionWatch(
            heartbeat: heartbeatInterval, unfinishedLimit: options.unfinishedLimit, onEvent: onEvent)
        let monitor = try MonitorSocket(watching: self)
        // Nobody joins it: it ends with the socket, or with the context.
        _ = JoinableThread(name: "connections") {
            watch.run(monitor)
            monitor.close()
        }
        return watch
    }
}
