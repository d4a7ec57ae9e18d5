import Foundation
import Threads

/// The folder of `--state`: the journal's files, and the lock of the one process that writes to them.
public struct StateFolder: Sendable {
    /// As given; not checked.
    public let path: String

    public init(_ path: String) { self.path = path }

    /// The SQLite database.
    public var database: String { path + "/journal.sqlite" }
    /// Its write-ahead log.
    public var log: String { database + "-wal" }
    /// Of a database that is not yet in write-ahead mode.
    var rollbackJournal: String { database + "-journal" }
    /// There while damage was met that no start has looked into yet.
    var damageMark: String { path + "/journal.damaged" }
    var sharedMemory: String { database + "-shm" }
    var lockFile: String { path + "/journal.lock" }

    /// Databases that were set aside, oldest first.
    public var setAside: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
            .filter { $0.hasPrefix("journal-damaged-") && $0.hasSuffix(".sqlite") }.sorted().map { path + "/" + $0 }
    }

    /// The process that has the folder to itself, told by its lock; nil if none has. Nothing is locked to find out.
    public var owner: Int32? {
        var status = stat()
        guard stat(lockFile, &status) == 0,
            let text = FileManager.default.contents(atPath: lockFile).map({ String(decoding: $0, as: UTF8.self) }),
            let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)), process > 0
        else { return nil }
        // The kernel tells its table in pieces, and passes over a lock where it changes in between: then it is asked again.
        for _ in 0..<5 {
            let isAlive = kill(process, 0) == 0 || errno == EPERM
            switch Self.isLocked(inode: status.st_ino) {
            case true?: return process
            case nil: return isAlive ? process : nil
            case false?: if !isAlive { return nil }
            }
        }
        return nil
    }

    /// By proc_locks(5): number, kind, mode, access, process, device:inode, range. Nil where it cannot be read.
    private static func isLocked(inode: ino_t) -> Bool? {
        KernelTable.lines(of: "/proc/locks")?.contains { line in
            let words = line.split(separator: " ")
            return words.contains("FLOCK") && words.contains { $0.hasSuffix(":\(inode)") }
        }
    }

    func make() throws(JournalError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw JournalError(
                code: .notAccessible,
                message: "expected a folder for the journal at \(path), cannot make one: \(error.localizedDescription)")
        }
    }

    /// Moves the database and its logs to a name with `date` in it.
    ///
    /// - Returns: that of the database; nil if there was nothing to be moved.
    func moveAside(date: Date, disk: any JournalDisk) throws(JournalError) -> String? {
        let format = Date.ISO8601FormatStyle(
            dateSeparator: .omitted, timeSeparator: .omitted, includingFractionalSeconds: true)
        let name = path + "/journal-damaged-" + date.formatted(format)
        var target = name + ".sqlite", number = 1
        while disk.size(of: target) != nil {
            number += 1
            target = "\(name)-\(number).sqlite"
        }
        let isThere = [database, log, rollbackJournal].contains { disk.size(of: $0) != nil }
        do {
            // The log first: were the process to end in between, a database without its log is found damaged again, by
            // the witness, which therefore goes last.
            if disk.size(of: log) != nil { try disk.move(log, to: target + "-wal") }
            if disk.size(of: database) != nil { try disk.move(database, to: target) }
            if disk.size(of: rollbackJournal) != nil { try disk.move(rollbackJournal, to: target + "-journal") }
            if disk.size(of: sharedMemory) != nil { try FileManager.default.removeItem(atPath: sharedMemory) }
            let witness = path + "/" + CommitWitness.fileName
            if disk.size(of: witness) != nil { try FileManager.default.removeItem(atPath: witness) }
        } catch {
            throw JournalError(
                code: .notAccessible,
                message: "cannot set the damaged journal \(database) aside: \(error.localizedDescription); move it away"
            )
        }
        return isThere ? target : nil
    }
}

/// Holds a state folder for this process, until it is let go or the process ends in any way.
final class StateLock: Sendable {
    private let descriptor: Int32

    init(_ folder: StateFolder) throws(JournalError) {
        let descriptor = open(folder.lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw JournalError(
                code: .notAccessible, message: "cannot open \(folder.lockFile): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            var bytes = [UInt8](repeating: 0, count: 32)
            let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
            let owner = String(decoding: bytes[..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            close(descriptor)
            throw JournalError(
                code: .inUse,
                message: "\(folder.path) is in use by process \(owner.isEmpty ? "?" : owner): one monitor has one "
                    + "journal; stop that process, or choose another --state")
        }
        self.descriptor = descriptor
        let owner = Array("\(getpid())\n".utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, owner, owner.count, 0)
    }

    deinit {
        // A child that is being spawned holds a copy of the descriptor until it runs its program: unlock it for all.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
