import Foundation
import GRDB
import TestPrograms
import Testing

@testable import Journal

/// A process that ends while it makes a journal, or sets one aside.
@Suite struct OpeningTests {
    @Test func aRollbackJournalThatWasLeftIsSetAsideWithItsDatabase() throws {
        let making = try ScratchFolder("making"), folder = try ScratchFolder("hot")
        let queue = try DatabaseQueue(path: making.file("journal.sqlite"))
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000)); PRAGMA cache_size = 1")
            try db.inTransaction(.immediate) {
                // More than the cache holds: the rollback journal is synced, and the database written to.
                try db.execute(sql: "UPDATE t SET x = randomblob(100000)")
                for name in ["journal.sqlite", "journal.sqlite-journal"] {
                    try FileManager.default.copyItem(atPath: making.file(name), toPath: folder.file(name))
                }
                return .rollback
            }
        }
        try queue.close()
        do {
            let journal = try Journal.test(folder)
            let path = try #require(journal.opening.setAside?.path)
            #expect(FileManager.default.fileExists(atPath: path + "-journal"))
            try journal.store(.verdict(verdict(1)))
            journal.close()
        }
        let next = try Journal.test(folder)
        #expect(next.opening.setAside == nil && next.opening.head == 1)
    }

    @Test func whoHasAFolderIsTold() throws {
        let folder = try ScratchFolder("owner"), state = StateFolder(folder.path)
        #expect(state.owner == nil, "there is none")
        do {
            let journal = try Journal.test(folder)
            #expect(state.owner == getpid())
            #expect(throws: JournalError.self, "asking let nobody in") { try Journal.test(folder) }
            journal.close()
        }
        #expect(state.owner == nil, "the file stays, the lock is gone")
    }

    @Test func aDatabaseThatWasMovedBeforeACrashIsNotNamedAnew() throws {
        let folder = try ScratchFolder("moved"), events = Events()
        do {
            let journal = try Journal.test(folder)
            try journal.store(.verdict(verdict(1)))
            journal.close()
        }
        // As far as a process came that set it aside: the witness goes last.
        let aside = folder.file("journal-damaged-20260101T000000Z.sqlite")
        try FileManager.default.moveItem(atPath: folder.file("journal.sqlite"), toPath: aside)
        try? FileManager.default.removeItem(atPath: folder.file("journal.sqlite-wal"))
        let journal = try Journal.test(folder, events: events)
        let setAside = try #require(journal.opening.setAside)
        #expect(setAside.path == nil && !setAside.problems.isEmpty)
        guard case .alert(let alert)? = events.alert("journal_set_aside") else {
            Issue.record("expected an alert")
            return
        }
        #expect(alert.message.contains(aside), "\(alert.message)")
        #expect(StateFolder(folder.path).setAside == [aside])
    }
}
