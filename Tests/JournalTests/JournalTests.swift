import Foundation
import Synchronization
import TestPrograms
import Testing
import Threads

@testable import Journal

@Suite struct JournalTests {
    @Test func aVerdictIsOnTheDiskWhenItsCompletionRuns() throws {
        let folder = try ScratchFolder("journal")
        let journal = try Journal.test(folder)
        let seen = Monitor<[UInt64]>([])
        for seq in 1...50 as ClosedRange<UInt64> {
            let wanted = verdict(seq)
            #expect(
                journal.append(.verdict(wanted)) { result in
                    // A connection of another process would see the same.
                    let reader = try? JournalReader(opening: StateFolder(folder.path).database)
                    let found = try? reader?.verdict(resultID: wanted.resultID)
                    guard case .success = result, found == wanted else { return }
                    seen.withLock { $0.append(seq) }
                })
        }
        journal.close()
        #expect(seen.withLock { $0 } == Array(1...50))
    }

    @Test func whatIsAppendedWhileTheDiskIsBusyIsCommittedTogether() throws {
        let folder = try ScratchFolder("journal")
        // No watch of its own: it would commit too.
        let journal = try Journal.test(folder) { $0.watchInterval = .seconds(3600) }
        try journal.store(.alert(.init(code: "test", message: "", nanoseconds: 0)))
        let before = try #require(CommitWitness.read(folder: folder.path)).generation
        let isBusy = StopSignal(), mayGoOn = StopSignal()
        journal.append(.verdict(verdict(1))) { _ in
            isBusy.raise()
            mayGoOn.wait(until: nil)
        }
        isBusy.wait(until: nil)
        for seq in 2...100 as ClosedRange<UInt64> { journal.append(.verdict(verdict(seq))) }
        mayGoOn.raise()
        try journal.store(.verdict(verdict(101)))
        let after = try #require(CommitWitness.read(folder: folder.path)).generation
        // One for the first, one for those that waited, and one more if the last came late.
        #expect((2...3).contains(after - before), "\(after - before) commits")
        #expect(try journal.all().count == 101)
    }

    @Test func aJournalOpenedAgainGoesOn() throws {
        let folder = try ScratchFolder("journal")
        var journal: Journal? = try Journal.test(folder)
        let epoch = journal?.opening.epoch
        #expect(journal?.opening.head == 0)
        for seq in 1...3 as ClosedRange<UInt64> { journal?.append(.verdict(verdict(seq))) }
        journal?.append(.opened(opened("part-3")))
        journal?.append(.opened(opened("half")))
        journal?.notePublished(2)
        journal?.append(.modelChange(.init(partType: "mug", from: nil, to: "m1", configHash: "h", nanoseconds: 9)))
        journal?.close()
        journal = nil

        let again = try Journal.test(folder)
        #expect(again.opening.epoch == epoch)
        #expect(again.opening.head == 3)
        #expect(again.opening.unpublishedFrom == 3)
        #expect(again.opening.setAside == nil)
        #expect(Set(again.opening.openParts.map(\.key.partID)) == ["part-3", "half"])
        #expect(try again.reader.modelChanges().map(\.to) == ["m1"])
        try again.store(.verdict(verdict(4, part: "half")))
        #expect(try again.all().map(\.seq) == [1, 2, 3, 4])
        #expect(try again.reader.openParts().map(\.key.partID) == ["part-3"])
        #expect(try again.reader.lastParts(limit: 2).map(\.partID) == ["part-3", "half"])
    }

    @Test func aVerdictOutOfOrderEndsTheJournal() throws {
        let journal = try Journal.test(try ScratchFolder("journal"))
        try journal.store(.verdict(verdict(1)))
        #expect(throws: JournalError.self) { try journal.store(.verdict(verdict(3))) }
        guard case .failed = journal.readiness else {
            Issue.record("expected a failed journal, found \(journal.readiness)")
            return
        }
        #expect(!journal.append(.verdict(verdict(2))))
    }

    @Test func anEqualResultIsKnownBeforeAndAfterItsCommit() throws {
        let journal = try Journal.test(try ScratchFolder("journal"))
        let isBusy = StopSignal(), mayGoOn = StopSignal()
        journal.append(.alert(.init(code: "test", message: "", nanoseconds: 0))) { _ in
            isBusy.raise()
            mayGoOn.wait(until: nil)
        }
        isBusy.wait(until: nil)
        journal.append(.verdict(verdict(1)))
        #expect(try journal.contains(resultID: "result-1"))
        mayGoOn.raise()
        try journal.store(.verdict(verdict(2)))
        #expect(try journal.contains(resultID: "result-1"))
        #expect(try !journal.contains(resultID: "result-3"))
    }

    /// SQLite binds text up to its first NUL.
    @Test func aNULInANameIsNoDamage() throws {
        let folder = try ScratchFolder("journal")
        var journal: Journal? = try Journal.test(folder)
        try journal?.store(.opened(opened("a\0b")))
        try journal?.store(.verdict(verdict(1, part: "c\0d")))
        #expect(try journal?.all().map(\.part.partID) == ["c"])
        journal = nil
        let next = try Journal.test(folder)
        #expect(next.opening.setAside == nil && next.opening.openParts.map(\.key.partID) == ["a"])
        next.close()
    }

    @Test func oneProcessAtATime() throws {
        let folder = try ScratchFolder("journal")
        let journal = try Journal.test(folder)
        let error = #expect(throws: JournalError.self) { _ = try Journal.test(folder) }
        #expect(error?.code == .inUse)
        #expect(error?.message.contains("\(getpid())") ?? false)
        journal.close()
    }

    @Test func pagesEndWhereTheyAreAskedTo() throws {
        let journal = try Journal.test(try ScratchFolder("journal"))
        for seq in 1...20 as ClosedRange<UInt64> {
            journal.append(.verdict(verdict(seq, evaluation: seq % 5 == 0 ? "not_ok" : "ok", size: 1000)))
        }
        try journal.store(.verdict(verdict(21)))
        let page = try journal.reader.page(from: 4, limit: 3)
        #expect(page.verdicts.map(\.seq) == [4, 5, 6] && page.next == 7 && page.extent.head == 21)
        #expect(try journal.reader.page(from: 4, limit: 100, bytes: 3500).verdicts.map(\.seq) == [4, 5, 6])
        #expect(try journal.reader.page(from: 4, limit: 100, bytes: 1).verdicts.map(\.seq) == [4])
        let failed = try journal.reader.page(from: 6, limit: 10, filter: .init(evaluation: "not_ok"))
        #expect(failed.verdicts.map(\.seq) == [10, 15, 20] && failed.next == 22)
        #expect(try journal.reader.page(from: 40, limit: 3).next == 40)
    }
}

@Suite struct ConsumerTests {
    @Test func cursorsGoForwardOnly() throws {
        let folder = try ScratchFolder("journal")
        let journal = try Journal.test(folder)
        for seq in 1...9 as ClosedRange<UInt64> { journal.append(.verdict(verdict(seq))) }
        try journal.store(.registered(consumer: "mes1", seq: 2))
        try journal.store(.acknowledged(consumer: "mes1", seq: 7))
        try journal.store(.acknowledged(consumer: "mes1", seq: 5))
        try journal.store(.registered(consumer: "mes1", seq: 0))
        #expect(try journal.reader.consumers().map(\.seq) == [7])
        let error = #expect(throws: JournalError.self) {
            try journal.store(.acknowledged(consumer: "mes1", seq: 10))
        }
        #expect(error?.code == .refused)
        // A refusal is no failure of the journal.
        #expect(journal.readiness == .ready)
        try journal.store(.forgotten(consumer: "mes1"))
        #expect(try journal.reader.consumers().isEmpty)
    }

    @Test func thereAreOnlySoMany() throws {
        let journal = try Journal.test(try ScratchFolder("journal"))
        for number in 0..<Journal.maximumConsumers {
            try journal.store(.registered(consumer: "c\(number)", seq: 0))
        }
        let error = #expect(throws: JournalError.self) { try journal.store(.registered(consumer: "more", seq: 0)) }
        #expect(error?.code == .refused)
        try journal.store(.acknowledged(consumer: "c1", seq: 0))
    }
}

@Suite struct RetentionTests {
    private static let day: UInt64 = 86_400_000_000_000

    /// A journal of a hundred verdicts, one a day, and a clock that stands at the last.
    private func journal(
        _ wallClock: ManualWallClock, _ events: Events = Events(), size: Int = 100,
        configure: @escaping (inout Journal.Configuration) -> Void
    ) throws -> (Journal, ScratchFolder) {
        let folder = try ScratchFolder("journal")
        let journal = try Journal.test(folder, wallClock: wallClock, events: events) {
            $0.retention.age = .seconds(30 * 86_400)
            $0.retentionInterval = .milliseconds(30)
            configure(&$0)
        }
        return (journal, folder)
    }

    private func fill(_ journal: Journal, size: Int = 100) throws {
        for seq in 1..<100 as Range<UInt64> {
            journal.append(.verdict(verdict(seq, decided: seq * Self.day, size: size)))
        }
        try journal.store(.verdict(verdict(100, decided: 100 * Self.day, size: size)))
    }

    @Test func whatIsOldIsRemoved() throws {
        let (journal, _) = try journal(ManualWallClock(100 * Self.day)) { _ in }
        try fill(journal)
        #expect(try eventually { try journal.reader.extent().first == 70 })
        #expect(try journal.reader.extent().head == 100)
        #expect(try journal.all().count == 31)
        // A rule that came while it runs.
        var retention = Retention()
        retention.age = .seconds(10 * 86_400)
        journal.setRetention(retention)
        #expect(try eventually { try journal.reader.extent().first == 90 })
    }

    @Test func whatAConsumerHasNotAcknowledgedStays() throws {
        let (journal, _) = try journal(ManualWallClock(100 * Self.day)) { $0.retentionInterval = .seconds(3600) }
        try journal.store(.registered(consumer: "mes1", seq: 0))
        try fill(journal)
        var retention = Retention()
        retention.age = .seconds(30 * 86_400)
        let pass = RetentionPass(retention: retention, now: 100 * Self.day)
        try journal.store(.acknowledged(consumer: "mes1", seq: 40))
        let outcome = try journal.reader.reading { db in try pass.plan(db) }
        #expect(outcome.through == 40 && outcome.overruled.isEmpty)
        try journal.store(.acknowledged(consumer: "mes1", seq: 90))
        #expect(try journal.reader.reading { db in try pass.plan(db) }.through == 69)
    }

    @Test func aConsumerThatIsGoneDoesNotFillTheDisk() throws {
        let events = Events()
        let (journal, _) = try journal(ManualWallClock(100 * Self.day), events) {
            $0.retention.age = .seconds(1000 * 86_400)
            $0.retention.bytes = 100_000
            $0.retention.unacknowledgedBytes = 200_000
        }
        try journal.store(.registered(consumer: "mes1", seq: 0))
        try fill(journal, size: 4000)
        #expect(events.alert("consumer_overruled") != nil)
        #expect(try eventually { try journal.reader.reading(RetentionPass.usedBytes) <= 200_000 })
        // Between the two bounds it is still waited for.
        #expect(try journal.reader.reading(RetentionPass.usedBytes) > 100_000)
        try journal.store(.forgotten(consumer: "mes1"))
        #expect(try eventually { try journal.reader.reading(RetentionPass.usedBytes) <= 100_000 })
        #expect(try journal.reader.extent().head == 100)
    }

    @Test func aClockThatIsSetAheadRemovesNothing() throws {
        let clock = ManualWallClock(100 * Self.day), events = Events()
        let (journal, _) = try journal(clock, events) { $0.retention.age = .seconds(365 * 86_400) }
        try fill(journal)
        clock.set(5000 * Self.day)
        #expect(events.alert("clock_jumped") != nil)
        clock.set(5001 * Self.day)
        try journal.store(.verdict(verdict(101)))
        #expect(try journal.reader.extent().first == 1)
    }

    /// A clock that is a year ahead when the machine boots: no watch saw it jump.
    @Test func aClockThatWasWrongAtTheStartRemovesNothing() throws {
        let clock = ManualWallClock(100 * Self.day)
        let folder = try ScratchFolder("journal")
        do {
            let journal = try Journal.test(folder, wallClock: clock)
            try fill(journal)
            journal.close()
        }
        clock.set(600 * Self.day)
        let later = Events()
        var configuration = Journal.Configuration(folder: StateFolder(folder.path))
        configuration.retention.age = .seconds(365 * 86_400)
        configuration.watchInterval = .milliseconds(20)
        configuration.retentionInterval = .milliseconds(30)
        let again = try Journal.open(configuration, wallClock: clock, observe: later.observe)
        #expect(later.alert("times_step") != nil)
        try again.store(.verdict(verdict(101, decided: 600 * Self.day)))
        #expect(try again.reader.extent().first == 1)
        var retention = Retention()
        retention.age = .seconds(365 * 86_400)
        let soon = RetentionPass(retention: retention, now: 600 * Self.day + Self.day / 2)
        #expect(try again.reader.reading { try soon.plan($0) }.step == 500 * Self.day)
        // The clock was right, and the line had stood still: a day of verdicts later they go.
        try again.store(.verdict(verdict(102, decided: 601 * Self.day)))
        let tomorrow = RetentionPass(retention: retention, now: 601 * Self.day + Self.day / 2)
        let plan = try again.reader.reading { try tomorrow.plan($0) }
        #expect(plan.step == nil && plan.through == 100)
        // Whoever asks for it need not wait.
        let asked = RetentionPass(retention: retention, now: 600 * Self.day, holdsAfterSteps: false)
        #expect(try again.reader.reading { try asked.plan($0) }.through == 100)
    }

    @Test func aJumpOfAnHourIsToldOnce() {
        let hour: UInt64 = 3_600_000_000_000
        var watch = ClockWatch(wall: 10 * hour, monotonic: 0)
        let regular = watch.isTrusted(wall: 11 * hour, monotonic: hour), none = watch.takeNews()
        #expect(regular && !none)
        let setBack = watch.isTrusted(wall: 11 * hour, monotonic: 2 * hour)
        let first = watch.takeNews(), second = watch.takeNews()
        #expect(!setBack && first && !second)
        let later = watch.isTrusted(wall: 12 * hour, monotonic: 2 * hour)
        #expect(!later)
    }
}
