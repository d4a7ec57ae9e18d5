import CFaultyDisk
import Foundation
import SeededRandom
import TestPrograms
import Testing
import Threads

@testable import Journal

/// Faults below SQLite, by a VFS. One plan at a time: hence one after the other.
@Suite(.serialized) struct FaultyDiskTests {
    init() throws { try #require(faulty_disk_install() == 0) }

    private func plan(_ folder: ScratchFolder, _ kind: faulty_disk_kind, at: Int64, torn: Int32 = 0) {
        faulty_disk_plan(folder.path, kind, at, torn)
    }

    /// What a journal confirmed of verdicts that are appended until it fails.
    private func confirmed(by journal: Journal, count: UInt64) -> [UInt64] {
        let seen = Monitor<[UInt64]>([])
        for seq in 1...count {
            let accepted = journal.append(.verdict(verdict(seq))) { result in
                if case .success = result { seen.withLock { $0.append(seq) } }
            }
            if !accepted { break }
        }
        journal.close()
        return seen.withLock { $0 }
    }

    @Test func eachConfirmedVerdictWasSyncedByItself() throws {
        let folder = try ScratchFolder("fault")
        let journal = try Journal.test(folder)
        plan(folder, faulty_disk_none, at: 0)
        defer { faulty_disk_plan("", faulty_disk_none, 0, 0) }
        for seq in 1...20 as ClosedRange<UInt64> {
            let before = faulty_disk_log_syncs()
            try journal.store(.verdict(verdict(seq)))
            #expect(faulty_disk_log_syncs() > before, "verdict \(seq) was confirmed without a sync of the log")
        }
        journal.close()
    }

    /// The first dozen syncs are those of commits; about the 140th the first checkpoint comes.
    private static let failingSyncs: [Int64] = Array(0..<12) + [130, 140, 150, 160]

    @Test(arguments: failingSyncs) func afterAFailedSyncNothingIsConfirmedAndNothingRetried(at: Int64) throws {
        let folder = try ScratchFolder("fault"), events = Events()
        let journal = try Journal.test(folder, events: events)
        try journal.store(.alert(.init(code: "test", message: "", nanoseconds: 0)))
        plan(folder, faulty_disk_sync_error, at: at)
        defer { faulty_disk_plan("", faulty_disk_none, 0, 0) }
        var stored: UInt64 = 0, wasWithheld = false
        // One commit each: the sync that fails is that of a commit or of a checkpoint.
        while faulty_disk_has_failed() == 0, stored < 5000 {
            do { try journal.store(.verdict(verdict(stored + 1))) } catch {
                wasWithheld = true
                break
            }
            stored += 1
        }
        #expect(faulty_disk_has_failed() == 1)
        if at < 12 { #expect(wasWithheld, "verdict \(stored) was confirmed though its own sync had failed") }
        #expect(!journal.append(.verdict(verdict(stored + 2))))
        journal.close()
        guard case .failed(let error) = journal.readiness else {
            Issue.record("expected a failed journal, found \(journal.readiness)")
            return
        }
        #expect(error.code == .failed)
        #expect(faulty_disk_syncs_after_error() == 0)
        // What was confirmed is there for the next process; what was not may be.
        let copy = try self.copy(of: folder)
        let next = try Journal.test(copy)
        #expect(next.opening.setAside == nil)
        #expect((stored...(stored + 1)).contains(next.opening.head), "\(stored) confirmed, \(next.opening.head) there")
        next.close()
    }

    @Test func aFullDiskIsWaitedFor() throws {
        let folder = try ScratchFolder("fault"), events = Events()
        let journal = try Journal.test(folder, events: events)
        try journal.store(.verdict(verdict(1)))
        plan(folder, faulty_disk_full, at: 3)
        defer { faulty_disk_plan("", faulty_disk_none, 0, 0) }
        let confirmed = Monitor<[UInt64]>([])
        for seq in 2...40 as ClosedRange<UInt64> {
            journal.append(.verdict(verdict(seq))) { result in
                if case .success = result { confirmed.withLock { $0.append(seq) } }
            }
        }
        #expect(events.alert("disk_full") != nil)
        guard case .waiting = journal.readiness else {
            Issue.record("expected a waiting journal, found \(journal.readiness)")
            return
        }
        let before = confirmed.withLock { $0.count }
        #expect(try JournalReader(opening: StateFolder(folder.path).database).extent().head == UInt64(before + 1))
        faulty_disk_release()
        #expect(events.first { $0 == .ready } != nil)
        #expect(confirmed.wait(until: SystemClock().after(.seconds(20))) { $0.count == 39 ? true : nil } == true)
        #expect(confirmed.withLock { $0 } == Array(2...40))
        journal.close()
        #expect(try JournalReader(opening: StateFolder(folder.path).database).alerts().map(\.code) == ["disk_full"])
    }

    @Test func aJournalThatIsClosedOnAFullDiskGivesUp() throws {
        let folder = try ScratchFolder("fault")
        let journal = try Journal.test(folder)
        try journal.store(.verdict(verdict(1)))
        plan(folder, faulty_disk_full, at: 0)
        defer { faulty_disk_plan("", faulty_disk_none, 0, 0) }
        let failed = Monitor(false)
        journal.append(.verdict(verdict(2))) { result in
            if case .failure = result { failed.withLock { $0 = true } }
        }
        journal.close()
        #expect(failed.withLock { $0 })
        faulty_disk_release()
        let next = try Journal.test(try copy(of: folder))
        #expect(next.opening.head == 1 && next.opening.setAside == nil)
    }

    /// A process that is to end does not wait for room, whoever waits within it.
    @Test func whoGivesUpWaitingIsLetGo() throws {
        let folder = try ScratchFolder("fault")
        let journal = try Journal.test(folder) { $0.queueCapacity = 4 }
        try journal.store(.verdict(verdict(1)))
        plan(folder, faulty_disk_full, at: 0)
        defer { faulty_disk_plan("", faulty_disk_none, 0, 0) }
        let outcomes = Monitor<[Bool]>([])
        // The queue holds four, and the writer one batch: some append waits until the journal gives up.
        let producer = JoinableThread(name: "producer") {
            for seq in 2...40 as ClosedRange<UInt64> {
                journal.append(.verdict(verdict(seq))) { result in
                    outcomes.withLock { $0.append((try? result.get()) != nil) }
                }
            }
        }
        #expect(eventually { faulty_disk_has_failed() == 1 })
        #expect(throws: JournalError.self) {
            try journal.store(.alert(.init(code: "a", message: "", nanoseconds: 0)), deadline: SystemClock().now)
        }
        journal.giveUpWaiting()
        producer.join()
        journal.close()
        #expect(outcomes.withLock { $0 } == [Bool](repeating: false, count: 39))
        faulty_disk_release()
        let next = try Journal.test(try copy(of: folder))
        #expect(next.opening.head == 1)
        next.close()
    }

    @Test func littleFreeSpaceIsToldWithoutAVerdict() throws {
        let folder = try ScratchFolder("fault"), events = Events(), disk = ManualDisk()
        let journal = try Journal.test(folder, disk: disk, events: events)
        #expect(journal.readiness == .ready)
        disk.setFree(1000)
        #expect(events.alert("disk_nearly_full") != nil)
        try journal.store(.verdict(verdict(1)))
        #expect(journal.readiness != .ready)
        disk.setFree(1 << 30)
        #expect(events.first { $0 == .ready } != nil)
    }

    /// The machine dies at a random write, which is torn, and with it goes all that was not synced: whatever was confirmed
    /// is there afterwards.
    @Test(arguments: 0..<(DamageTests.isFull ? 400 : 40) as Range<UInt64>)
    func aMachineThatDiesLosesNothingConfirmed(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let folder = try ScratchFolder("fault", inMemory: true)
        let journal = try Journal.test(folder)
        try journal.store(.opened(opened("half")))
        plan(
            folder, faulty_disk_death, at: Int64(random.next() % 1500), torn: Int32(random.next() % 4096))
        defer { faulty_disk_plan("", faulty_disk_none, 0, 0) }
        var stored: UInt64 = 0
        while faulty_disk_has_failed() == 0, stored < 5000 {
            do { try journal.store(.verdict(verdict(stored + 1, size: 50 + Int(random.next() % 3000)))) } catch {
                break
            }
            stored += 1
        }
        #expect(faulty_disk_has_failed() == 1)
        journal.close()
        let next = try Journal.test(try copy(of: folder))
        #expect(next.opening.setAside == nil, "\(next.opening.setAside?.problems ?? [])")
        #expect((stored...(stored + 1)).contains(next.opening.head))
        #expect(next.opening.openParts.map(\.key.partID) == ["half"])
    }

    /// What the disk holds: the connection that failed stays open, and its locks with it.
    private func copy(of folder: ScratchFolder) throws -> ScratchFolder {
        let copy = try ScratchFolder("fault", inMemory: true)
        for name in ["journal.sqlite", "journal.sqlite-wal", CommitWitness.fileName] {
            try? FileManager.default.copyItem(atPath: folder.file(name), toPath: copy.file(name))
        }
        return copy
    }
}
