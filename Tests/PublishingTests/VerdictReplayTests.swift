import Foundation
import FrameProtocol
import Synchronization
import Testing
import Threads
import ZeroMQ

@testable import Publishing

/// Verdicts in memory, in place of the journal.
private final class MemoryStore: VerdictStore {
    struct State {
        var epoch = "e1"
        var first: UInt64 = 1
        var head: UInt64
        var cursors: [String: UInt64] = [:]
        var filler = ""
    }
    let state: Mutex<State>

    init(head: UInt64) { state = Mutex(State(head: head)) }

    func extent() throws -> VerdictExtent {
        state.withLock { VerdictExtent(epoch: $0.epoch, first: $0.first, head: $0.head) }
    }

    func verdicts(
        from seq: UInt64, limit: Int
    ) throws -> (verdicts: [StoredVerdict], next: UInt64, extent: VerdictExtent) {
        let filler = state.withLock { $0.filler }
        let extent = try extent(), start = max(seq, extent.first)
        let numbers = (0..<UInt64(limit)).map { start + $0 }.filter { $0 <= extent.head }
        let verdicts = numbers.map { Self.verdict($0, filler) }
        return (verdicts, start + UInt64(verdicts.count), extent)
    }

    func cursor(of consumer: String) throws -> UInt64? { state.withLock { $0.cursors[consumer] } }
    func register(_ consumer: String, after seq: UInt64) throws { state.withLock { $0.cursors[consumer] = seq } }
    func acknowledge(_ consumer: String, through seq: UInt64) throws {
        state.withLock { $0.cursors[consumer] = max($0.cursors[consumer] ?? 0, seq) }
    }

    static func verdict(_ seq: UInt64, _ filler: String = "") -> StoredVerdict {
        StoredVerdict(
            seq: seq, station: .init(line: "l", station: "s"), evaluation: "ok",
            json: Array(#"{"epoch":"e1","seq":\#(seq)\#(filler.isEmpty ? "" : #","filler":"\#(filler)""#)}"#.utf8))
    }
}

@Suite struct VerdictReplayTests {
    private let context: Context
    private let store = MemoryStore(head: 1000)
    private let replay: VerdictReplay
    private let never = StopSignal()

    init() throws {
        context = try Context()
        replay = try VerdictReplay(
            context: context, configuration: .init(endpoint: "tcp://127.0.0.1:0", line: "l", station: "s"), store: store
        )
    }

    /// Asks until there is an answer.
    private func page(
        _ client: ReplayClient, from: UInt64?, epoch: String? = nil, consumer: String? = nil, credit: Int = 200
    ) throws -> ReplayClient.Page {
        while true {
            if let page = try client.page(from: from, epoch: epoch, consumer: consumer, credit: credit, unless: never) {
                return page
            }
        }
    }

    @Test func pagesComeInOrderUpToTheCreditAndTheHead() throws {
        let client = try ReplayClient(context: context, endpoint: replay.endpoint)
        var next: UInt64? = 400, seen: [UInt64] = []
        while let from = next, from <= 1000 {
            let page = try page(client, from: from, credit: 250)
            #expect(page.verdicts.count <= 250 && page.head == 1000 && page.epoch == "e1")
            #expect(page.verdicts.allSatisfy { $0 == MemoryStore.verdict($0.seq) })
            seen += page.verdicts.map(\.seq)
            next = page.next
        }
        #expect(seen == Array(400...1000))
        #expect(try page(client, from: 1001).verdicts.isEmpty)
        #expect(replay.statistics.verdicts == 601)
    }

    @Test func aConsumerGoesOnAfterWhatItAcknowledged() throws {
        let client = try ReplayClient(context: context, endpoint: replay.endpoint)
        store.state.withLock { $0.first = 11 }
        #expect(try page(client, from: nil, consumer: "mes1", credit: 5).verdicts.map(\.seq) == [11, 12, 13, 14, 15])
        #expect(store.state.withLock { $0.cursors } == ["mes1": 10], "what it has not acknowledged is kept")
        #expect(try client.acknowledge("mes1", through: 13, epoch: "e1", unless: never))
        let other = try ReplayClient(context: context, endpoint: replay.endpoint)
        #expect(try page(other, from: nil, consumer: "mes1", credit: 2).verdicts.map(\.seq) == [14, 15])
    }

    @Test func refusalsAreNamedAndCounted() throws {
        let client = try ReplayClient(context: context, endpoint: replay.endpoint)
        var error = #expect(throws: PublishingError.self) { try page(client, from: 1, epoch: "e0") }
        #expect(error?.code == .refused(.unknownEpoch))
        error = #expect(throws: PublishingError.self) {
            try client.acknowledge("mes1", through: 1001, epoch: "e1", unless: never)
        }
        #expect(error?.code == .refused(.beyondHead))
        let socket = try Socket(.dealer, context: context, options: .replay)
        try socket.connect(replay.endpoint)
        for parts in [[[1, 2, 3]], [[1], [2], [3]]] as [[[UInt8]]] {
            _ = try socket.send(parts)
            let answer = try #require(try socket.receive()?.last)
            #expect(String(decoding: answer, as: UTF8.self).hasPrefix("refused/1/l/s {"))
        }
        #expect(
            replay.statistics.refused == ["unknownEpoch": 1, "beyondHead": 1, "malformed": 1, "malformedEnvelope": 1])
        // It answers on.
        #expect(try page(client, from: 1, credit: 1).verdicts.count == 1)
    }

    @Test func aREQSocketIsAnsweredInItsEnvelope() throws {
        let socket = try Socket(.dealer, context: context, options: .replay)
        try socket.connect(replay.endpoint)
        let request = #"{"schema":"replay/1","request":"verdicts","from_seq":1001,"credit":1}"#
        _ = try socket.send([[], Array(request.utf8)])
        let answer = try #require(try socket.receive())
        #expect(answer.count == 2 && answer[0].isEmpty)
        #expect(String(decoding: answer[1], as: UTF8.self).hasPrefix("end/1/l/s {"))
    }

    @Test func aReaderThatDoesNotReadCostsNoMemory() throws {
        let stuck = try Socket(.dealer, context: context, options: .replay)
        try stuck.connect(replay.endpoint)
        let request = Array(#"{"schema":"replay/1","request":"verdicts","from_seq":1,"credit":500}"#.utf8)
        store.state.withLock { $0.filler = String(repeating: "x", count: 20_000) }
        for _ in 0..<40 { _ = try stuck.send([request]) }
        let client = try ReplayClient(context: context, endpoint: replay.endpoint)
        // Asked after them, and answered: the thread was not held up by the one that does not read.
        #expect(try page(client, from: 1, credit: 3).verdicts.map(\.seq) == [1, 2, 3])
        while replay.statistics.requests < 41 { sched_yield() }
        // 40 answers of 500 are 20,000 messages, 400 MB; the sockets hold a high-water mark a side and what TCP takes.
        var held = 0
        while try stuck.receive(deadline: SystemClock().after(.milliseconds(200))) != nil { held += 1 }
        #expect(held < 4000, "\(held) messages were held")
    }

    @Test func aFollowerFillsEveryGapFromTheJournal() throws {
        var configuration = VerdictPublisher.Configuration(
            endpoint: "tcp://127.0.0.1:0", line: "l", station: "s", epoch: "e1")
        configuration.heartbeatInterval = .milliseconds(5)
        configuration.head = 1000
        let publisher = try VerdictPublisher(context: context, configuration: configuration)
        var following = VerdictFollower.Configuration(
            live: .init(endpoint: publisher.endpoint), replay: replay.endpoint)
        following.from = 990
        following.consumer = "mes1"
        let follower = try VerdictFollower(context: context, configuration: following)
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
}
