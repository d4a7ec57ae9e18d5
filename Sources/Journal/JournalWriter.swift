import Foundation
import GRDB
import Threads

/// The one thread that writes to a journal.
final class JournalWriter: @unchecked Sendable {
    /// Most changes of one commit.
    private static let batch = 512
    /// Pages in the write-ahead log, about, after which they are copied into the database.
    static let checkpointPages = 1000
    static let nearlyFull = "disk_nearly_full"

    let pool: DatabasePool
    let configuration: Journal.Configuration
    let queue: BoundedQueue<Journal.Item>
    let shared: Journal.Shared
    let disk: any JournalDisk
    let clock: any MonotonicClock
    let wallClock: any WallClock
    let observe: @Sendable (JournalEvent) -> Void
    let witness: CommitWitness?
    var clockWatch: ClockWatch

    var state: JournalState
    var alerts: [JournalAlert] = []
    var logPages = 0
    private var isWitnessFailing = false
    private var hasGivenUp = false
    var overruled: Set<String> = []
    /// Whether verdicts stay that are too old by a clock that may have been set.
    var isHoldingOld = false
    var nextWatch: UInt64
    var nextRetention: UInt64

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
            shared.progress.step()
            if clock.now >= nextWatch { watch() }
            if hasFailed { break }
            switch queue.receive(deadline: nextWatch) {
            case .element(let first): commit(batch(from: first))
            case .timedOut: break
            case .closed: isOpen = false
            }
        }
        finish()
        shared.progress.end()
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
        let stored: Void? = hasGivenUp ? nil : attempt { outcomes = try self.write(items) }
        // Nothing behind a verdict that was given up may be stored: numbers have no gaps.
        if stored == nil { hasGivenUp = true }
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
        let began = clock.now
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                for alert in alerts { try alert.insert(db) }
                for item in items { outcomes.append(try outcome(of: item.change, db, &next)) }
                try next.write(db)
                return .commit
            }
        }
        configuration.didCommit(clock.now - began)
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

    // MARK: Beside the commits

    private func watch() {
        nextWatch = clock.after(configuration.watchInterval)
        watchFreeSpace()
        if let news = shared.damage.takeNews() { alert("journal_damaged", news) }
        let published = shared.state.withLock { $0.published }
        if published > state.published || !alerts.isEmpty { commit([]) }
        if clock.now >= nextRetention { retain() }
    }

    func checkpoint() {
        let done: Void? = attempt {
            _ = try self.pool.writeWithoutTransaction { try $0.checkpoint(.passive) }
        }
        if done != nil { logPages = 0 }
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
            shared.gate.close()
            if closed != nil { try? pool.close() } else { _ = Unmanaged.passRetained(pool) }
        }
        witness?.close()
    }
}
