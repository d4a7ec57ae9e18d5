import FrameProtocol
public import Threads
public import ZeroMQ

/// Every verdict of a station once and in order: live ones from PUB, those that did not come from the replay socket.
///
/// A gap is seen by the next verdict's number or by the heartbeat's, which comes every second. Belongs to one thread.
public final class VerdictFollower {
    /// What it is made from.
    public struct Configuration: Sendable {
        /// Where the monitor publishes, and the keys; its `evaluation` is not used, as gaps could not be told from what it leaves out.
        public var live: VerdictSubscriber.Configuration
        /// The monitor's replay socket, reached with the keys of `live`.
        public var replay: String
        /// A name under which the monitor remembers how far this consumer has come.
        public var consumer: String?
        /// Where to begin; nil after the consumer's cursor, or for one that is new with the first verdict kept.
        public var from: UInt64?

        public init(live: VerdictSubscriber.Configuration, replay: String) {
            self.live = live
            self.replay = replay
        }
    }

    /// What comes.
    public enum Event: Sendable {
        /// The next verdict. `isReplayed`: it came from the journal.
        case verdict(StoredVerdict, isReplayed: Bool)
        /// Verdicts did not come live: those from `seq` on are asked for now.
        case behind(seq: UInt64)
        /// Verdicts that the journal does not keep any more.
        case removed(ClosedRange<UInt64>)
        /// Verdicts that are in the journal, but not as they were written.
        case unreadable(ClosedRange<UInt64>)
        /// Everything else that a subscriber sees; gaps do not occur.
        case live(VerdictEvent)
    }

    private let subscriber: VerdictSubscriber
    private let client: ReplayClient
    private let configuration: Configuration
    private var ready: [Event] = []
    private var epoch: String?
    private var next: UInt64?
    private var isBehind = true
    private var acknowledged: UInt64 = 0
    /// The epoch of the last verdict that was handed out: an acknowledgement is of that one, not of its successor.
    private var deliveredEpoch: String?

    /// Subscribes first, then catches up: nothing falls in between.
    public init(context: Context, configuration: Configuration) throws(PublishingError) {
        if let consumer = configuration.consumer { try VerdictTopic.check("consumer", consumer) }
        var live = configuration.live
        live.evaluation = nil
        self.configuration = configuration
        subscriber = try VerdictSubscriber(context: context, configuration: live)
        client = try ReplayClient(
            context: context, endpoint: configuration.replay, security: configuration.live.options.security)
        next = configuration.from
    }

    /// The next event, waiting until there is one; nil when `stop` is raised.
    public func next(unless stop: StopSignal) throws(PublishingError) -> Event? {
        while ready.isEmpty {
            if isBehind {
                if try catchUp(unless: stop) { continue }
                if stop.isRaised { return nil }
                // No answer yet: what the subscriber sees of it, a monitor that is silent for example, is told meanwhile.
                if let event = try subscriber.next(deadline: SystemClock().now, unless: stop) { take(event) }
                continue
            }
            guard let event = try subscriber.next(unless: stop) else { return nil }
            take(event)
        }
        let event = ready.removeFirst()
        // `epoch` changes only while nothing is ready.
        if case .verdict = event { deliveredEpoch = epoch }
        return event
    }

    /// Whether nothing is at hand without waiting: the time to acknowledge.
    public var isDrained: Bool { ready.isEmpty }

    /// Tells the monitor that everything up to `seq` is done. Without a consumer's name it does nothing.
    ///
    /// - Returns: false if the monitor does not answer: acknowledge again, or later ones beside it. Verdicts of a journal
    ///   that was set aside meanwhile need no acknowledgement.
    @discardableResult
    public func acknowledge(through seq: UInt64, unless stop: StopSignal) throws(PublishingError) -> Bool {
        guard let consumer = configuration.consumer, let epoch, epoch == deliveredEpoch, seq > acknowledged else {
            return true
        }
        do throws(PublishingError) {
            guard try client.acknowledge(consumer, through: seq, epoch: epoch, unless: stop) else { return false }
            acknowledged = seq
        } catch  where error.code == .refused(.unknownEpoch) {
            // The journal was set aside meanwhile: the next answer tells its epoch.
            isBehind = true
        }
        return true
    }

    /// Leaves both sockets.
    public func close() {
        subscriber.close()
        client.close()
    }

    private func take(_ event: VerdictEvent) {
        switch event {
        case .verdict(let received):
            guard received.epoch == epoch, let expected = next, received.seq <= expected else {
                fallBehind()
                return
            }
            // One that was published once more.
            guard received.seq == expected else { return }
            next = expected + 1
            let verdict = StoredVerdict(
                seq: received.seq, station: received.station, evaluation: received.evaluation, json: received.json)
            ready.append(.verdict(verdict, isReplayed: false))
        case .heartbeat(let beat):
            if beat.epoch != epoch || beat.seq >= next ?? 0 { fallBehind() }
            ready.append(.live(event))
        case .gap: fallBehind()
        case .epochChanged, .silent, .resumed, .malformed: ready.append(.live(event))
        }
    }

    private func fallBehind() {
        guard !isBehind else { return }
        isBehind = true
        ready.append(.behind(seq: next ?? 1))
    }

    /// Asks for one page from where it stands.
    private func catchUp(unless stop: StopSignal) throws(PublishingError) -> Bool {
        let page: ReplayClient.Page?
        do throws(PublishingError) {
            page = try client.page(from: next, epoch: epoch, consumer: configuration.consumer, unless: stop)
        } catch  where error.code == .refused(.unknownEpoch) {
            // Another journal: its first verdict is the next.
            epoch = nil
            next = nil
            acknowledged = 0
            if configuration.consumer == nil { next = 1 }
            return true
        }
        guard let page else { return false }
        epoch = page.epoch
        let wanted = next ?? page.from
        if wanted < page.first { ready.append(.removed(wanted...(page.first - 1))) }
        let kept = max(wanted, page.first)
        if let begin = page.verdicts.first?.seq, kept < begin { ready.append(.unreadable(kept...(begin - 1))) }
        ready += page.verdicts.map { .verdict($0, isReplayed: true) }
        // A start beyond the head waits for that verdict.
        next = max(page.next, wanted)
        isBehind = page.next <= page.head
        return true
    }
}
