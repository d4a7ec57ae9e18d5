import Foundation
import SeededRandom
import TestPrograms
import Testing
import Threads

@testable import Journal

/// What a disk may hold after a fault: start-up always ends, and nothing that was lost goes unnoticed.
@Suite struct DamageTests {
    /// The files of a journal, as bytes.
    private struct Files {
        var contents: [String: [UInt8]] = [:]
        static let names = ["journal.sqlite", "journal.sqlite-wal", CommitWitness.fileName]

        init(of folder: ScratchFolder) throws {
            for name in Self.names {
                if let data = FileManager.default.contents(atPath: folder.file(name)) { contents[name] = [UInt8](data) }
            }
        }

        func write(to folder: ScratchFolder) throws {
            for (name, bytes) in contents { try Data(bytes).write(to: folder.url.appending(path: name)) }
        }
    }

    /// The files of a journal of `count` verdicts, half of them only in the write-ahead log.
    private static func files(count: UInt64, size: Int = 300) throws -> Files {
        let folder = try ScratchFolder("damage", inMemory: true)
        var journal: Journal? = try Journal.test(folder)
        try journal?.store(.opened(opened("half")))
        try journal?.store(.registered(consumer: "mes1", seq: 0))
        for seq in 1...(count / 2) { try journal?.store(.verdict(verdict(seq, size: size))) }
        journal?.close()
        journal = nil
        let again = try Journal.test(folder)
        for seq in (count / 2 + 1)...count { try again.store(.verdict(verdict(seq, size: size))) }
        defer { again.close() }
        return try Files(of: folder)
    }

    private enum Outcome: Equatable { case setAside, setAsideLater, whole, changed(String) }

    /// Opens a journal of these files.
    ///
    /// - Parameter checksAll: as one that is small enough for it. Of others a start may miss damage, which the one after
    ///   it finds, once it was met.
    private static func open(_ files: Files, expecting count: UInt64, checksAll: Bool = true) throws -> Outcome {
        let folder = try ScratchFolder("damage", inMemory: true)
        defer { folder.remove() }
        try files.write(to: folder)
        do {
            return try start(folder, expecting: count, checksAll: checksAll)
        } catch let error as JournalError where error.code == .damaged && !checksAll {
            let outcome = try start(folder, expecting: count, checksAll: checksAll)
            return outcome == .setAside ? .setAsideLater : .changed("damage that was met is not set aside: \(outcome)")
        }
    }

    private static func start(_ folder: ScratchFolder, expecting count: UInt64, checksAll: Bool) throws -> Outcome {
        let journal = try Journal.test(folder) { if !checksAll { $0.fullCheckBytes = 0 } }
        defer { journal.close() }
        if let setAside = journal.opening.setAside {
            guard journal.opening.head == 0, let path = setAside.path, FileManager.default.fileExists(atPath: path),
                !setAside.problems.isEmpty
            else { return .changed("a journal that was set aside badly") }
            try journal.store(.verdict(verdict(1)))
            return .setAside
        }
        let wanted = (1...count).map { verdict($0, size: 300) }
        guard try journal.all() == wanted else { return .changed("other verdicts") }
        guard try journal.reader.openParts() == [opened("half")] else { return .changed("other open parts") }
        guard try journal.reader.consumers().map(\.seq) == [0] else { return .changed("other cursors") }
        try journal.store(.verdict(verdict(count + 1)))
        return .whole
    }

    static var isFull: Bool { ProcessInfo.processInfo.environment["SCANWARD_FAULTS"] == "full" }

    @Test(arguments: Files.names, [true, false])
    func aFlippedByteIsNoticedOrChangesNothing(name: String, checksAll: Bool) throws {
        // In full each byte of a small journal, which has every kind of page, and a draw of one of 1 MB: each byte of that
        // would be millions of openings.
        for (count, isWhole) in Self.isFull ? [(UInt64(60), true), (1600, false)] : [(60, false)] {
            try flip(name, count: count, checksAll: checksAll, isWhole: isWhole)
        }
    }

    private func flip(_ name: String, count: UInt64, checksAll: Bool, isWhole: Bool) throws {
        let files = try Self.files(count: count)
        let size = files.contents[name]?.count ?? 0
        try #require(size > 0)
        var random = SplitMix64(seed: 3)
        let places =
            isWhole
            ? Array(stride(from: 0, to: size, by: checksAll ? 1 : 7))
            : Self.sample(size, count: Self.isFull ? 1500 : 150)
        var outcomes: [Outcome] = []
        for place in places {
            var damaged = files
            damaged.contents[name]?[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let outcome = try Self.open(damaged, expecting: count, checksAll: checksAll)
            if case .changed(let what) = outcome { Issue.record("\(name), byte \(place): \(what)") }
            outcomes.append(outcome)
        }
        print(
            "row 3: \(name) of \(size) bytes, \(checksAll ? "all" : "in part") checked, \(places.count) flipped one at a "
                + "time: \(outcomes.filter { $0 == .setAside }.count) set aside, "
                + "\(outcomes.filter { $0 == .setAsideLater }.count) once it was met, "
                + "\(outcomes.filter { $0 == .whole }.count) whole"
        )
    }

    /// The header's bytes, and a fixed draw of the rest.
    private static func sample(_ size: Int, count: Int) -> [Int] {
        Array(0..<min(100, size)) + (0..<count).map { Int((UInt64($0) &* 0x9E37_79B9_7F4A_7C15) % UInt64(size)) }
    }

    @Test func aLogCutOffAtAnyByteIsNoticed() throws {
        let count: UInt64 = 60
        let files = try Self.files(count: count)
        let log = try #require(files.contents["journal.sqlite-wal"])
        // A commit of one verdict is a few pages: the last of them, in full each byte of it.
        let tail = Self.isFull ? 30_000 : 12_000
        let cuts = stride(from: max(0, log.count - tail), to: log.count, by: Self.isFull ? 1 : 101)
        var setAside = 0
        for cut in Array(cuts) + [0, 31, 32, log.count - 1] {
            var damaged = files
            damaged.contents["journal.sqlite-wal"] = Array(log[..<cut])
            switch try Self.open(damaged, expecting: count) {
            case .setAside, .setAsideLater: setAside += 1
            case .whole:
                Issue.record("cut at \(cut) of \(log.count): nothing noticed, though a verdict must be missing")
            case .changed(let what): Issue.record("cut at \(cut) of \(log.count): \(what)")
            }
        }
        print("row 3: log of \(log.count) bytes cut off in \(tail) places of its tail: all \(setAside) set aside")
    }

    @Test func whatIsBesideTheDamageCanBeRead() throws {
        var files = try Self.files(count: 400)
        // Pages in the middle of the file, which holds the first half.
        let size = try #require(files.contents["journal.sqlite"]?.count)
        for place in (size / 2)..<(size / 2 + 9000) { files.contents["journal.sqlite"]?[place] = 0xA5 }
        let folder = try ScratchFolder("damage", inMemory: true)
        try files.write(to: folder)
        let journal = try Journal.test(folder)
        let setAside = try #require(journal.opening.setAside)
        let path = try #require(setAside.path)
        #expect(path.contains("journal-damaged-2"), "the date is in its name: \(path)")
        var salvage = JournalSalvage(try JournalReader(opening: path))
        var found: [JournalVerdict] = []
        try salvage.forEach { found.append($0) }
        #expect(found.allSatisfy { $0 == verdict($0.seq, size: 300) })
        #expect(found.map(\.seq) == found.map(\.seq).sorted())
        let lost = salvage.lost.reduce(0) { $0 + $1.count }
        #expect(found.count > 250 && found.count + lost >= 400, "\(found.count) read, \(lost) told as lost")
        #expect(try journal.reader.alerts().contains { $0.code == "journal_set_aside" })
    }

    @Test func aFileThatIsNoDatabaseIsSetAside() throws {
        let folder = try ScratchFolder("damage")
        try Data("this is a letter".utf8).write(to: folder.url.appending(path: "journal.sqlite"))
        let events = Events()
        let journal = try Journal.test(folder, events: events)
        #expect(journal.opening.setAside != nil)
        #expect(events.alert("journal_set_aside") != nil)
    }

    @Test func aLaterVersionIsRefusedAndLeftAlone() throws {
        let folder = try ScratchFolder("damage")
        let journal = try Journal.test(folder)
        journal.close()
        try withRawDatabase(folder) { try $0.execute(sql: "PRAGMA user_version = 7") }
        let error = #expect(throws: JournalError.self) { _ = try Journal.test(try self.copy(of: folder)) }
        #expect(error?.code == .tooNew)
    }

    private func copy(of folder: ScratchFolder) throws -> ScratchFolder {
        let copy = try ScratchFolder("damage")
        try Files(of: folder).write(to: copy)
        return copy
    }
}
