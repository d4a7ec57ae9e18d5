import Fleet
import NATSTransport
import Threads

/// The thread "lease" of a worker: says that its parts are being worked on, three times in each lease, and reports on the worker
/// every few seconds.
final class LeaseKeeper: Sendable {
    enum Event {
        case scored(PartWatch)
        case returned, abandoned, cloudDropped
    }

    private struct Part: Sendable {
        let delivery: Delivery
        let interval: Duration
        var due: UInt64
    }

    /// Of an answered part, ms.
    private struct Times: Sendable {
        let at: UInt64
        let part, scoring, busy: Double
    }

    private struct State: Sendable {
        /// The one that is scored, and those whose answers are on their way.
        var parts: [Part] = []
        var report: WorkerReport
        var times: [Times] = []
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
            state.parts.append(Part(delivery: delivery, interval: interval, due: SystemClock().after(interval)))
            state.report.line = line
        }
    }

    func end(_ delivery: Delivery) {
        state.withLock { state in
            state.parts.removeAll { $0.delivery.isSame(as: delivery) }
            if state.parts.isEmpty { state.report.line = nil }
        }
    }

    func note(_ event: Event, models: [String]? = nil) {
        state.withLock { state in
            if let models { state.report.models = models }
            switch event {
            case .returned: state.report.returned += 1
            case .abandoned: state.report.abandoned += 1
            case .cloudDropped: state.report.cloudsDropped = (state.report.cloudsDropped ?? 0) + 1
            case .scored(let watch):
                state.report.parts += 1
                if state.times.count >= Self.kept { state.times.removeFirst(Self.kept / 2) }
                func milliseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds / 1000) / 1000 }
                state.times.append(
                    Times(
                        at: SystemClock().now, part: milliseconds(watch.whole), scoring: milliseconds(watch.scoring),
                        busy: milliseconds(watch.fleetBusy)))
            }
        }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    private static func run(_ state: Monitor<State>, _ streams: JetStream) {
        var reportDue = SystemClock().now
        while true {
            let wake = min(reportDue, state.withLock { $0.parts.map(\.due).min() } ?? .max)
            let isStopped = state.wait(until: wake) { $0.isStopped ? true : nil } ?? false
            if isStopped { return }
            let now = SystemClock().now
            let due = state.withLock { state in
                state.parts.indices.filter { state.parts[$0].due <= now }.map { index in
                    state.parts[index].due = now + state.parts[index].interval.clampedNanoseconds
                    return state.parts[index].delivery
                }
            }
            // While the link is cut the lease may run out; then the part is scored twice, and has one verdict.
            for delivery in due { try? streams.noteProgress(delivery) }
            guard reportDue <= now else { continue }
            reportDue = now + WorkerReport.interval.clampedNanoseconds
            tell(current(state), streams)
        }
    }

    private static func current(_ state: Monitor<State>) -> WorkerReport {
        state.withLock { state in
            // Of this moment: while a lease was prolonged over a slow link, parts may have been noted that are younger than the
            // moment before.
            let now = SystemClock().now
            let recent = state.times.suffix(50)
            state.report.toldNs = SystemClock.unixNanoseconds
            state.report.partsPerMinute = Double(state.times.count { now - $0.at < 60_000_000_000 })
            // Medians: the first part of a model waits for the model.
            func median(_ value: (Times) -> Double) -> Double? {
                recent.isEmpty ? nil : recent.map(value).sorted()[recent.count / 2]
            }
            state.report.partMs = median(\.part)
            state.report.scoringMs = median(\.scoring)
            state.report.fleetMs = median { max(0, (($0.part - $0.scoring) * 1000).rounded() / 1000) }
            state.report.fleetBusyMs = median(\.busy)
            return state.report
        }
    }

    /// One that is not told is told the next time.
    private static func tell(_ report: WorkerReport, _ streams: JetStream) {
        guard streams.isConnected, let bytes = try? report.encoded() else { return }
        _ = try? streams.publish(FleetNames.worker(report.id), bytes, id: nil)
    }
}
