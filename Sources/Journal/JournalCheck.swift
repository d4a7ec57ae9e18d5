import Foundation
import GRDB

/// Whether a journal is what was written: structure, checksums, gapless numbers, nothing lost from its log.
public struct JournalCheck: Sendable, Equatable {
    /// What is wrong; empty for a sound journal.
    public internal(set) var problems: [String] = []
    /// Nil if it cannot be read.
    public internal(set) var epoch: String?
    /// Numbers of the first and the last verdict that are there; nil without verdicts.
    public internal(set) var verdicts: ClosedRange<UInt64>?
    /// The last number, by the journal's state; 0 if that cannot be read.
    public internal(set) var head: UInt64 = 0
    /// The last that is known to have been handed to subscribers.
    public internal(set) var published: UInt64 = 0
    /// Rows whose bytes were compared with their checksum.
    public internal(set) var checkedVerdicts = 0
    /// Parts without a verdict, oldest first.
    public internal(set) var openParts: [OpenedPart] = []
    /// By name.
    public internal(set) var consumers: [ConsumerCursor] = []
    /// Oldest first.
    public internal(set) var modelChanges: [ModelChange] = []
    /// The last 10,000, oldest first.
    public internal(set) var alerts: [JournalAlert] = []

    /// Checks the journal of a state folder, beside a running monitor too: what it reads is one state of it.
    ///
    /// - Parameter progress: is told now and then how many verdicts of how many were looked at.
    public static func run(
        folder: StateFolder, progress: ((_ done: Int, _ total: Int) -> Void)? = nil
    ) throws(JournalError) -> JournalCheck {
        try requireFile(folder.database)
        // The witness first: commits that come in between only make the database newer.
        let witness = CommitWitness.read(folder: folder.path)
        return try run(database: folder.database, witness: witness, newest: nil, progress: progress)
    }

    /// - Parameters:
    ///   - witness: what was committed last; nil if that is not known.
    ///   - newest: how many of the last verdicts are compared with their checksum, and whether SQLite's own check of the
    ///     whole file is left out; nil checks all.
    static func run(
        database: String, witness: CommitWitness.Mark?, newest: UInt64?, progress: ((Int, Int) -> Void)? = nil
    ) throws(JournalError) -> JournalCheck {
        do {
            let queue = try DatabaseQueue(path: database, configuration: readOnly())
            // A connection that only reads leaves the files as they are.
            defer { try? queue.close() }
            return try queue.read { db in
                var check = JournalCheck()
                try check.examine(db, witness, newest, progress)
                return check
            }
        } catch {
            let error = JournalError(error, at: database)
            guard error.code == .damaged else { throw error }
            var check = JournalCheck()
            check.problems = [error.message]
            return check
        }
    }

    /// - Throws: `notAccessible` where there is no file, in a sentence that SQLite does not have.
    static func requireFile(_ database: String) throws(JournalError) {
        guard SystemDisk().size(of: database) == nil else { return }
        throw JournalError(
            code: .notAccessible,
            message:
                "expected a journal at \(database), found none: give the folder that `scanward run --state` was given")
    }

    static func readOnly() -> Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return configuration
    }

    private mutating func examine(
        _ db: Database, _ witness: CommitWitness.Mark?, _ newest: UInt64?, _ progress: ((Int, Int) -> Void)?
    ) throws {
        guard try db.tableExists("state") else {
            // A process that ended before its first commit leaves a file without tables.
            let isNew = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0 && witness == nil
            if !isNew { problems.append("the journal's tables are not there") }
            return
        }
        let identity = try Int64.fetchOne(db, sql: "PRAGMA application_id")
        if identity != JournalSchema.applicationID { problems.append("the file is not marked as a journal") }
        if newest == nil {
            let found = try String.fetchAll(db, sql: "PRAGMA integrity_check(10)").filter { $0 != "ok" }
            problems += found.map { "SQLite: \($0)" }
        }
        if problems.isEmpty, let version = try Int64.fetchOne(db, sql: "PRAGMA user_version") {
            if version > JournalSchema.version {
                throw JournalError(
                    code: .tooNew,
                    message:
                        "expected a journal of version \(JournalSchema.version) or earlier, found \(version): it was "
                        + "written by a later scanward; use that one, or another --state")
            }
            if version < 1 { problems.append("the journal's version is \(version)") }
        }
        guard let state = try JournalState.read(db) else {
            // The same, between the tables and the first row.
            let isNew = try witness == nil && Row.fetchOne(db, sql: "SELECT seq FROM verdict LIMIT 1") == nil
            if !isNew { problems.append("the journal's state is not there") }
            return
        }
        epoch = state.epoch
        head = state.head
        published = state.published
        compare(state, with: witness)
        try readVerdicts(db, newest, progress)
        openParts = try Row.fetchAll(db, sql: "SELECT * FROM open_part ORDER BY opened_ns").map(OpenedPart.init)
        consumers = try Row.fetchAll(db, sql: "SELECT * FROM consumer ORDER BY name").map(ConsumerCursor.init)
        modelChanges = try Row.fetchAll(db, sql: "SELECT * FROM model_change ORDER BY id").map(ModelChange.init)
        alerts = try Row.fetchAll(db, sql: "SELECT * FROM alert ORDER BY id").map(JournalAlert.init)
        for consumer in consumers where consumer.seq > head {
            problems.append("consumer \(consumer.name) has acknowledged \(consumer.seq), the last verdict is \(head)")
        }
    }

    private mutating func compare(_ state: JournalState, with witness: CommitWitness.Mark?) {
        guard let witness else { return }
        if witness.epoch != state.epoch {
            problems.append("the journal counts in epoch \(state.epoch), its witness in \(witness.epoch)")
        } else if witness.generation > state.generation {
            problems.append(
                "\(witness.generation - state.generation) commits are missing at the end: the write-ahead log was cut "
                    + "off or damaged")
        }
    }

    private mutating func readVerdicts(
        _ db: Database, _ newest: UInt64?, _ progress: ((Int, Int) -> Void)?
    ) throws {
        let total = progress == nil ? 0 : try Int.fetchOne(db, sql: "SELECT count(*) FROM verdict") ?? 0
        let first = newest.map { head > $0 ? head - $0 : 0 } ?? 0
        let rows = try Row.fetchCursor(
            db, sql: "SELECT * FROM verdict WHERE seq > ? ORDER BY seq", arguments: [Int64(stored: first)])
        var last: UInt64?
        while let row = try rows.next() {
            let verdict = try JournalVerdict(row)
            if let last, verdict.seq != last + 1 {
                problems.append("verdicts \(last + 1) to \(verdict.seq - 1) are missing")
            }
            verdicts = (verdicts?.lowerBound ?? verdict.seq)...verdict.seq
            last = verdict.seq
            checkedVerdicts += 1
            if checkedVerdicts % 1000 == 0 { progress?(checkedVerdicts, total) }
        }
        // SQLite may end a scan early instead of failing. The last verdict is never removed.
        if head > 0, last != head {
            problems.append("the last verdict is \(last.map { "\($0)" } ?? "not there"), expected \(head)")
        }
        if first > 0, let begin = verdicts?.lowerBound, begin > first + 1,
            try Int64.fetchOne(db, sql: "SELECT min(seq) FROM verdict") ?? 0 <= Int64(stored: first)
        {
            problems.append("verdicts \(first + 1) to \(begin - 1) are missing")
        }
    }
}
