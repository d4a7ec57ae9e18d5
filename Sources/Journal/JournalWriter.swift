import Foundation
import GRDB
import Threads

/// The one thread that writes to a journal.
final class JournalWriter: @unchecked Sendable {
    /// Most changes of one commit.
    private static let batch = 512
    /// Pages in the write-ahead log, about, after which they are copied into the database.
    private static let checkpointPages = 1000
    private static let nearlyFull = "disk_nearly_full"

    private let pool: DatabasePool
    private let configuration: Journal.Configuration
    private let queue: BoundedQueue<Journal.Item>
    private let shared: Journal.Shared
    private let disk: any JournalDisk
    private let clock: any MonotonicClock
    private let wallClock: any WallClock
    private let observe: @Sendable (JournalEvent) -> Void
    private let witness: CommitWitness?
    private var clockWatch: ClockWatch

    private var state: JournalState
    private var alerts: [JournalAlert] = []
    private var logPages = 0
    private var isWitnessFailing = false
    private var overruled: Set<String> = []
    private var nextWatch: UInt64
    private var nextRetention: UInt64

    init(
        pool: DatabasePool, configuration: Journal.Configuration, start: Journal.Start,
        queue: BoundedQueue<Journal.Item>, shared: Journal.Shared
    ) {
        self.pool = pool
        self.configuration = configuration
        self.queue = queue
        self.shared = shared
        disk = start.disk
        clock = start.clock
        wallClock = start.wallClock
        observe = start.observe
        witness = start.witness
        state = start.state
        clockWatch = ClockWatch(wall: start.wallClock.unixNanoseconds, monotonic: start.clock.now)
        nextWatch = start.clock.now
        nextRetention = start.clock.after(configuration.retentionInterval)
        shared.state.withLock { $0.published = start.state.published }
    }

    func run() {
        var isOpen = true
        while isOpen {
            if clock.now >= nextWatch { watch() }
            if hasFailed { break }
            switch queue.receive(deadline: nextWatch) {
            case .element(let first): commit(batch(from: first))
            case .timedOut: break
            case .closed: isOpen = false
            }
        }
        finish()
    }

    // MARK: Commits

    private func batch(from first: Journal.Item) -> [Journal.Item] {
        var items = [first]
        while items.count < Self.batch, case .element(let item) = queue.receive(deadline: 0) { items.append(item) }
        return items
    }

    /// Stores `items` and runs their completions, waiting while the disk is full.
    private func commit(_ items: [Journal.Item]) {
        var outcomes: [Result<Void, JournalError>] = []
        let stored: Void? = attempt { outcomes = try self.write(items) }
        for (index, item) in items.enumerated() {
            if case .verdict(let verdict) = item.change {
                shared.state.withLock { _ = $0.pending.remove(verdict.resultID) }
            }
            item.completion?(stored.map { outcomes[index] } ?? .failure(reason))
        }
        guard stored != nil else { return }
        logPages += 6 + items.reduce(0) { $0 + 1 + $1.cost / 2048 }
        if logPages > Self.checkpointPages { checkpoint() }
    }

    /// One transaction: every change, and the new state.
    private func write(_ items: [Journal.Item]) throws -> [Result<Void, JournalError>] {
        var next = state
        next.generation += 1
        next.published = max(next.published, min(shared.state.withLock { $0.published }, next.head))
        var outcomes: [Result<Void, JournalError>] = []
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                for alert in alerts { try alert.insert(db) }
                for item in items { outcomes.append(try outcome(of: item.change, db, &next)) }
                try next.write(db)
                return .commit
            }
        }
        state = next
        shared.state.withLock { $0.commits += 1 }
        alerts = []
        let mark = CommitWitness.Mark(generation: next.generation, epoch: next.epoch)
        let isWitnessed = witness?.write(mark) ?? false
        if !isWitnessed && !isWitnessFailing {
            alert(
                "witness_not_written",
                "\(configuration.folder.path)/\(CommitWitness.fileName) cannot be written: commits that a damaged disk "
                    + "loses would not be noticed at the next start")
        }
        isWitnessFailing = !isWitnessed
        return outcomes
    }

    /// What became of one change: a refusal is no failure of the others.
    private func outcome(
        of change: Journal.Change, _ db: Database, _ next: inout JournalState
    ) throws -> Result<Void, JournalError> {
        do {
            switch change {
            case .verdict(let verdict):
                guard verdict.seq == next.head + 1 else {
                    throw JournalError(
                        code: .failed, message: "expected verdict \(next.head + 1), was given \(verdict.seq)")
                }
                try verdict.insert(db)
                next.head = verdict.seq
            case .opened(let part): try part.insert(db)
            case .settled(let part): try part.deleteOpen(db)
            case .acknowledged(let name, let seq): try acknowledge(name, seq, db, next.head)
            case .registered(let name, let seq): try register(name, min(seq, next.head), db)
            case .forgotten(let name):
                try db.execute(sql: "DELETE FROM consumer WHERE name = ?", arguments: [name])
            case .modelChange(let change): try change.insert(db)
            case .alert(let alert): try alert.insert(db)
            }
            return .success(())
        } catch let error as JournalError where error.code == .refused {
            return .failure(error)
        }
    }

    private func cursor(_ name: String, _ db: Database) throws -> ConsumerCursor? {
        try Row.fetchOne(db, sql: "SELECT * FROM consumer WHERE name = ?", arguments: [name]).map(ConsumerCursor.init)
    }

    private func acknowledge(_ name: String, _ seq: UInt64, _ db: Database, _ head: UInt64) throws {
        guard seq <= head else {
            throw JournalError(code: .refused, message: "cannot acknowledge \(seq): the last verdict is \(head)")
        }
        if let known = try cursor(name, db) {
            // A late acknowledgement takes nothing back.
            guard seq > known.seq else { return }
        } else {
            try requireRoom(db)
        }
        try ConsumerCursor(name: name, seq: seq, changedNanoseconds: wallClock.unixNanoseconds).write(db)
        overruled.remove(name)
    }

    private func register(_ name: String, _ seq: UInt64, _ db: Database) throws {
        guard try cursor(name, db) == nil else { return }
        try requireRoom(db)
        try ConsumerCursor(name: name, seq: seq, changedNanoseconds: wallClock.unixNanoseconds).write(db)
    }

    private func requireRoom(_ db: Database) throws {
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM consumer") ?? 0
        guard count < Journal.maximumConsumers else {
            throw JournalError(
                code: .refused,
                message: "there are \(count) named consumers, the most there may be; remove one with "
                    + "`scanward journal compact --forget NAME`")
        }
    }

    // MARK: Faults

    private var hasFailed: Bool { if case .failed = readiness { true } else { false } }
    private var readiness: Journal.Readiness { shared.state.withLock { $0.readiness } }

    /// Why something was not stored.
    private var reason: JournalError {
        switch readiness {
        case .failed(let error): error
        case .waiting(let alert): JournalError(code: .diskFull, message: alert.message)
        case .ready: JournalError(code: .closed, message: "the journal is closed")
        }
    }

    /// Runs `body`, again and again while the disk is full; nil after a failure, or if the journal closes meanwhile.
    private func attempt<Value>(_ body: () throws -> Value) -> Value? {
        var isLast = false
        while !hasFailed {
            do {
                let value = try body()
                if case .waiting(let alert) = readiness, alert.code != Self.nearlyFull { resume() }
                return value
            } catch {
                let error = JournalError(error, at: configuration.folder.database)
                switch error.code {
                case .diskFull: wait(code: "disk_full", "the disk is full: \(error.message)")
                case .inUse: wait(code: "journal_locked", "another program holds the journal: \(error.message)")
                default:
                    fail(error)
                    return nil
                }
                if isLast { return nil }
                // On closing, one more attempt; else the time until the next.
                isLast = !clock.wait(until: clock.after(configuration.retryInterval), unless: shared.closing)
            }
        }
        return nil
    }

    private func wait(code: String, _ message: String) {
        if case .waiting(let alert) = readiness, alert.code == code { return }
        let alert = JournalAlert(
            code: code, message: message + "; verdicts are held back until it can store them",
            nanoseconds: wallClock.unixNanoseconds)
        alerts.append(alert)
        shared.state.withLock { $0.readiness = .waiting(alert) }
        observe(.notReady(alert))
    }

    /// Stored again; whether there is room for more is another question.
    private func resume() {
        if let alert = shortage { return shared.state.withLock { $0.readiness = .waiting(alert) } }
        becomeReady()
    }

    private func becomeReady() {
        shared.state.withLock { $0.readiness = .ready }
        observe(.ready)
    }

    private func fail(_ error: JournalError) {
        if error.code == .damaged { shared.damage.note(error.message) }
        shared.state.withLock { $0.readiness = .failed(error) }
        queue.close()
        observe(.failed(error))
    }

    private func alert(_ code: String, _ message: String) {
        let alert = JournalAlert(code: code, message: message, nanoseconds: wallClock.unixNanoseconds)
        alerts.append(alert)
        observe(.alert(alert))
    }

    // MARK: Beside the commits

    private func watch() {
        nextWatch = clock.after(configuration.watchInterval)
        watchFreeSpace()
        if let news = shared.damage.takeNews() { alert("journal_damaged", news) }
        let published = shared.state.withLock { $0.published }
        if published > state.published || !alerts.isEmpty { commit([]) }
        if clock.now >= nextRetention { retain() }
    }

    private func watchFreeSpace() {
        let shortage = shortage
        switch readiness {
        case .ready: if let shortage { wait(code: shortage.code, shortage.message) }
        case .waiting(let alert): if alert.code == Self.nearlyFull && shortage == nil { becomeReady() }
        case .failed: break
        }
    }

    /// What there is to say of the free space; nil while it suffices.
    private var shortage: JournalAlert? {
        guard let free = disk.freeBytes(at: configuration.folder.path), free < configuration.minimumFreeBytes else {
            return nil
        }
        return JournalAlert(
            code: Self.nearlyFull,
            message: "\(free / 1024) KiB are free for \(configuration.folder.path), expected "
                + "\(configuration.minimumFreeBytes / 1024) KiB or more",
            nanoseconds: wallClock.unixNanoseconds)
    }

    private func checkpoint() {
        let done: Void? = attempt {
            _ = try self.pool.writeWithoutTransaction { try $0.checkpoint(.passive) }
        }
        if done != nil { logPages = 0 }
    }

    private func retain() {
        nextRetention = clock.after(configuration.retentionInterval)
        let now = wallClock.unixNanoseconds
        let isTrusted = clockWatch.isTrusted(wall: now, monotonic: clock.now)
        if !isTrusted && clockWatch.takeNews() {
            alert(
                "clock_jumped",
                "the clock was set by more than 5 minutes: until the next start nothing is removed by age")
        }
        let age = configuration.retention.age.clampedNanoseconds
        let pass = RetentionPass(
            retention: configuration.retention, oldest: isTrusted && now > age ? now - age : nil)
        var outcome = RetentionPass.Plan()
        let done: Void? = attempt {
            var next = self.state
            next.generation += 1
            try self.pool.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    outcome = try pass.remove(db)
                    guard outcome.count > 0 else { return .rollback }
                    try next.write(db)
                    return .commit
                }
            }
            guard outcome.count > 0 else { return }
            self.state = next
            _ = self.witness?.write(.init(generation: next.generation, epoch: next.epoch))
            self.logPages += outcome.count
        }
        guard done != nil else { return }
        for consumer in outcome.overruled where overruled.insert(consumer.name).inserted {
            alert(
                "consumer_overruled",
                "verdicts that consumer \(consumer.name) has not acknowledged (it stands at \(consumer.seq)) were removed: "
                    + "the journal is larger than \(configuration.retention.unacknowledgedBytes >> 20) MiB; "
                    + "if it is gone for good: `scanward journal compact --forget \(consumer.name)`")
        }
        // The rest soon, after what waits to be stored.
        if outcome.count > 0 { nextRetention = nextWatch }
        if logPages > Self.checkpointPages { checkpoint() }
    }

    private func finish() {
        if !hasFailed {
            let published = shared.state.withLock { $0.published }
            if published > state.published || !alerts.isEmpty { commit([]) }
        }
        queue.close()
        while case .element(let item) = queue.receive() {
            item.completion?(.failure(reason))
        }
        if hasFailed {
            // Closing would write and fsync the log once more. The descriptors go with the process.
            _ = Unmanaged.passRetained(pool)
        } else {
            // SQLite's own checkpoint on closing would not tell of a failed fsync; after this one it has nothing to do.
            let closed: Void? = attempt {
                _ = try self.pool.writeWithoutTransaction { try $0.checkpoint(.passive) }
            }
            if closed != nil { try? pool.close() } else { _ = Unmanaged.passRetained(pool) }
        }
        witness?.close()
    }
}

/// Notices that the wall clock was set: age is told by it, and a clock that jumps a year ahead would empty the journal.
struct ClockWatch {
    static let tolerance: UInt64 = 300_000_000_000
    private let wall: UInt64
    private let monotonic: UInt64
    private var isKnown = false
    private var hasJumped = false

    init(wall: UInt64, monotonic: UInt64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// Whether both clocks have gone on equally since the start; once they have not, never again.
    mutating func isTrusted(wall now: UInt64, monotonic instant: UInt64) -> Bool {
        let expected = wall &+ (instant &- monotonic)
        let difference = now > expected ? now - expected : expected - now
        if difference > Self.tolerance { hasJumped = true }
        return !hasJumped
    }

    /// Whether the jump was not told yet.
    mutating func takeNews() -> Bool {
        guard hasJumped, !isKnown else { return false }
        isKnown = true
        return true
    }
}
