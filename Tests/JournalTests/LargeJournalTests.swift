import Foundation
import TestPrograms
import Testing

@testable import Journal

/// Journals that a start checks in part: damage that it passes over is set aside once it was met.
@Suite struct LargeJournalTests {
    private static func configure(_ configuration: inout Journal.Configuration) {
        configuration.fullCheckBytes = 0
        configuration.newestChecked = 10
    }

    /// A closed journal of `count` verdicts.
    private func folder(count: UInt64) throws -> ScratchFolder {
        let folder = try ScratchFolder("large", inMemory: true)
        let journal = try Journal.test(folder)
        for seq in 1..<count { journal.append(.verdict(verdict(seq, size: 300))) }
        try journal.store(.verdict(verdict(count, size: 300)))
        journal.close()
        // Also into the database file itself.
        try withRawDatabase(folder) { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        return folder
    }

    @Test func aRowThatIsNotAsWrittenIsPassedToldAndSetAside() throws {
        let folder = try folder(count: 50)
        try withRawDatabase(folder) { try $0.execute(sql: "UPDATE verdict SET json = 'x' WHERE seq IN (5, 6, 20)") }
        do {
            let events = Events()
            let journal = try Journal.test(folder, events: events, configure: Self.configure)
            #expect(journal.opening.setAside == nil, "only the last ten were checked")
            let first = try journal.reader.page(from: 1, limit: 100)
            #expect(first.verdicts.map(\.seq) == [1, 2, 3, 4] && first.next == 5)
            let second = try journal.reader.page(from: 5, limit: 100)
            #expect(second.verdicts.map(\.seq) == Array(7...19) && second.next == 20)
            let third = try journal.reader.page(from: 20, limit: 100)
            #expect(third.verdicts.map(\.seq) == Array(21...50) && third.next == 51)
            // Those that are left out are no reason to end a page that a filter has left empty so far.
            let filtered = try journal.reader.page(from: 1, limit: 100, filter: .init(source: "nobody"))
            #expect(filtered.verdicts.isEmpty && filtered.next == 51)
            #expect(journal.unreadableVerdicts == 3)
            #expect(events.alert("journal_damaged") != nil)
            try journal.store(.verdict(verdict(51)))
            journal.close()
            #expect(
                try JournalReader(opening: StateFolder(folder.path).database).alerts().map(\.code) == [
                    "journal_damaged"
                ])
        }
        do {
            let next = try Journal.test(folder, configure: Self.configure)
            #expect(next.opening.setAside?.problems.isEmpty == false)
            try next.store(.verdict(verdict(1)))
            next.close()
        }
        // The new journal is checked in part again.
        #expect(!FileManager.default.fileExists(atPath: StateFolder(folder.path).damageMark))
        #expect(try Journal.test(folder, configure: Self.configure).opening.setAside == nil)
    }

    @Test func anIndexThatIsDamagedFailsOnceAndIsSetAside() throws {
        let folder = try folder(count: 400)
        var pages = try DatabasePages(folder)
        let leaves = try pages.leaves(of: "sqlite_autoindex_verdict_1")
        #expect(leaves.count > 1)
        try pages.destroy(leaves)
        do {
            let journal = try Journal.test(folder, configure: Self.configure)
            #expect(journal.opening.setAside == nil)
            let error = #expect(throws: JournalError.self) { try journal.store(.verdict(verdict(401))) }
            #expect(error?.code == .damaged)
        }
        let next = try Journal.test(folder, configure: Self.configure)
        #expect(next.opening.setAside != nil && next.opening.head == 0)
    }

    @Test func damageThatIsNotThereAnyMoreIsForgotten() throws {
        let folder = try folder(count: 20)
        let mark = StateFolder(folder.path).damageMark
        try Data("a read that failed".utf8).write(to: URL(filePath: mark))
        #expect(try Journal.test(folder, configure: Self.configure).opening.setAside == nil)
        #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test func aTableThatSeemsEmptyIsDamaged() throws {
        let folder = try folder(count: 50)
        try withRawDatabase(folder) { try $0.execute(sql: "DELETE FROM verdict") }
        let database = StateFolder(folder.path).database
        let check = try JournalCheck.run(database: database, witness: nil, newest: 10)
        #expect(check.problems.contains { $0.contains("expected 50") }, "\(check.problems)")
        let error = #expect(throws: JournalError.self) { try JournalReader(opening: database).page(from: 1, limit: 10) }
        #expect(error?.code == .damaged)
    }

    @Test func lastVerdictsThatAreGoneEndNoPageInSilence() throws {
        let folder = try folder(count: 50)
        try withRawDatabase(folder) { try $0.execute(sql: "DELETE FROM verdict WHERE seq > 45") }
        let reader = try JournalReader(opening: StateFolder(folder.path).database)
        let page = try reader.page(from: 40, limit: 10)
        #expect(page.verdicts.map(\.seq) == Array(40...45) && page.next == 46)
        let error = #expect(throws: JournalError.self) { try reader.page(from: 46, limit: 10) }
        #expect(error?.code == .damaged)
        #expect(try reader.page(from: 51, limit: 10).verdicts.isEmpty)
    }

    @Test func verdictsMissingBeforeThoseThatAreCheckedAreNoticed() throws {
        let folder = try folder(count: 50)
        try withRawDatabase(folder) { try $0.execute(sql: "DELETE FROM verdict WHERE seq BETWEEN 30 AND 45") }
        let check = try JournalCheck.run(database: StateFolder(folder.path).database, witness: nil, newest: 10)
        #expect(check.problems == ["verdicts 41 to 45 are missing"])
    }
}
