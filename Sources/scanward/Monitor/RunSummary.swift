import Foundation
import Ingest
import Inspection
import Synchronization
import ZeroMQ

/// What a run did, for its last lines.
final class RunSummary: Sendable {
    private struct State {
        var evaluations: [Evaluation: Int] = [:]
        var latencies: [Double] = []
        var counters = IngestCounters()
        var refusals: [String: Int] = [:]
        var heatMapPage: String?
        var connections: ConnectionWatch.Counts?
        var failure: String?
        /// Parts judged before, by their result id, and verdicts that could not be stored.
        var repeated = 0, withheld = 0
    }

    private let state = Mutex(State())
    /// Latencies kept; the summary of a long run speaks of its last ones.
    private static let keptLatencies = 10_000
    /// Times that one reason for refusal is printed.
    private static let printedRefusals = 5

    var verdictCount: Int { state.withLock { $0.evaluations.values.reduce(0, +) } }

    var failure: String? { state.withLock { $0.failure } }

    var heatMapPage: String? {
        get { state.withLock { $0.heatMapPage } }
        set { state.withLock { $0.heatMapPage = newValue } }
    }

    /// Takes note of why the run cannot go on; the first reason counts.
    func fail(_ reason: String) { state.withLock { $0.failure = $0.failure ?? reason } }

    /// A part that was judged before by the same model: its verdict is in the journal.
    func noteRepeated() { state.withLock { $0.repeated += 1 } }

    /// A verdict that the journal could not store, and nobody was told of.
    func noteWithheld() { state.withLock { $0.withheld += 1 } }

    func note(_ verdict: Verdict) {
        state.withLock { state in
            state.evaluations[verdict.evaluation, default: 0] += 1
            if state.latencies.count == Self.keptLatencies { state.latencies.removeFirst(Self.keptLatencies / 2) }
            state.latencies.append(verdict.durationsMs.total)
        }
    }

    /// Prints a refused frame, the first few times for each reason; all are counted.
    func note(_ event: FrameEvent) {
        guard case .refused(let refusal) = event.content else { return }
        let count = state.withLock { state in
            state.refusals[refusal.reason.rawValue, default: 0] += 1
            return state.refusals[refusal.reason.rawValue, default: 0]
        }
        guard count <= Self.printedRefusals else { return }
        let more = count == Self.printedRefusals ? " (further ones of this reason are only counted)" : ""
        Terminal.error("scanward: \(printable(refusal.description))\(more)")
    }

    func close(counters: IngestCounters, connections: ConnectionWatch.Counts?, failure: String?) {
        state.withLock { state in
            state.counters = counters
            state.connections = connections
            state.failure = state.failure ?? failure
        }
    }

    /// The summary as lines.
    func lines() -> [String] {
        let state = state.withLock { $0 }
        let parts = state.evaluations.values.reduce(0, +)
        let counts = [Evaluation.ok, .notOK, .notDecidable, .undefined].map {
            "\(state.evaluations[$0] ?? 0) \($0.rawValue)"
        }
        var lines = ["", Paint.bold("\(parts) parts: ") + counts.joined(separator: ", ")]
        let sorted = state.latencies.sorted()
        if let slowest = sorted.last {
            lines.append(
                String(
                    format:
                        "latency from the last frame to the verdict: median %.0f ms, 95 %% %.0f ms, longest %.0f ms",
                    sorted[sorted.count / 2], sorted[min(sorted.count - 1, sorted.count * 95 / 100)], slowest))
        }
        lines += state.counters.table.split(separator: "\n").map(String.init)
        if let connections = state.connections, connections.refused > 0 {
            lines.append(
                "\(connections.refused) of \(connections.opened) connections were refused, the last for: "
                    + printable(connections.lastRefusal ?? "no greeting"))
        }
        if state.repeated > 0 {
            lines.append(
                "\(state.repeated) parts were in the journal already, with the same frames, model and settings")
        }
        if state.withheld > 0 {
            lines.append(
                "\(state.withheld) verdicts could not be stored and were withheld; their parts are not_decidable after the "
                    + "next start")
        }
        if let page = state.heatMapPage { lines.append("heat maps of the parts that are not ok: \(page)") }
        return lines
    }
}
