import Foundation
import TestPrograms
import Testing

@testable import Journal

@Suite struct CompactionTests {
    private static let day: UInt64 = 86_400_000_000_000

    /// A closed journal of a hundred verdicts, one a day; `mes1` has acknowledged the first 40.
    private func folder() throws -> ScratchFolder {
        let folder = try ScratchFolder("compact", inMemory: true)
        let journal = try Journal.test(folder, wallClock: ManualWallClock(0))
        for seq in 1...100 as ClosedRange<UInt64> {
            journal.append(.verdict(verdict(seq, decided: seq * Self.day, size: 5000)))
        }
        try journal.store(.registered(consumer: "mes1", seq: 40))
        journal.close()
        return folder
    }

    private func compact(_ folder: ScratchFolder, forget: [String] = []) throws -> JournalCompaction {
        var retention = Retention()
        retention.age = .seconds(30 * 86_400)
        return try JournalCompaction.run(
            StateFolder(folder.path), retention: retention, forget: forget, wallClock: ManualWallClock(100 * Self.day))
    }

    @Test func whatIsOldAndAcknowledgedGoesAndTheFileShrinks() throws {
        let folder = try folder()
        let done = try compact(folder)
        #expect(done.removed == 40 && done.left == 60 && done.after < done.before)
        let all = try compact(folder, forget: ["mes1"])
        #expect(all.removed == 29 && all.left == 31)
        // It is as sound as before, for the monitor too: its commits are witnessed.
        let check = try JournalCheck.run(folder: StateFolder(folder.path))
        #expect(check.problems == [] && check.verdicts == 70...100 && check.consumers.isEmpty)
        let journal = try Journal.test(folder, wallClock: ManualWallClock(0))
        #expect(journal.opening.setAside == nil && journal.opening.head == 100)
        try journal.store(.verdict(verdict(101)))
    }

    @Test func itIsRefusedBesideAMonitorAndForAnUnknownConsumer() throws {
        let folder = try folder()
        var error = #expect(throws: JournalError.self) { try compact(folder, forget: ["mes2"]) }
        #expect(error?.code == .refused && error?.message.contains("mes1") ?? false)
        let journal = try Journal.test(folder, wallClock: ManualWallClock(0))
        error = #expect(throws: JournalError.self) { try compact(folder) }
        #expect(error?.code == .inUse)
        #expect(try journal.reader.extent().first == 1)
        journal.close()
    }

    @Test func aDamagedJournalIsLeftAsItIs() throws {
        let folder = try folder()
        try withRawDatabase(folder) { try $0.execute(sql: "UPDATE verdict SET json = 'x' WHERE seq = 5") }
        let error = #expect(throws: JournalError.self) { try compact(folder) }
        #expect(error?.code == .damaged && error?.message.contains("journal export") ?? false)
        #expect(try JournalReader(opening: StateFolder(folder.path).database).extent().first == 1)
    }

    @Test func aFolderWithoutAJournalIsSaidSo() throws {
        let folder = try ScratchFolder("compact")
        for body in [
            { _ = try self.compact(folder) }, { _ = try JournalCheck.run(folder: StateFolder(folder.path)) },
            { _ = try JournalReader(opening: StateFolder(folder.path).database) },
        ] as [() throws -> Void] {
            let error = #expect(throws: JournalError.self) { try body() }
            #expect(error?.code == .notAccessible && error?.message.hasPrefix("expected a journal at ") ?? false)
        }
    }
}
