import Fleet
import Foundation
import Ingest
import Inspection
import Journal
import MonitorConfiguration
import NATSTransport
import Synchronization
import Threads

/// A line's parts, scored by the workers of a fleet.
///
/// What is handed over lies in the spool until its verdict is in the journal; `Outbox` says what is to be done of it, the thread
/// "pool" does it, the thread "answers" takes what workers say. Neither is waited for by the line, but for room.
final class PartPool: Sendable {
    /// What became of a part that was to be handed over.
    enum Admission {
        case taken
        /// There is no room, and none to be expected, or the pool is away and the line scores by itself: why.
        case refused(Reason)
    }

    struct Counts: Sendable {
        var handedOver = 0
        var answered = 0
        /// Answers on what has its verdict already, or is not this line's.
        var repeated = 0
        /// Answers that are none.
        var refused = 0
        /// Sent once more: returned by a worker, or lost by the server.
        var sentAgain = 0
        /// Not scored: given up by its deadline, after three workers, or after too many rounds.
        var undecided = 0
    }

    /// A part that was handed over.
    struct Held: Sendable {
        let ticket: PartTicket
        /// Of its last frame, monotonic ns; nil for one of a process before.
        let arrivedAt: UInt64?
    }

    /// What remains to be done of a part once its verdict is in the journal.
    struct Settled: Sendable {
        let resultID: String
        /// The answer that is not needed any more.
        let answer: Delivery?
    }

    struct State: Sendable {
        var outbox: Outbox
        var held: [String: Held] = [:]
        var settled: [Settled] = []
        /// Folders of the models in use, and the models that are known to be with the fleet.
        var models: [String: URL] = [:]
        var stored: Set<String> = []
        var isConnected = false
        /// The line is ours, and the server knows where its parts and answers go.
        var isPrepared = false
        var takesParts: Bool { isConnected && isPrepared }
        /// Since when nothing is heard of the pool though something should be, monotonic ns.
        var lastSign: UInt64
        var counts = Counts()
        var isClosing = false
        var isHubWatching = false
    }

    let line: String
    let station: String
    let spool: PartSpool
    let patience: Duration
    let scoresLocally: Bool
    let lease: Duration
    let link: FleetLink
    let depot: ModelDepot
    let state: Monitor<State>
    let builder: VerdictBuilder
    let journal: Journal
    /// Where clouds of parts are kept to be looked at; nil for a line without a dashboard.
    let pictures: PartPictureWriter?
    let teller = RefusalTeller()
    let stop = StopSignal()
    let progress = [ThreadProgress("pool"), ThreadProgress("answers")]
    private let ended = [StopSignal(), StopSignal(), StopSignal()]

    /// A pool of which nothing is heard for so long, with parts waiting, is away.
    static let silence = Duration.seconds(30)

    init(
        _ configuration: LineConfiguration, builder: VerdictBuilder, journal: Journal, pictures: PartPictureWriter?
    ) throws {
        self.journal = journal
        self.pictures = pictures
        guard let folder = configuration.state else {
            throw Failure("the spool of the fleet's parts goes with --state")
        }
        let settings = configuration.settings.fleet
        line = configuration.line
        station = configuration.station
        spool = try PartSpool(folder.path)
        patience = .seconds(settings.deadlineSeconds)
        lease = .seconds(settings.leaseSeconds)
        scoresLocally = settings.scoresLocally
        self.builder = builder
        let state = Monitor(
            State(outbox: Outbox(.init(bytes: settings.spoolMiB << 20)), lastSign: SystemClock().now))
        self.state = state
        link = try FleetLink(settings, name: "scanward ingest \(configuration.line)") { isConnected in
            state.withLock { state in
                state.isConnected = isConnected
                state.lastSign = SystemClock().now
            }
        }
        depot = ModelDepot(streams: link.streams)
    }

    var counts: Counts { state.withLock { $0.counts } }
    var isConnected: Bool { state.withLock { $0.isConnected } }

    /// Parts without a verdict, those of them that lie with the server, their bytes, and the age of the oldest in seconds.
    var depth: (parts: Int, sent: Int, bytes: Int, age: Double) {
        state.withLock { state in
            let now = SystemClock().now
            return (
                state.outbox.count, state.outbox.sentCount, state.outbox.bytes,
                state.outbox.oldest.map { Double(now - min($0, now)) / 1e9 } ?? 0
            )
        }
    }

    // MARK: Running

    /// - Parameter answer: is told each verdict that came, on a thread of the pool; it may wait.
    func start(answer: @escaping @Sendable (VerdictDesk.Item, ThreadProgress) -> Void) {
        _ = JoinableThread(name: "pool") { [self] in
            send(noting: progress[0], answer: answer)
            progress[0].end()
            ended[0].raise()
        }
        _ = JoinableThread(name: "answers") { [self] in
            receive(noting: progress[1], answer: answer)
            progress[1].end()
            ended[1].raise()
        }
        // None of the threads that a verdict passes through.
        guard let pictures else { return ended[2].raise() }
        _ = JoinableThread(name: "pool clouds") { [self] in
            takeClouds(for: pictures)
            ended[2].raise()
        }
    }

    /// Ends: waits for the verdicts that are out, unless `isStopped` says that it shall not; what is out then stays in the spool,
    /// and is taken up by the next start.
    func finish(unless isStopped: () -> Bool, noting progress: ThreadProgress) {
        while !isStopped() {
            progress.step()
            let next = SystemClock().after(ThreadProgress.longestWait)
            if state.wait(until: next, { $0.outbox.count == 0 && $0.settled.isEmpty ? true : nil }) != nil { break }
        }
        state.withLock { $0.isClosing = true }
        stop.raise()
        progress.excused { for end in ended { end.wait(until: nil) } }
    }

    /// Closes the connection, after the journal has told of its last verdict.
    func close() {
        tidy()
        link.connection.close()
        let left = depth.parts
        if left > 0 {
            Terminal.error(
                "scanward: \(left) parts wait for their verdicts at the fleet: the next start of this line takes them up"
            )
        }
    }
}
