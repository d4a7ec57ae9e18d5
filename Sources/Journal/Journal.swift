import Foundation
import GRDB
import Synchronization
public import Threads

/// Verdicts, parts that are open, cursors of consumers, model changes and alerts, on the disk before anything is said.
///
/// SQLite with a write-ahead log and a full fsync for each commit. One thread writes: what is appended while an fsync
/// runs is committed together by the next one (group commit), so that a slow disk costs latency, not throughput. An
/// append's completion runs on that thread after its commit, in the order of the appends.
///
/// A full disk is waited for: appends wait, then whoever makes them, and nothing is lost. A failed fsync ends the
/// journal: what the disk holds is not known any more, and asking again may be answered with a success that means
/// nothing (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
public final class Journal: Sendable {
    /// What it is made from.
    public struct Configuration: Sendable {
        /// Where it lies.
        public var folder: StateFolder
        /// How long verdicts are kept.
        public var retention = Retention()
        /// Changes that wait for the disk; more make those wait who append.
        public var queueCapacity = 1024
        /// Bytes of JSON, about, that may wait likewise.
        public var queueBytes = 32 << 20
        /// Below so many free bytes the journal is not ready, though it still stores what it can.
        public var minimumFreeBytes: UInt64 = 1 << 20
        /// Wait between two attempts while the disk is full.
        public var retryInterval = Duration.milliseconds(200)
        /// Time between two looks at the free space.
        public var watchInterval = Duration.milliseconds(250)
        /// Time between two looks for what need not be kept.
        public var retentionInterval = Duration.seconds(60)
        /// Above this size, start-up checks the newest verdicts alone; `scanward journal check` checks all.
        public var fullCheckBytes: UInt64 = 256 << 20
        /// How many those are.
        public var newestChecked: UInt64 = 20_000

        /// Is told how long each commit took, fsync included, ns; runs on the journal's thread.
        public var didCommit: @Sendable (_ nanoseconds: UInt64) -> Void = { _ in }

        public init(folder: StateFolder) { self.folder = folder }
    }

    /// What was found when it was opened.
    public struct Opening: Sendable, Equatable {
        /// Names this journal: numbers count within it.
        public let epoch: String
        /// The last verdict's number; 0 in a new journal.
        public let head: UInt64
        /// Verdicts from here on were perhaps not handed to subscribers.
        public let unpublishedFrom: UInt64
        /// Parts without a verdict: the process ended within them.
        public let openParts: [OpenedPart]
        /// Where a damaged journal was moved to, and what was wrong with it.
        public let setAside: SetAside?
    }

    /// A journal that was not as it was written.
    public struct SetAside: Sendable, Equatable {
        /// The database; nil if it was gone.
        public let path: String?
        public let problems: [String]
    }

    /// Whether verdicts can be stored now.
    public enum Readiness: Sendable, Equatable {
        case ready
        /// Not now: why. It goes on by itself.
        case waiting(JournalAlert)
        /// Not any more.
        case failed(JournalError)
    }

    /// Something to be stored.
    public enum Change: Sendable {
        /// The next verdict, which closes its part.
        case verdict(JournalVerdict)
        /// A part of which a first frame was seen.
        case opened(OpenedPart)
        /// A part that gets no verdict of its own, as an equal one (same result id) is there.
        case settled(PartKey)
        /// Everything up to `seq` was received by a consumer.
        case acknowledged(consumer: String, seq: UInt64)
        /// A consumer that is new begins after `seq`; one that is known keeps its cursor.
        case registered(consumer: String, seq: UInt64)
        /// A consumer that is not to be waited for any more.
        case forgotten(consumer: String)
        case modelChange(ModelChange)
        case alert(JournalAlert)
    }

    /// Runs on the journal's thread, in the order of the appends.
    public typealias Completion = @Sendable (Result<Void, JournalError>) -> Void

    /// Most named consumers: each holds back the retention.
    public static let maximumConsumers = 64

    /// What was found.
    public let opening: Opening
    /// Reads what is stored, from any thread.
    public let reader: JournalReader
    /// Of the thread that writes.
    public var progress: ThreadProgress { shared.progress }

    let queue: BoundedQueue<Item>
    let shared: Shared
    private let thread: JoinableThread
    private let lock: StateLock

    struct Item: Sendable {
        let change: Change
        let completion: Completion?

        /// Bytes that it holds on to, about.
        var cost: Int {
            if case .verdict(let verdict) = change { return 1024 + verdict.json.count }
            return 1024
        }
    }

    /// What the writer and others share.
    final class Shared: Sendable {
        struct State {
            var readiness = Readiness.ready
            /// Result ids that were appended and are not yet committed.
            var pending: Set<String> = []
            var published: UInt64 = 0
            var commits: UInt64 = 0
            var retention = Retention()
        }
        let state = Mutex(State())
        let closing = StopSignal()
        let progress = ThreadProgress("journal")
        let damage: DamageWatch
        let gate = ReadingGate()

        init(damage: DamageWatch) { self.damage = damage }
    }

    init(pool: DatabasePool, configuration: Configuration, start: Start) {
        opening = start.opening
        lock = start.lock
        let damage = DamageWatch(configuration.folder)
        let queue = BoundedQueue<Item>(
            capacity: configuration.queueCapacity, costLimit: configuration.queueBytes, cost: \.cost)
        let shared = Shared(damage: damage)
        reader = JournalReader(pool, path: configuration.folder.database, damage: damage, gate: shared.gate)
        shared.state.withLock { $0.retention = configuration.retention }
        self.queue = queue
        self.shared = shared
        let writer = JournalWriter(
            pool: pool, configuration: configuration, start: start, queue: queue, shared: shared)
        thread = JoinableThread(name: "journal") { writer.run() }
    }

    deinit { close() }

    /// Commits since it was opened, each with one fsync.
    public var commits: UInt64 { shared.state.withLock { $0.commits } }

    /// Verdicts that were asked for, and are not as they were written.
    public var unreadableVerdicts: Int { shared.damage.unreadable }

    /// How full the queue before the disk is, and was; and how many it takes.
    public var queueStatistics: QueueStatistics { queue.statistics }
    public var queueCapacity: Int { queue.capacity }

    /// Whether verdicts can be stored now.
    public var readiness: Readiness { shared.state.withLock { $0.readiness } }

    /// Appends `change`, waiting while the queue is full.
    ///
    /// - Parameters:
    ///   - deadline: monotonic ns at which it gives up waiting; nil for never.
    ///   - progress: of the thread that appends; it moves on while it waits.
    ///   - completion: runs on the journal's thread once it is on the disk, or never will be.
    /// - Returns: false if the journal is closed, has failed or stayed full; then `completion` does not run.
    @discardableResult
    public func append(
        _ change: Change, deadline: UInt64? = nil, noting progress: ThreadProgress? = nil,
        then completion: Completion? = nil
    ) -> Bool {
        if case .verdict(let verdict) = change {
            shared.state.withLock { _ = $0.pending.insert(verdict.resultID) }
        }
        let item = Item(change: change, completion: completion)
        let admission =
            progress.map { queue.send(item, deadline: deadline, noting: $0) } ?? queue.send(item, deadline: deadline)
        guard admission == .accepted else {
            if case .verdict(let verdict) = change {
                shared.state.withLock { _ = $0.pending.remove(verdict.resultID) }
            }
            return false
        }
        return true
    }

    /// Appends `change` and waits until it is on the disk.
    public func store(_ change: Change, deadline: UInt64? = nil) throws(JournalError) {
        let outcome = Monitor<Result<Void, JournalError>?>(nil)
        let isAccepted = append(change, deadline: deadline) { result in outcome.withLock { $0 = result } }
        guard isAccepted || !queue.isClosed else { throw closed }
        guard isAccepted, let result = outcome.wait(until: deadline, { $0 }) else {
            throw JournalError(code: .diskFull, message: "the journal did not take it in time")
        }
        try result.get()
    }

    /// Whether a verdict with this result id is in the journal or on its way there.
    public func contains(resultID: String) throws(JournalError) -> Bool {
        if shared.state.withLock({ $0.pending.contains(resultID) }) { return true }
        return try reader.verdict(resultID: resultID) != nil
    }

    /// Takes note that verdicts up to `seq` were handed to subscribers; it is stored with the next commit.
    public func notePublished(_ seq: UInt64) {
        shared.state.withLock { $0.published = max($0.published, seq) }
    }

    /// Keeps verdicts by another rule from the next look on (`Configuration.retentionInterval`).
    public func setRetention(_ retention: Retention) { shared.state.withLock { $0.retention = retention } }

    /// From now on a full disk is not waited for: what cannot be stored at once is given up, and so not published. For a
    /// process that is to end, whoever waits for the disk.
    public func giveUpWaiting() { shared.closing.raise() }

    /// Commits what was appended, and closes the database. On a full disk it gives up: what could not be stored was not
    /// published either.
    public func close() {
        queue.close()
        shared.closing.raise()
        thread.join()
    }

    private var closed: JournalError {
        if case .failed(let error) = readiness { return error }
        return JournalError(code: .closed, message: "the journal is closed")
    }
}
