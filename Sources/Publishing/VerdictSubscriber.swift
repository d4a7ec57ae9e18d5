public import Threads
public import ZeroMQ

/// Receives verdicts and heartbeats from a `VerdictPublisher`, and says what was lost.
///
/// Belongs to one thread.
public final class VerdictSubscriber {
    /// What it is made from.
    public struct Configuration: Sendable {
        public var endpoint: String
        /// Only this line; all if nil.
        public var line: String?
        /// Only this station of the line; all if nil.
        public var station: String?
        /// Only this evaluation of the station: then gaps cannot be seen.
        public var evaluation: String?
        /// How long without a heartbeat is silence.
        public var staleAfter = Duration.seconds(3)
        public var options = SocketOptions.verdicts

        public init(endpoint: String) { self.endpoint = endpoint }
    }

    private let socket: Socket
    private let clock = SystemClock()
    private var tracker: VerdictTracker
    private var ready: [VerdictEvent] = []

    /// Subscribes and connects; the publisher may begin later.
    public init(context: Context, configuration: Configuration) throws(PublishingError) {
        let prefixes = try Self.prefixes(configuration)
        tracker = VerdictTracker(
            staleAfter: configuration.staleAfter, seesAllEvaluations: configuration.evaluation == nil, at: clock.now)
        do throws(ZeroMQError) {
            socket = try Socket(.sub, context: context, options: configuration.options)
            // Verdicts first: a heartbeat that is seen then vouches for every verdict after it.
            for prefix in prefixes { try socket.subscribe(prefix) }
            try socket.connect(configuration.endpoint)
        } catch {
            throw PublishingError(error)
        }
    }

    /// The next event, waiting until there is one.
    ///
    /// - Parameters:
    ///   - deadline: monotonic ns, nil for ever.
    ///   - stop: ends the wait.
    /// - Returns: nil after the deadline or the signal.
    public func next(
        deadline: UInt64? = nil, unless stop: StopSignal? = nil
    ) throws(PublishingError) -> VerdictEvent? {
        while ready.isEmpty {
            let wake = [deadline, tracker.nextDeadline].compactMap { $0 }.min()
            let message: [[UInt8]]?
            do throws(ZeroMQError) {
                message = try socket.receive(deadline: wake, unless: stop)
            } catch {
                throw PublishingError(error)
            }
            let now = clock.now
            if let message {
                ready += tracker.receive(message.first ?? [], at: now)
            } else {
                if stop?.isRaised ?? false { return nil }
                ready += tracker.expire(at: now)
                if ready.isEmpty, let deadline, now >= deadline { return nil }
            }
        }
        return ready.removeFirst()
    }

    /// Leaves the publisher.
    public func close() { socket.close() }

    private static func prefixes(_ configuration: Configuration) throws(PublishingError) -> [String] {
        var place = ""
        if let line = configuration.line {
            try VerdictTopic.check("line", line)
            place = "\(line)/"
        }
        guard let station = configuration.station else {
            guard configuration.evaluation == nil else {
                throw PublishingError(
                    code: .invalidName, message: "a subscription to one evaluation needs a line and a station")
            }
            return [VerdictTopic.verdictPrefix + place, VerdictTopic.heartbeatPrefix + place]
        }
        try VerdictTopic.check("station", station)
        guard configuration.line != nil else {
            throw PublishingError(code: .invalidName, message: "a subscription to one station needs its line")
        }
        if let evaluation = configuration.evaluation { try VerdictTopic.check("evaluation", evaluation) }
        // The space ends the last word, so that `st1` does not take in `st10`.
        let verdicts = place + station + "/" + (configuration.evaluation.map { $0 + " " } ?? "")
        return [VerdictTopic.verdictPrefix + verdicts, VerdictTopic.heartbeatPrefix + place + station + " "]
    }
}
