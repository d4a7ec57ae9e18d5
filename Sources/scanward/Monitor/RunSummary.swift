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
        var heatMapPage: String?
        var connections: ConnectionWatch.Counts?
        var sources: [String: SourceTracker.Source] = [:]
        var access: [String] = []
        var failure: String?
        /// Parts judged before, by their result id, and verdicts that could not be stored.
        var repeated = 0, withheld = 0
        var leftOutLines = 0
        var droppedPictures = 0
    }

    private let state = Mutex(State())
    /// Latencies kept; the summary of a long run speaks of its last ones.
    private static let keptLatencies = 10_000
    private let log = ConnectionLog()

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

    /// Heat maps that were not drawn, as drawing was too far behind.
    var droppedPictures: Int {
        get { state.withLock { $0.droppedPictures } }
        set { state.withLock { $0.droppedPictures = newValue } }
    }

    /// Lines that a terminal which stood still did not get.
    func noteLeftOut(_ lines: Int) { state.withLock { $0.leftOutLines += lines } }

    /// What came and what was said so far, in one line.
    func status(frames: IngestCounters.Source) -> String {
        let (evaluations, dropped) = state.withLock { ($0.evaluations, $0.droppedPictures) }
        let counts = [Evaluation.ok, .notOK, .notDecidable, .undefined].map {
            "\(evaluations[$0] ?? 0) \($0.rawValue)"
        }
        return "\(evaluations.values.reduce(0, +)) parts: \(counts.joined(separator: ", ")); \(frames.frames) frames, "
            + "\(frames.refusedTotal) refused" + (dropped == 0 ? "" : "; \(dropped) heat maps dropped")
    }

    func note(_ verdict: Verdict) {
        state.withLock { state in
            state.evaluations[verdict.evaluation, default: 0] += 1
            if state.latencies.count == Self.keptLatencies { state.latencies.removeFirst(Self.keptLatencies / 2) }
            state.latencies.append(verdict.durationsMs.total)
        }
    }

    /// Prints a refused frame, the first few times for each reason, and unknown keys once each; all are counted.
    func note(_ event: FrameEvent) {
        switch event.content {
        case .frame(let frame): log.note(unknownKeys: frame.unknownKeys, source: frame.header.source)
        case .refused(let refusal): log.tell(refusal.reason.rawValue, refusal.description)
        }
    }

    func note(_ event: ConnectionEvent) { log.note(event) }

    /// Prints that a scanner is down, or up again.
    func note(_ alert: SourceAlert) { Terminal.error("scanward: \(printable(alert.description))") }

    func close(
        counters: IngestCounters, connections: ConnectionWatch.Counts?, sources: [String: SourceTracker.Source],
        access: [String], failure: String?
    ) {
        state.withLock { state in
            state.counters = counters
            state.connections = connections
            state.sources = sources
            state.access = access
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
        if let connections = state.connections { lines += connections.lines }
        lines += state.access
        for (name, source) in state.sources.sorted(by: { $0.key < $1.key }) where source.downs > 0 {
            lines.append(
                "\(printable(name)) was down \(source.downs) time\(source.downs == 1 ? "" : "s"), "
                    + String(format: "%.1f s in all", Double(source.downNanoseconds) / 1e9)
                    + (source.downSince == nil ? "" : ", and is down now"))
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
        if state.leftOutLines > 0 {
            lines.append("\(state.leftOutLines) lines of the table were left out: standard output stood still")
        }
        if state.droppedPictures > 0 {
            lines.append("\(state.droppedPictures) heat maps were not drawn: drawing was too far behind")
        }
        if let page = state.heatMapPage { lines.append("heat maps of the parts that are not ok: \(page)") }
        return lines
    }
}
