import Ingest
import Inspection
import Synchronization
import Threads

/// What happens on the line, as it happens: for the live page and the metrics. Each note is short, and waits for nobody.
final class LineActivity: Sendable {
    let metrics = LineMetrics()
    /// Wall clock, ns since the Unix epoch.
    let startedNanoseconds = SystemClock.unixNanoseconds
    /// Monotonic: the wall clock may be set back.
    let clock: any MonotonicClock
    private let state: Mutex<State>

    init(clock: any MonotonicClock = SystemClock()) {
        self.clock = clock
        state = Mutex(State(rate: PartRate(startedAt: clock.now)))
    }

    /// One verdict, as the live page's figures need it.
    struct Recent: Sendable {
        let evaluation: Evaluation
        let milliseconds: Double
    }

    /// When a scanner's last frame came, by both clocks, ns.
    struct LastFrame: Sendable {
        let monotonic: UInt64
        let unixNanoseconds: UInt64
    }

    struct State: Sendable {
        var rate: PartRate
        var evaluations: [Evaluation: Int] = [:]
        /// The last `keptRecent`, oldest first.
        var recent: [Recent] = []
        /// Parts begun, and closed.
        var opened = 0, closed = 0
        /// By scanner.
        var lastFrames: [String: LastFrame] = [:]
        var repeated = 0, withheld = 0
        /// Requests over HTTP.
        var failedRequests = 0
        /// Labels of the models that metrics name.
        var models: [[String]] = []
    }

    private static let keptRecent = 1000
    private static let maximumSources = 256

    var snapshot: State { state.withLock { $0 } }

    func note(_ verdict: Verdict) {
        metrics.note(verdict)
        let recent = Recent(evaluation: verdict.evaluation, milliseconds: verdict.durationsMs.total)
        state.withLock { [clock] state in
            state.rate.note(at: clock.now)
            state.evaluations[verdict.evaluation, default: 0] += 1
            if state.recent.count >= 2 * Self.keptRecent { state.recent.removeFirst(Self.keptRecent) }
            state.recent.append(recent)
        }
    }

    func note(_ event: FrameEvent) {
        guard case .frame(let frame) = event.content else { return }
        let last = LastFrame(monotonic: clock.now, unixNanoseconds: SystemClock.unixNanoseconds)
        state.withLock { state in
            guard state.lastFrames[frame.header.source] != nil || state.lastFrames.count < Self.maximumSources else {
                return
            }
            state.lastFrames[frame.header.source] = last
        }
    }

    func noteOpened() { state.withLock { $0.opened += 1 } }
    func noteClosed() { state.withLock { $0.closed += 1 } }
    func noteRepeated() { state.withLock { $0.repeated += 1 } }
    func noteWithheld() { state.withLock { $0.withheld += 1 } }
    func noteFailedRequest() { state.withLock { $0.failedRequests += 1 } }

    /// Takes note of the models that metrics name from now on.
    ///
    /// - Returns: those that they do not name any more.
    func replaceModels(_ models: [[String]]) -> [[String]] {
        state.withLock { state in
            defer { state.models = models }
            return state.models.filter { !models.contains($0) }
        }
    }
}
