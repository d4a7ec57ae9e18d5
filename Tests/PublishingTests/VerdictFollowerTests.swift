import Testing
import Threads
import ZeroMQ

@testable import Publishing

/// Every verdict once and in order, whatever becomes of the monitor and of its journal.
@Suite struct VerdictFollowerTests {
    private let context: Context
    private let store = MemoryStore(head: 1000)
    private let replay: VerdictReplay
    private let never = StopSignal()

    init() throws {
        context = try Context()
        replay = try VerdictReplay(store, in: context)
    }

    /// A publisher that says often where the journal ends, and a consumer of it.
    private func start(from: UInt64?) throws -> (VerdictPublisher, VerdictFollower) {
        var configuration = VerdictPublisher.Configuration(
            endpoint: "tcp://127.0.0.1:0", line: "l", station: "s", epoch: "e1")
        configuration.heartbeatInterval = .milliseconds(5)
        configuration.head = 1000
        let publisher = try VerdictPublisher(context: context, configuration: configuration)
        var following = VerdictFollower.Configuration(
            live: .init(endpoint: publisher.endpoint), replay: replay.endpoint)
        following.from = from
        following.consumer = "mes1"
        return (publisher, try VerdictFollower(context: context, configuration: following))
    }

    /// What comes up to a verdict, heartbeats and the like left out.
    private func events(_ follower: VerdictFollower, through last: UInt64) throws -> [String] {
        var seen: [String] = []
        while let event = try follower.next(unless: never) {
            switch event {
            case .verdict(let verdict, _):
                seen.append("\(verdict.seq)")
                if verdict.seq == last { return seen }
            case .removed(let range): seen.append("removed \(range.lowerBound) to \(range.upperBound)")
            case .unreadable(let range): seen.append("unreadable \(range.lowerBound) to \(range.upperBound)")
            case .behind, .live: break
            }
        }
        return seen
    }

    @Test func aFollowerFillsEveryGapFromTheJournal() throws {
        let (publisher, follower) = try start(from: 990)
        var seen: [UInt64] = [], replayed: [UInt64] = []
        func collect(through last: UInt64) throws {
            while seen.last != last, let event = try follower.next(unless: never) {
                guard case .verdict(let verdict, let isReplayed) = event else { continue }
                seen.append(verdict.seq)
                if isReplayed { replayed.append(verdict.seq) }
                try follower.acknowledge(through: verdict.seq, unless: never)
            }
        }
        try collect(through: 1000)
        // Stored, but not published: only the next verdict's number tells of them.
        store.state.withLock { $0.head = 1005 }
        try publisher.publish(seq: 1005, evaluation: "ok", json: MemoryStore.verdict(1005).json)
        try collect(through: 1005)
        // Published once more, as after a crash.
        try publisher.publish(seq: 1004, evaluation: "ok", json: MemoryStore.verdict(1004).json)
        store.state.withLock { $0.head = 1006 }
        try publisher.publish(seq: 1006, evaluation: "ok", json: MemoryStore.verdict(1006).json)
        try collect(through: 1006)
        #expect(seen == Array(990...1006))
        #expect(replayed.contains(1001))
        #expect(store.state.withLock { $0.cursors } == ["mes1": 1006])
    }

    @Test func aConsumerThatComesBackIsToldWhatWasRemoved() throws {
        store.state.withLock { state in
            state.first = 990
            state.cursors["mes1"] = 980
        }
        let (_, follower) = try start(from: nil)
        #expect(try events(follower, through: 991) == ["removed 981 to 989", "990", "991"])
    }

    @Test func whatCannotBeReadIsToldAndPassed() throws {
        store.state.withLock { $0.unreadable = 993...995 }
        let (_, follower) = try start(from: 992)
        #expect(try events(follower, through: 997) == ["992", "unreadable 993 to 995", "996", "997"])
        // Together with what was removed.
        store.state.withLock { state in
            state.first = 993
            state.cursors["mes1"] = 990
        }
        let (_, other) = try start(from: nil)
        #expect(try events(other, through: 996) == ["removed 991 to 992", "unreadable 993 to 995", "996"])
    }

    @Test func anotherEpochBeginsAnewAndOldNumbersAreNotAcknowledgedInIt() throws {
        let (publisher, follower) = try start(from: 999)
        #expect(try events(follower, through: 1000) == ["999", "1000"])
        // The journal is set aside; nobody has acknowledged yet.
        store.state.withLock { state in
            (state.epoch, state.head) = ("e2", 0)
            state.cursors = [:]
        }
        #expect(try follower.acknowledge(through: 1000, unless: never))
        // Told by what is published that something has changed, it asks: there is no verdict yet.
        while store.state.withLock({ $0.cursors["mes1"] == nil }) { _ = try follower.next(unless: never) }
        for _ in 0..<3 {
            _ = try follower.next(unless: never)
            // Beyond the new journal's head, it would be refused.
            #expect(try follower.acknowledge(through: 1000, unless: never))
        }
        store.state.withLock { $0.head = 2 }
        #expect(try events(follower, through: 2) == ["1", "2"])
        #expect(try follower.acknowledge(through: 2, unless: never))
        #expect(store.state.withLock { $0.cursors } == ["mes1": 2])
        publisher.stop()
    }

    @Test func anAcknowledgementWithoutAnAnswerIsNotOne() throws {
        let (_, follower) = try start(from: 1000)
        #expect(try events(follower, through: 1000) == ["1000"])
        let stopped = StopSignal()
        stopped.raise()
        #expect(try !follower.acknowledge(through: 1000, unless: stopped))
        #expect(try follower.acknowledge(through: 1000, unless: never))
        #expect(store.state.withLock { $0.cursors } == ["mes1": 1000])
    }
}
