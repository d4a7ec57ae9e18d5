import Fleet
import NATSTransport
import Threads

/// The thread "lease" of a worker: says that its part is being worked on, a third of the lease before it runs out, and reports on
/// the worker every few seconds.
final class LeaseKeeper: Sendable {
    enum Event {
        /// ms: all of it, and the scoring alone.
        case scored(part: Double, scoring: Double)
        case returned, abandoned
    }

    private struct Part: Sendable {
        let delivery: Delivery
        let interval: Duration
        var due: UInt64
    }

    private struct State: Sendable {
        var part: Part?
        var report: WorkerReport
        var times: [(at: UInt64, part: Double, scoring: Double)] = []
        var isStopped = false
    }

    private let state: Monitor<State>
    private let streams: JetStream
    private static let kept = 1000

    init(_ name: String, streams: JetStream) {
        self.streams = streams
        state = Monitor(
            State(report: WorkerReport(id: name, version: Version.string, startedNs: SystemClock.unixNanoseconds)))
        _ = JoinableThread(name: "lease") { [state] in Self.run(state, streams) }
    }

    var report: WorkerReport { state.withLock { $0.report } }

    func begin(_ delivery: Delivery, of line: String, lease: Duration) {
        let interval = lease / 3
        state.withLock { state in
            state.part = Part(delivery: delivery, interval: interval, due: SystemClock().after(interval))
            state.report.line = line
        }
    }

    func end() {
        state.withLock { state in
            state.part = nil
            state.report.line = nil
        }
    }

    func note(_ event: Event, models: [String]? = nil) {
        state.withLock { state in
            if let models { state.report.models = models }
            switch event {
            case .returned: state.report.returned += 1
            case .abandoned: state.report.abandoned += 1
            case .scored(let part, let scoring):
                state.report.parts += 1
                if state.times.count >= Self.kept { state.times.removeFirst(Self.kept / 2) }
                state.times.append((SystemClock().now, part, scoring))
            }
        }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    private static func run(_ state: Monitor<State>, _ streams: JetStream) {
        var reportDue = SystemClock().now
        while true {
            let wake = min(reportDue, state.withLock { $0.part?.due } ?? .max)
            let isStopped = state.wait(until: wake) { $0.isStopped ? true : nil } ?? false
            if isStopped { return }
            let now = SystemClock().now
            let due = state.withLock { state -> Delivery? in
                guard let part = state.part, part.due <= now else { return nil }
                state.part?.due = now + part.interval.clampedNanoseconds
                return part.delivery
            }
            // While the link is cut the lease may run out; then the part is scored twice, and has one verdict.
            if let due { try? streams.noteProgress(due) }
            guard reportDue <= now else { continue }
            reportDue = now + WorkerReport.interval.clampedNanoseconds
            tell(current(state, now), streams)
        }
    }

    private static func current(_ state: Monitor<State>, _ now: UInt64) -> WorkerReport {
        state.withLock { state in
            let recent = state.times.suffix(50)
            state.report.toldNs = SystemClock.unixNanoseconds
            state.report.partsPerMinute = Double(state.times.count { now - $0.at < 60_000_000_000 })
            if !recent.isEmpty {
                state.report.partMs = recent.map(\.part).reduce(0, +) / Double(recent.count)
                state.report.scoringMs = recent.map(\.scoring).reduce(0, +) / Double(recent.count)
            }
            return state.report
        }
    }

    /// One that is not told is told the next time.
    private static func tell(_ report: WorkerReport, _ streams: JetStream) {
        guard streams.isConnected, let bytes = try? report.encoded() else { return }
        _ = try? streams.publish(FleetNames.worker(report.id), bytes, id: nil)
    }
}
