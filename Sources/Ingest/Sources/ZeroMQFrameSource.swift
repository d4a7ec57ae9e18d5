public import FrameProtocol
import Synchronization
public import Threads
public import ZeroMQ

/// Frames from one ZeroMQ socket or several, each received and decoded on a thread of its own.
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
        /// Whose bare arrays are taken as frames; nil refuses them.
        public var arrays: ArrayAdapter.Configuration?
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

    private let receivers: [SocketReceiver]
    private let queue: BoundedQueue<FrameEvent>
    private let shared: SharedReception

    /// Opens the socket and begins to receive.
    public convenience init(context: Context, configuration: Configuration) throws(ZeroMQError) {
        try self.init(context: context, configurations: [configuration])
    }

    /// Opens a socket for each of `configurations` (at least one), which share the queue of the first: when the consumer is
    /// slow all of them are held back.
    public init(context: Context, configurations: [Configuration]) throws(ZeroMQError) {
        precondition(!configurations.isEmpty)
        let queue = BoundedQueue<FrameEvent>(
            capacity: configurations[0].queueFrames, costLimit: configurations[0].queueBytes, cost: { $0.cost })
        let shared = SharedReception(queue: queue, sockets: configurations.count)
        var receivers: [SocketReceiver] = []
        do throws(ZeroMQError) {
            for configuration in configurations {
                receivers.append(try SocketReceiver(context: context, configuration: configuration, shared: shared))
            }
        } catch {
            shared.stopSignal.raise()
            queue.close()
            for receiver in receivers { receiver.join() }
            throw error
        }
        self.receivers = receivers
        self.queue = queue
        self.shared = shared
        name = receivers.map(\.name).joined(separator: ", ")
        endpoint = receivers.map(\.endpoint).joined(separator: ", ")
    }

    deinit { stop() }

    public var counters: IngestCounters { shared.counters.counters }

    public var failure: String? { shared.counters.failure }

    public var heldBack: UInt64 { shared.pressure.total(at: SystemClock().now) }

    /// Who is, and was, connected.
    public var connections: ConnectionWatch.Counts {
        receivers.dropFirst().reduce(into: receivers[0].watch.snapshot) { $0.add($1.watch.snapshot) }
    }

    /// Which scanners were down, and for how long.
    public var sources: [String: SourceTracker.Source] {
        receivers.reduce(into: [:]) { $0.merge($1.presence.sources) { first, _ in first } }
    }

    /// Whether the sockets' threads go on.
    public var progress: [ThreadProgress] { receivers.map(\.progress) }

    /// How full the queue between socket and consumer is, and was.
    public var queueStatistics: QueueStatistics { queue.statistics }
    /// Most frames that it holds.
    public var queueCapacity: Int { queue.capacity }

    public func next(deadline: UInt64?) -> QueueDelivery<FrameEvent> { queue.receive(deadline: deadline) }

    public func stop() {
        shared.stopSignal.raise()
        queue.close()
        for receiver in receivers { receiver.join() }
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

    /// - Parameter discardedParts: those since the event before.
    func record(_ event: FrameEvent, discardedParts: Int = 0) {
        state.withLock { state in
            _ = state.counters.record(event)
            state.counters.discardedParts += discardedParts
        }
    }

    func recordDropped(_ event: FrameEvent) { state.withLock { $0.counters.recordDropped(event) } }

    func recordForeign(_ count: Int) { state.withLock { $0.counters.foreignMessages = count } }

    func fail(_ message: String) { state.withLock { $0.failure = message } }
}
