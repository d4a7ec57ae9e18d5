import Ingest
import Synchronization
import Threads

/// Ends a line whose verdicts reach nobody: it must not look as if it ran.
final class LineEnding: Sendable {
    private let summary: RunSummary
    private let state = Mutex(State())

    private struct State {
        var source: (any FrameSource)?
        var hasFailed = false
    }

    init(summary: RunSummary) { self.summary = summary }

    /// From now on there is something to end.
    func begin(_ source: any FrameSource) {
        let hasFailed = state.withLock { state in
            state.source = source
            return state.hasFailed
        }
        if hasFailed { source.stop() }
    }

    /// Returns at once: whoever tells may be waited for by what is to end.
    func fail(_ reason: String) {
        let (isFirst, source) = state.withLock { state in
            defer { state.hasFailed = true }
            return (!state.hasFailed, state.source)
        }
        guard isFirst else { return }
        Terminal.error("scanward: \(reason)")
        summary.fail(reason)
        if let source { _ = JoinableThread(name: "ending") { source.stop() } }
    }
}
