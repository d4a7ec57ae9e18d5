import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing
import Threads

@testable import Dashboard

/// Verdicts in memory, in place of the journal.
final class MemoryLog: VerdictLog {
    struct State {
        var head: UInt64
        var size = 10
        var reason: String?
        /// Why nothing can be read.
        var failure: String?
        var isClosed = false
    }
    let state: Mutex<State>

    init(head: UInt64, size: Int = 10) { state = Mutex(State(head: head, size: size)) }

    struct Failed: Error, CustomStringConvertible { let description: String }

    private func check() throws {
        if state.withLock({ $0.isClosed }) { throw VerdictLogClosed() }
        if let failure = state.withLock({ $0.failure }) { throw Failed(description: failure) }
    }

    func page(from seq: UInt64, limit: Int, query: VerdictQuery) throws -> (
        verdicts: [(seq: UInt64, json: [UInt8])], next: UInt64, head: UInt64
    ) {
        try check()
        let (head, size) = state.withLock { ($0.head, $0.size) }
        let numbers = (max(1, seq)..<(max(1, seq) &+ UInt64(limit))).filter { $0 <= head }
        return (numbers.map { ($0, Self.json($0, size)) }, numbers.last.map { $0 + 1 } ?? max(seq, head + 1), head)
    }

    func newest(below seq: UInt64, limit: Int, query: VerdictQuery) throws -> (
        verdicts: [(seq: UInt64, json: [UInt8])], next: UInt64?
    ) {
        let (head, size) = state.withLock { ($0.head, $0.size) }
        let top = min(head, seq - 1)
        let numbers = (0..<UInt64(limit)).filter { $0 < top }.map { top - $0 }
        return (numbers.map { ($0, Self.json($0, size)) }, numbers.last.flatMap { $0 > 1 ? $0 : nil })
    }

    func verdict(resultID: String) throws -> [UInt8]? {
        try check()
        return resultID == "0123456789abcdef" ? Self.json(1, 1) : nil
    }

    var reasonNotReady: String? { state.withLock { $0.reason } }

    /// A verdict with what a summary needs, and names that are up to something.
    static func json(_ seq: UInt64, _ size: Int) -> [UInt8] {
        let filler = String(repeating: "x", count: size)
        return Array(
            (#"{"seq":\#(seq),"filler":"\#(filler)","result_id":"0123456789abcdef","line":"l","station":"s","#
                + #""source":"a,b","session":"=1+1","part_id":"<script>\"","attempt":1,"is_simulated":false,"#
                + #""evaluation":"ok","reasons":[],"regions":[],"times":{"decided_ns":1795877520706745000},"#
                + #""durations_ms":{"total":12.5},"score":0.5,"threshold":1}"#).utf8)
    }
}

/// Tokens by their text.
struct MemoryTokens: AccessControl {
    func holder(of token: String) -> TokenHolder? {
        switch token {
        case "look": TokenHolder(name: "vera", role: .viewer)
        case "change": TokenHolder(name: "otto", role: .operator)
        default: nil
        }
    }
}

/// One model, whose threshold takes anything above 0, but for 77, which its line refuses, and 88, of which it hears nothing.
final class MemoryModels: ModelShelf {
    let changes = Mutex<[(ThresholdRequest, String)]>([])

    func list() throws -> [UInt8] { Array(#"[{"id":"m1"}]"#.utf8) }
    func model(id: String) throws -> [UInt8]? { id == "m1" ? Array(#"{"id":"m1"}"#.utf8) : nil }

    func setThreshold(_ change: ThresholdRequest, of id: String, by name: String) throws -> [UInt8] {
        guard id == "m1" else { throw ThresholdRefusal(.unknownModel, "unknown") }
        guard change.value > 0 else { throw ThresholdRefusal(.invalid, "expected a threshold above 0") }
        guard change.value > 1 || change.force == true else { throw ThresholdRefusal(.needsForce, "not above 1") }
        guard change.value != 77 else { throw ThresholdRefusal(.conflict, "the line refused it") }
        guard change.value != 88 else { throw ThresholdRefusal(.unanswered, "the line did not answer") }
        changes.withLock { $0.append((change, name)) }
        return Array(#"{"id":"m2"}"#.utf8)
    }
}

/// Serves `sources`, calls `body` with the port, and shuts down gracefully.
func serving(
    _ sources: DashboardSources, configure: (inout DashboardServer.Configuration) -> Void = { _ in },
    didFail: @escaping @Sendable (_ sentence: String?) -> Void = { _ in },
    _ body: @escaping @Sendable (_ port: Int) async throws -> Void
) async throws {
    var configuration = DashboardServer.Configuration(host: "127.0.0.1", port: 0)
    configuration.followInterval = .milliseconds(10)
    configuration.clock = ManualClock(now: 1)
    configure(&configuration)
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    let server = DashboardServer(configuration: configuration, sources: sources, didFail: didFail) {
        listening.yield($0)
    }
    let group = ServiceGroup(
        configuration: .init(
            services: [.init(service: server)], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        var failure: (any Error)?
        do { try await body(port) } catch { failure = error }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        if let failure { throw failure }
    }
}
