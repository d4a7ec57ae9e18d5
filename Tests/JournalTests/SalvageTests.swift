import Foundation
import TestPrograms
import Testing

@testable import Journal

/// What can be read of a damaged journal is, and what cannot is told.
@Suite struct SalvageTests {
    /// A closed journal of `count` verdicts, the first of which were removed.
    private func folder(count: UInt64, removed: UInt64 = 0) throws -> ScratchFolder {
        let folder = try ScratchFolder("salvage", inMemory: true)
        let journal = try Journal.test(folder)
        for seq in 1..<count { journal.append(.verdict(verdict(seq, size: 300))) }
        try journal.store(.verdict(verdict(count, size: 300)))
        journal.close()
        try withRawDatabase(folder) { db in
            try db.execute(sql: "DELETE FROM verdict WHERE seq <= ?", arguments: [Int64(removed)])
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        return folder
    }

    private func expected(_ seq: UInt64) -> JournalVerdict { verdict(seq, size: 300) }

    private func salvage(
        _ folder: ScratchFolder, from first: UInt64 = 0, through end: UInt64 = .max
    ) throws -> (found: [UInt64], salvage: JournalSalvage) {
        var salvage = JournalSalvage(try JournalReader(opening: StateFolder(folder.path).database)),
            found: [UInt64] = []
        try salvage.forEach(from: first, through: end) { verdict in
            #expect(verdict == expected(verdict.seq))
            found.append(verdict.seq)
        }
        return (found, salvage)
    }

    @Test func aSoundJournalIsReadWhole() throws {
        let folder = try folder(count: 1500, removed: 1200)
        let (found, whole) = try salvage(folder)
        #expect(found == Array(1201...1500) && whole.lost.isEmpty && !whole.foundNothing)
        #expect(try salvage(folder, from: 1300, through: 1400).found == Array(1300...1400))
        let empty = try ScratchFolder("salvage")
        try Journal.test(empty).close()
        let (none, nothing) = try salvage(empty)
        #expect(none.isEmpty && nothing.lost.isEmpty && !nothing.foundNothing)
    }

    @Test func aFirstLeafThatIsDamagedCostsItsVerdictsAlone() throws {
        let folder = try folder(count: 4000, removed: 3000)
        var pages = try DatabasePages(folder)
        let leaf = try #require(try pages.leaves(of: "verdict").first)
        try pages.destroy([leaf])
        let (found, rest) = try salvage(folder)
        let first = try #require(found.first)
        #expect((3002..<3100).contains(first) && found == Array(first...4000))
        #expect(rest.lost == [3001...(first - 1)])
    }

    @Test func aLastNumberThatIsDamagedDoesNotGoOnForEver() throws {
        let folder = try folder(count: 300)
        try withRawDatabase(folder) {
            try $0.execute(sql: "UPDATE verdict SET seq = 9223372036854775000 WHERE seq = 300")
        }
        let (found, rest) = try salvage(folder)
        #expect(found == Array(1...299) && rest.lost == [300...300])
        // Nor if it is not known where the journal ends.
        try withRawDatabase(folder) { try $0.execute(sql: "UPDATE state SET crc = 0") }
        let (again, lost) = try salvage(folder)
        #expect(again == Array(1...299))
        #expect(lost.lost == [300...9_223_372_036_854_775_000])
    }

    @Test func whereNothingCanBeReadThatIsSaid() throws {
        let folder = try folder(count: 300)
        var pages = try DatabasePages(folder)
        let leaves = try ["verdict", "state", "sqlite_autoindex_verdict_1"].flatMap { try pages.leaves(of: $0) }
        try pages.destroy(leaves)
        let (found, rest) = try salvage(folder)
        #expect(found.isEmpty && rest.foundNothing)
    }
}
