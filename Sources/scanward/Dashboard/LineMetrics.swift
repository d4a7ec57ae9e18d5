import CoreMetrics
import Dashboard
import FrameProtocol
import Inspection
import Synchronization

/// The line's metrics, recorded through swift-metrics. docs/metrics.md has every family; a test holds it to `families`.
final class LineMetrics: Sendable {
    /// Scanners that are told apart (256 and the others) times the reasons for which a message is refused find room.
    let registry = MetricRegistry(LineMetrics.families, maximumSeries: 257 * FrameRefusal.Reason.allCases.count)
    private let counted = Mutex<[Key: Double]>([:])
    private let sampling = Mutex(())

    private struct Key: Hashable {
        let name: String
        let labels: [String]
    }

    /// Takes note of a verdict that was published.
    func note(_ verdict: Verdict) {
        let type = verdict.model == nil ? "" : verdict.partType ?? ""
        expectVerdicts(ofType: type)
        counter(
            "scanward_verdicts_total", [("evaluation", verdict.evaluation.rawValue), ("part_type", type)]
        ).increment()
        let durations = verdict.durationsMs
        record("scanward_verdict_latency_seconds", [], milliseconds: durations.total)
        var stages = [("acquisition", durations.acquisition), ("queue", durations.queue)]
        if verdict.score != nil {
            stages += [("sample", durations.sample), ("infer", durations.infer), ("localize", durations.localize)]
        }
        for (stage, time) in stages {
            record("scanward_stage_duration_seconds", [("stage", stage)], milliseconds: time)
        }
        if let score = verdict.score, let threshold = verdict.threshold, threshold > 0 {
            Recorder(
                label: "scanward_part_score_ratio", dimensions: [("part_type", type)], aggregate: true,
                factory: registry
            ).record(score / threshold)
        }
    }

    /// Begins the counters of a part type's verdicts at 0, each evaluation: Prometheus' `increase` does not see what a series
    /// begins with.
    func expectVerdicts(ofType type: String) {
        for evaluation in Evaluation.allCases {
            _ = counter("scanward_verdicts_total", [("evaluation", evaluation.rawValue), ("part_type", type)])
        }
    }

    /// One sampling after the other: of two at once the one that began first could bring back what the other took away.
    func sampling(_ body: () -> Void) { sampling.withLock { _ in body() } }

    /// Takes note of a commit of the journal: a transaction with one fsync.
    func noteCommit(nanoseconds: UInt64) {
        timer("scanward_journal_commit_duration_seconds", []).recordNanoseconds(Int64(clamping: nanoseconds))
    }

    /// Sets a gauge.
    func set(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
        Gauge(label: name, dimensions: labels, factory: registry).record(value)
    }

    /// Takes a gauge away that says nothing any more: a model that is not in use.
    func remove(_ name: String, _ labels: [(String, String)]) {
        Gauge(label: name, dimensions: labels, factory: registry).destroy()
    }

    /// Brings a counter up to what another counted since the start; it never goes back.
    func advance(_ name: String, _ labels: [(String, String)] = [], to total: Double) {
        let key = Key(name: name, labels: labels.map(\.1))
        let difference = counted.withLock { counted in
            defer { counted[key] = max(total, counted[key] ?? 0) }
            return total - (counted[key] ?? 0)
        }
        let counter = FloatingPointCounter(label: name, dimensions: labels, factory: registry)
        if difference > 0 { counter.increment(by: difference) }
    }

    private func counter(_ name: String, _ labels: [(String, String)]) -> Counter {
        Counter(label: name, dimensions: labels, factory: registry)
    }

    private func timer(_ name: String, _ labels: [(String, String)]) -> CoreMetrics.Timer {
        CoreMetrics.Timer(label: name, dimensions: labels, factory: registry)
    }

    private func record(_ name: String, _ labels: [(String, String)], milliseconds: Double) {
        timer(name, labels).recordNanoseconds(Int64(milliseconds * 1e6))
    }
}
