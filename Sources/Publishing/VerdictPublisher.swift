import Synchronization
public import Threads
public import ZeroMQ

/// Publishes verdicts and a heartbeat on a PUB socket, from a thread of its own.
///
/// PUB never waits for a subscriber: one that is more than the high-water mark behind loses messages, and sees it by
/// the `seq` of the next verdict or heartbeat. The journal is what loses nothing.
public final class VerdictPublisher: Sendable {
    /// What it is made from.
    public struct Configuration: Sendable {
        public var endpoint: String
        /// Whether other machines may subscribe without encryption.
        public var allowInsecure = false
        public var line: String
        public var station: String
        /// The journal that `seq` counts in.
        public var epoch: String
        /// The last `seq` of the journal when publishing begins.
        public var head: UInt64 = 0
        public var heartbeatInterval = Duration.seconds(1)
        /// Verdicts accepted and not yet given to the socket.
        public var queueCapacity = 1000
        public var options = SocketOptions.verdicts
        /// Whether verdicts can be stored; each heartbeat says so.
        public var isReady: @Sendable () -> Bool = { true }
        /// Is told after each heartbeat which verdict was the last to be given to the socket before it.
        public var didPublish: @Sendable (_ seq: UInt64) -> Void = { _ in }

        public init(endpoint: String, line: String, station: String, epoch: String) {
            self.endpoint = endpoint
            self.line = line
            self.station = station
            self.epoch = epoch
        }
    }

    /// What was published.
    public struct Statistics: Sendable, Equatable {
        public var verdicts = 0, heartbeats = 0, bytes = 0
        /// Why publishing ended before `stop()`, if it did.
        public var failure: String?
    }

    /// Where it listens, with the port in place of 0.
    public let endpoint: String

    /// Whether its thread goes on.
    public let progress = ThreadProgress("verdicts")

    private let station: VerdictTopic.Station
    private let queue: BoundedQueue<Outgoing>
    private let counted: Counted
    private let thread: JoinableThread

    private struct Outgoing: Sendable {
        let seq: UInt64
        let message: [UInt8]
    }

    /// Opens the socket and sends the first heartbeat.
    public init(context: Context, configuration: Configuration) throws(PublishingError) {
        try VerdictTopic.check("line", configuration.line)
        try VerdictTopic.check("station", configuration.station)
        try VerdictTopic.check("epoch", configuration.epoch)
        let socket: Socket
        do throws(ZeroMQError) {
            socket = try Socket(.pub, context: context, options: configuration.options)
            endpoint = try socket.bind(configuration.endpoint, allowInsecure: configuration.allowInsecure)
        } catch {
            throw PublishingError(error)
        }
        let station = VerdictTopic.Station(line: configuration.line, station: configuration.station)
        let queue = BoundedQueue<Outgoing>(capacity: configuration.queueCapacity)
        let counted = Counted()
        self.station = station
        self.queue = queue
        self.counted = counted
        thread = JoinableThread(name: "verdicts", owning: socket) { [progress] socket in
            do throws(ZeroMQError) {
                try Self.run(socket, queue, counted, Heart(configuration, station), noting: progress)
            } catch {
                counted.fail(error.message)
            }
            queue.close(discarding: true)
            progress.end()
        }
    }

    deinit { stop() }

    /// Publishes a verdict, waiting while the queue is full.
    ///
    /// - Parameters:
    ///   - seq: its place in the journal; verdicts are given in the order of `seq`.
    ///   - evaluation: `ok`, `not_ok`, `not_decidable` or `undefined`.
    ///   - json: the verdict's JSON text, sent as it is.
    /// - Returns: false after `stop()` or a failure (see `statistics`).
    @discardableResult
    public func publish(seq: UInt64, evaluation: String, json: [UInt8]) throws(PublishingError) -> Bool {
        try VerdictTopic.check("evaluation", evaluation)
        let topic = VerdictTopic.verdict(station, evaluation: evaluation).text
        let message = Array(topic.utf8) + [UInt8(ascii: " ")] + json
        return queue.send(Outgoing(seq: seq, message: message)) == .accepted
    }

    public var statistics: Statistics { counted.state.withLock { $0 } }

    /// Publishes what was accepted and a last heartbeat, and closes the socket; both go on for its linger time.
    public func stop() {
        queue.close()
        thread.join()
    }

    private static func run(
        _ socket: Socket, _ queue: BoundedQueue<Outgoing>, _ counted: Counted, _ heart: consuming Heart,
        noting progress: ThreadProgress
    ) throws(ZeroMQError) {
        var nextBeat = SystemClock().now
        while true {
            switch queue.receive(deadline: nextBeat, noting: progress) {
            case .element(let outgoing):
                // A PUB socket takes every message at once, and drops it for those that are full.
                _ = try socket.send([outgoing.message])
                heart.head = max(heart.head, outgoing.seq)
                heart.sent = outgoing.seq
                counted.verdict(bytes: outgoing.message.count)
                guard SystemClock().now >= nextBeat else { continue }
            case .timedOut:
                break
            case .closed:
                try heart.beat(socket, counted)
                return
            }
            try heart.beat(socket, counted)
            nextBeat = SystemClock().after(heart.interval)
        }
    }

    /// What a heartbeat says.
    private struct Heart: Sendable {
        let topic: String
        let epoch: String
        let interval: Duration
        let isReady: @Sendable () -> Bool
        let didPublish: @Sendable (UInt64) -> Void
        var head: UInt64
        /// The last verdict that this process gave to the socket: what the journal held before need not be among them.
        var sent: UInt64?

        init(_ configuration: Configuration, _ station: VerdictTopic.Station) {
            topic = VerdictTopic.heartbeat(station).text
            epoch = configuration.epoch
            interval = configuration.heartbeatInterval
            isReady = configuration.isReady
            didPublish = configuration.didPublish
            head = configuration.head
        }

        func beat(_ socket: Socket, _ counted: Counted) throws(ZeroMQError) {
            // The epoch is a name: nothing in it needs an escape.
            let time = SystemClock.unixNanoseconds
            let text = #"\#(topic) {"epoch":"\#(epoch)","seq":\#(head),"t_ns":\#(time),"ready":\#(isReady())}"#
            _ = try socket.send([Array(text.utf8)])
            counted.state.withLock { $0.heartbeats += 1 }
            if let sent { didPublish(sent) }
        }
    }

    private final class Counted: Sendable {
        let state = Mutex(Statistics())

        func verdict(bytes: Int) {
            state.withLock { state in
                state.verdicts += 1
                state.bytes += bytes
            }
        }

        func fail(_ message: String) { state.withLock { $0.failure = message } }
    }
}
