public import FrameProtocol
import Synchronization
public import Threads
public import ZeroMQ

/// Frames from a ZeroMQ socket, received and decoded on a thread of its own.
///
/// When the consumer is slow the queue fills, then the socket: a PUSH publisher is held back and loses nothing; a PUB
/// publisher drops, and the gap is counted.
public final class ZeroMQFrameSource: FrameSource {
    /// How publishers and monitor find each other.
    public enum Mode: Sendable, Equatable {
        /// PULL: the monitor listens, scanners PUSH-connect.
        case bind(String)
        /// SUB: the scanner listens, the monitor connects.
        case connect(String)
    }

    /// What it is made from.
    public struct Configuration: Sendable {
        public var mode: Mode
        /// Whether other machines may connect without encryption.
        public var allowInsecure = false
        /// Frames decoded and not yet taken.
        public var queueFrames = 8
        /// Bytes of frames decoded and not yet taken; one larger frame is still let through.
        public var queueBytes = 512 << 20
        public var limits = FrameLimits()
        public var options = SocketOptions.frames
        /// What a SUB socket asks for: the topics of all sources, or `pcf/1/<source>` for those that begin so.
        public var topicPrefix = FrameHeader.schema + "/"
        /// What frames are stamped with; deadlines do not run on it.
        public var wallClock: any WallClock = SystemWallClock()
        /// Are told of connections and of scanners that are down or up again, on threads that must not wait.
        public var onConnection: @Sendable (ConnectionEvent) -> Void = { _ in }
        public var onAlert: @Sendable (SourceAlert) -> Void = { _ in }

        public init(mode: Mode) { self.mode = mode }
    }

    public let name: String
    /// Where it listens, with the port in place of 0, or what it connects to.
    public let endpoint: String
    public let isSimulated = false

    private let watch: ConnectionWatch
    private let presence: SourcePresence
    private let queue: BoundedQueue<FrameEvent>
    private let stopSignal = StopSignal()
    private let shared: SharedCounters
    private let pressure = BackPressure()
    private let thread: JoinableThread

    /// Opens the socket and begins to receive.
    public init(context: Context, configuration: Configuration) throws(ZeroMQError) {
        let socket: Socket
        let presence = SourcePresence(configuration)
        self.presence = presence
        switch configuration.mode {
        case .bind(let address):
            socket = try Socket(.pull, context: context, options: configuration.options)
            watch = try socket.watchConnections { presence.note($0) }
            endpoint = try socket.bind(address, allowInsecure: configuration.allowInsecure)
            name = "PULL \(endpoint)"
        case .connect(let address):
            socket = try Socket(.sub, context: context, options: configuration.options)
            watch = try socket.watchConnections { presence.note($0) }
            try socket.subscribe(configuration.topicPrefix)
            try socket.connect(address)
            endpoint = address
            name = "SUB \(address)"
        }
        queue = BoundedQueue(
            capacity: configuration.queueFrames, costLimit: configuration.queueBytes, cost: { $0.cost })
        shared = SharedCounters()
        let decoder = FrameDecoder(limits: configuration.limits)
        let wallClock = configuration.wallClock
        thread = JoinableThread(name: "frames", owning: socket) { [queue, stopSignal, shared, watch, pressure] socket in
            do throws(ZeroMQError) {
                while let parts = try socket.receive(unless: stopSignal) {
                    let now = SystemClock().now, heldBack = pressure.total(at: now)
                    let event = FrameEvent(
                        parts: parts, discardedBytes: socket.lastDiscarded.bytes, decoder: decoder,
                        time: now &- heldBack, unixNanoseconds: wallClock.unixNanoseconds, heldBack: heldBack)
                    watch.noteMessage(over: socket.lastOrigin.connection, at: now)
                    presence.note(event, over: socket.lastOrigin.connection, at: now)
                    shared.record(event, discardedParts: socket.discarded.parts)
                    guard pressure.measure({ queue.send(event) }) == .accepted else {
                        shared.recordDropped(event)
                        break
                    }
                }
            } catch {
                if error.code != .terminated { shared.fail(error.message) }
            }
            queue.close()
        }
    }

    deinit { stop() }

    public var counters: IngestCounters { shared.counters }

    public var failure: String? { shared.failure }

    public var heldBack: UInt64 { pressure.total(at: SystemClock().now) }

    /// Who is, and was, connected.
    public var connections: ConnectionWatch.Counts { watch.snapshot }

    /// Which scanners were down, and for how long.
    public var sources: [String: SourceTracker.Source] { presence.sources }

    /// How full the queue between socket and consumer is, and was.
    public var queueStatistics: QueueStatistics { queue.statistics }
    /// Most frames that it holds.
    public var queueCapacity: Int { queue.capacity }

    public func next(deadline: UInt64?) -> QueueDelivery<FrameEvent> { queue.receive(deadline: deadline) }

    public func stop() {
        stopSignal.raise()
        queue.close()
        thread.join()
    }
}

/// Joins what the connections' thread and the frames' thread see of a scanner.
private final class SourcePresence: Sendable {
    private let tracker: Mutex<SourceTracker>
    private let wallClock: any WallClock
    private let onConnection: @Sendable (ConnectionEvent) -> Void
    private let onAlert: @Sendable (SourceAlert) -> Void

    init(_ configuration: ZeroMQFrameSource.Configuration) {
        var endpoint: String?
        if case .connect(let address) = configuration.mode { endpoint = address }
        tracker = Mutex(SourceTracker(endpoint: endpoint))
        wallClock = configuration.wallClock
        onConnection = configuration.onConnection
        onAlert = configuration.onAlert
    }

    var sources: [String: SourceTracker.Source] { tracker.withLock { $0.sources } }

    func note(_ event: ConnectionEvent) {
        onConnection(event)
        let unixTime = wallClock.unixNanoseconds
        tracker.withLock { $0.connection(event, at: SystemClock().now, unixTime: unixTime) }.forEach(onAlert)
    }

    func note(_ event: FrameEvent, over connection: Int32, at time: UInt64) {
        // Whoever sends what is no frame is not known by the name that it gives itself.
        guard case .frame(let frame) = event.content else { return }
        let alert = tracker.withLock {
            $0.frame(of: frame.header.source, over: connection, at: time, unixTime: event.unixNanoseconds)
        }
        if let alert { onAlert(alert) }
    }
}

/// For how long the frames' thread could not hand on what it had.
private final class BackPressure: Sendable {
    private let state = Mutex((total: UInt64(0), since: UInt64?.none))

    /// Runs `body`, and counts the time that it takes.
    func measure<Value>(_ body: () -> Value) -> Value {
        let start = SystemClock().now
        state.withLock { $0.since = start }
        let value = body()
        let end = SystemClock().now
        state.withLock { $0 = ($0.total &+ (end &- start), nil) }
        return value
    }

    /// All of it up to `now`, ns.
    func total(at now: UInt64) -> UInt64 {
        state.withLock { state in state.total &+ (state.since.map { now > $0 ? now &- $0 : 0 } ?? 0) }
    }
}

/// Counters that one thread writes and others read.
final class SharedCounters: Sendable {
    private let state = Mutex(State())

    private struct State: Sendable {
        var counters = IngestCounters()
        var failure: String?
    }

    var counters: IngestCounters { state.withLock { $0.counters } }

    var failure: String? { state.withLock { $0.failure } }

    func record(_ event: FrameEvent, discardedParts: Int = 0) {
        state.withLock { state in
            _ = state.counters.record(event)
            state.counters.discardedParts = discardedParts
        }
    }

    func recordDropped(_ event: FrameEvent) { state.withLock { $0.counters.recordDropped(event) } }

    func recordForeign(_ count: Int) { state.withLock { $0.counters.foreignMessages = count } }

    func fail(_ message: String) { state.withLock { $0.failure = message } }
}
