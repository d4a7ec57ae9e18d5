import FrameProtocol
import Foundation
import Testing
import Threads
import ZeroMQ

@testable import Publishing

@Suite struct VerdictReplayTests {
    private let context: Context
    private let store = MemoryStore(head: 1000)
    private let replay: VerdictReplay
    private let never = StopSignal()

    init() throws {
        context = try Context()
        replay = try VerdictReplay(store, in: context)
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

    @Test func theEndTellsWhereThePageBegan() throws {
        let client = try ReplayClient(context: context, endpoint: replay.endpoint)
        store.state.withLock { $0.first = 100 }
        store.state.withLock { $0.cursors["mes1"] = 40 }
        let page = try page(client, from: nil, consumer: "mes1", credit: 3)
        #expect(page.from == 41 && page.first == 100 && page.verdicts.map(\.seq) == [100, 101, 102])
        #expect(try self.page(client, from: 1001).from == 1001)
    }

    /// On a slow link a page takes longer than one message of it may.
    @Test func aPageMayTakeLongerThanAMessage() throws {
        let router = try Socket(.router, context: context, options: .replay)
        let endpoint = try router.bind("tcp://127.0.0.1:0")
        let never = never
        let server = JoinableThread(name: "slow", owning: router) { socket in
            guard let identity = (try? socket.receive())??.first else { return }
            var answers = (1...6).map { ReplayAnswer.verdict(MemoryStore.verdict($0)) }
            var end = ReplayAnswer.Fields(VerdictExtent(epoch: "e1", first: 1, head: 6), tag: "1")
            (end.from, end.next) = (1, 7)
            answers.append(.end(end))
            for answer in answers {
                _ = SystemClock().wait(until: SystemClock().after(ReplayClient.patience / 4), unless: never)
                _ = try? socket.send([identity, answer.message(from: .init(line: "l", station: "s"))])
            }
        }
        let client = try ReplayClient(context: context, endpoint: endpoint)
        let page = try client.page(from: 1, epoch: nil, consumer: nil, unless: never)
        #expect(page?.verdicts.count == 6)
        server.join()
    }
}
