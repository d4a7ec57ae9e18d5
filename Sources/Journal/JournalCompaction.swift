import Foundation
import GRDB
public import Threads

/// Removes what need not be kept, and gives the disk back what that took: only while no monitor runs, as it rewrites the
/// whole file.
public struct JournalCompaction: Sendable, Equatable {
    /// Verdicts that were removed.
    public let removed: Int
    /// Verdicts that are left.
    public let left: Int
    /// Bytes of the database file.
    public let before: UInt64
    public let after: UInt64

    /// What takes the time.
    public enum Stage: Sendable { case checking, writing }

    /// - Parameters:
    ///   - forget: names of consumers that are not waited for any more.
    ///   - progress: is told now and then how far it is; of the writing no more than that it began.
    /// - Throws: `inUse` beside a running monitor, `damaged` for a journal that is not sound: nothing is changed then.
    public static func run(
        _ folder: StateFolder, retention: Retention, forget: [String] = [],
        wallClock: any WallClock = SystemWallClock(),
        progress: ((Stage, _ done: Int, _ total: Int) -> Void)? = nil
    ) throws(JournalError) -> JournalCompaction {
        let disk = SystemDisk()
        guard let before = disk.size(of: folder.database) else {
            throw JournalError(code: .notAccessible, message: "expected a journal at \(folder.database), found none")
        }
        let lock = try StateLock(folder)
        defer { withExtendedLifetime(lock) {} }
        let check = try JournalCheck.run(folder: folder) { progress?(.checking, $0, $1) }
        progress?(.writing, 0, 1)
        if let problem = check.problems.first {
            throw JournalError(
                code: .damaged,
                message: "\(folder.database) is damaged (\(problem)): `scanward run --state` sets it aside; "
                    + "`scanward journal export` reads what can be read")
        }
        for name in forget where !check.consumers.contains(where: { $0.name == name }) {
            let known = check.consumers.map(\.name).joined(separator: ", ")
            throw JournalError(
                code: .refused, message: "there is no consumer \(name); there are: \(known.isEmpty ? "none" : known)")
        }
        // Whoever asks for it has looked at the clock.
        let pass = RetentionPass(retention: retention, now: wallClock.unixNanoseconds, holdsAfterSteps: false)
        do {
            let queue = try DatabaseQueue(path: folder.database)
            defer { try? queue.close() }
            var removed = 0, left = 0
            let witness = CommitWitness(folder: folder.path)
            defer { witness?.close() }
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                var isComplete = false
                while !isComplete {
                    try db.inTransaction(.immediate) {
                        for name in forget {
                            try db.execute(sql: "DELETE FROM consumer WHERE name = ?", arguments: [name])
                        }
                        let plan = try pass.remove(db)
                        removed += plan.count
                        isComplete = plan.count == 0
                        guard var state = try JournalState.read(db) else { return .rollback }
                        state.generation += 1
                        try state.write(db)
                        return .commit
                    }
                    guard let state = try JournalState.read(db) else { break }
                    _ = witness?.write(.init(generation: state.generation, epoch: state.epoch))
                }
                try db.execute(sql: "VACUUM")
                _ = try db.checkpoint(.truncate)
                left = try Int.fetchOne(db, sql: "SELECT count(*) FROM verdict") ?? 0
            }
            return JournalCompaction(
                removed: removed, left: left, before: before, after: disk.size(of: folder.database) ?? 0)
        } catch {
            throw JournalError(error, at: folder.database)
        }
    }
}
