import Foundation
import GRDB
public import Threads

extension Journal {
    /// What opening hands to the journal and its writer.
    struct Start {
        let opening: Opening
        let state: JournalState
        let lock: StateLock
        let witness: CommitWitness?
        let disk: any JournalDisk
        let clock: any MonotonicClock
        let wallClock: any WallClock
        let observe: @Sendable (JournalEvent) -> Void
    }

    /// Opens the journal of a state folder, makes it where there is none, and sets a damaged one aside. It always ends.
    ///
    /// - Parameter observe: is told what happens from now on, on the journal's thread.
    public static func open(
        _ configuration: Configuration, disk: any JournalDisk = SystemDisk(),
        clock: any MonotonicClock = SystemClock(), wallClock: any WallClock = SystemWallClock(),
        observe: @escaping @Sendable (JournalEvent) -> Void = { _ in }
    ) throws(JournalError) -> Journal {
        let folder = configuration.folder
        try folder.make()
        let lock = try StateLock(folder)
        let (check, pool, state, setAside) = try soundDatabase(configuration, disk, wallClock)
        // All of it was looked at, or it is not the one any more.
        unlink(folder.damageMark)
        // Only now is there a journal: the file exists before a first commit can be lost.
        let witness = CommitWitness(folder: folder.path)
        _ = witness?.write(.init(generation: state.generation, epoch: state.epoch))
        let opening = Opening(
            epoch: state.epoch, head: state.head, unpublishedFrom: state.published + 1,
            openParts: check?.openParts ?? [], setAside: setAside)
        let journal = Journal(
            pool: pool, configuration: configuration,
            start: Start(
                opening: opening, state: state, lock: lock, witness: witness, disk: disk, clock: clock,
                wallClock: wallClock, observe: observe))
        if let setAside {
            let alert = JournalAlert(
                code: "journal_set_aside", message: describe(setAside, folder) + "; epoch \(state.epoch) begins",
                nanoseconds: wallClock.unixNanoseconds)
            journal.append(.alert(alert))
            observe(.alert(alert))
        }
        return journal
    }

    private static func describe(_ setAside: SetAside, _ folder: StateFolder) -> String {
        let problem = setAside.problems.first ?? ""
        if let path = setAside.path { return "the journal was damaged (\(problem)) and set aside as \(path)" }
        let before = folder.setAside.last.map { "; set aside before: \($0)" } ?? ""
        return "the journal is gone (\(problem)), nothing was left to be set aside\(before)"
    }

    /// What is there, if it is sound, or else a new database, and where the one that is damaged went.
    private static func soundDatabase(
        _ configuration: Configuration, _ disk: any JournalDisk, _ wallClock: any WallClock
    ) throws(JournalError) -> (JournalCheck?, DatabasePool, JournalState, SetAside?) {
        let folder = configuration.folder
        let date = Date(timeIntervalSince1970: Double(wallClock.unixNanoseconds) / 1e9)
        let check = try existing(configuration, disk)
        var problems = check?.problems ?? []
        if problems.isEmpty {
            do throws(JournalError) {
                let (pool, state) = try prepare(folder)
                return (check, pool, state, nil)
            } catch {
                guard error.code == .damaged, check != nil else { throw error }
                problems = [error.message]
            }
        }
        let path = try folder.moveAside(date: date, disk: disk)
        let (pool, state) = try prepare(folder)
        return (nil, pool, state, SetAside(path: path, problems: problems))
    }

    /// Checks the database that is there; nil if there is none.
    private static func existing(
        _ configuration: Configuration, _ disk: any JournalDisk
    ) throws(JournalError) -> JournalCheck? {
        let folder = configuration.folder
        let size = disk.size(of: folder.database) ?? 0
        let log = disk.size(of: folder.log) ?? 0
        let witness = CommitWitness.read(folder: folder.path)
        guard size > 0 || log > 0 || witness != nil else { return nil }
        guard size > 0 else {
            var check = JournalCheck()
            // A crash while the first page was written: nothing was stored yet.
            guard witness != nil || log > 0 else { return nil }
            check.problems = ["the database is empty or gone, while its log or its witness is there"]
            return check
        }
        let isLarge = size &+ log > configuration.fullCheckBytes && disk.size(of: folder.damageMark) == nil
        return try JournalCheck.run(
            database: folder.database, witness: witness, newest: isLarge ? configuration.newestChecked : nil)
    }

    /// Opens the database for writing, with its tables, and its whole content in the database file itself.
    private static func prepare(_ folder: StateFolder) throws(JournalError) -> (DatabasePool, JournalState) {
        do {
            var configuration = GRDB.Configuration()
            configuration.busyMode = .timeout(5)
            // The line's own questions wait for nobody: the dashboard has two at most that take long, beside followers' short ones.
            configuration.maximumReaderCount = 8
            let pool = try DatabasePool(path: folder.database, configuration: configuration)
            try JournalSchema.migrator.migrate(pool)
            let state = try pool.writeWithoutTransaction { db in
                // GRDB chose NORMAL, which does not fsync a commit. SQLite's own checkpoints ignore failures: ours do not.
                try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
                // After a failed fsync the log may be only in memory, and a further fsync of it says nothing. What a
                // checkpoint copies is written anew.
                _ = try db.checkpoint(.truncate)
                if let state = try JournalState.read(db) { return state }
                let state = JournalState(
                    epoch: UUID().uuidString.lowercased(), generation: 1, head: 0, published: 0)
                try db.inTransaction(.immediate) {
                    try state.write(db)
                    return .commit
                }
                return state
            }
            return (pool, state)
        } catch {
            throw JournalError(error, at: folder.database)
        }
    }
}
