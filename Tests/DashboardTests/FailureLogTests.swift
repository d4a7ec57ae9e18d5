import Synchronization
import Testing
import Threads

@testable import Dashboard

/// What fails here is told in the monitor's log, and does not fill it.
@Suite struct FailureLogTests {
    private struct Broken: Error, CustomStringConvertible {
        var description = "the disk says no"
    }

    private final class Told: Sendable {
        let sentences = Mutex<[String?]>([])
        var all: [String?] { sentences.withLock { $0 } }
        func add(_ sentence: String?) { sentences.withLock { $0.append(sentence) } }
    }

    @Test func aRequestThatFailedIsTold() async throws {
        let log = MemoryLog(head: 9), told = Told()
        log.state.withLock { $0.failure = "the journal cannot be read" }
        try await serving(DashboardSources(log: log), didFail: { told.add($0) }) { port in
            let id = "0123456789abcdef"
            let answer = try await HTTPConnection.get(
                "/api/parts/\(id)?token=swd_secret", port: port, headers: ["Authorization: Bearer swd_secret"])
            #expect(answer.status == 401 && told.all.isEmpty, "what the client did wrong is its own business")
            let failed = try await HTTPConnection.get("/api/parts/\(id)?token=swd_secret", port: port)
            #expect(failed.status == 500 && failed.text.hasSuffix("the journal cannot be read\n"))
            #expect(told.all == ["GET /api/parts/\(id): the journal cannot be read"])
            // Within an answer that has begun: its client only sees that the end is missing.
            let cut = try? await HTTPConnection.get("/api/verdicts", port: port)
            #expect(cut?.text.hasSuffix("0\r\n\r\n") != true)
            #expect(told.all.dropFirst() == ["GET /api/verdicts: the journal cannot be read"])
        }
    }

    @Test func aThresholdThatCannotBeWrittenIsTold() async throws {
        var sources = DashboardSources(log: MemoryLog(head: 1))
        sources.models = BrokenModels()
        sources.access = MemoryTokens()
        let told = Told()
        try await serving(sources, didFail: { told.add($0) }) { port in
            let answer = try await HTTPConnection.get(
                "/api/models/m1/threshold", port: port, headers: ["Authorization: Bearer change"],
                post: #"{"value": 7.5, "reason": "swd_abc"}"#)
            #expect(answer.status == 500 && answer.text.hasSuffix("the folder of m1 is read-only\n"))
            #expect(told.all == ["POST /api/models/m1/threshold: the folder of m1 is read-only"])
        }
    }

    private struct BrokenModels: ModelShelf {
        func list() throws -> [UInt8] { [] }
        func model(id: String) throws -> [UInt8]? { nil }
        func setThreshold(_ change: ThresholdRequest, of id: String, by name: String) throws -> [UInt8] {
            throw ThresholdRefusal(.notWritten, "the folder of \(id) is read-only")
        }
    }

    @Test func theSameIsToldOnceAMinuteAndAllIsCounted() {
        let clock = ManualClock(now: 1), told = Told()
        let log = FailureLog(clock: clock) { told.add($0) }
        for _ in 0..<3 { log.note(.get, "/api/status", Broken()) }
        log.note(.get, "/api/status", CancellationError())
        #expect(told.all == ["GET /api/status: the disk says no", nil, nil])
        for number in 0..<30 { log.note(.get, "/api/parts/\(number)", Broken()) }
        #expect(told.all.count == 33 && told.all.count { $0 != nil } == FailureLog.perWindow)
        clock.advance(by: .seconds(60))
        log.note(.get, "/api/status", Broken())
        #expect(told.all.last == "GET /api/status: the disk says no (and 21 more since the one before)")
    }

    @Test func noTokenAndNoEndlessLineComesIntoTheLog() {
        let told = Told()
        let log = FailureLog(clock: ManualClock(now: 1)) { told.add($0) }
        let broken = Broken(description: "no\nsuch\u{1B}[31m " + String(repeating: "x", count: 1000))
        log.note(.get, "/api/parts/swd_AbC-12_x/cloud", broken)
        let sentence = told.all.first.flatMap { $0 } ?? ""
        #expect(sentence.hasPrefix("GET /api/parts/swd_.../cloud: no such [31m xxx"))
        #expect(sentence.count < 450 && !sentence.contains("AbC"))
    }
}
