import Fleet
import NATSTransport
import Threads

/// How the fleet stands, for the dashboard: asked for while somebody looks, and not else. A thread of its own, "fleet".
final class FleetWatch: Sendable {
    private struct State: Sendable {
        var report: FleetReport?
        var wantedUntil: UInt64 = 0
        var isClosed = false
    }

    private let state = Monitor(State())
    private let thread: JoinableThread
    /// Between two questions, and how long one look has it go on.
    private static let interval = Duration.seconds(2), attention = Duration.seconds(10)

    /// - Parameter line: whose row alone is asked for; nil for all.
    init(_ link: FleetLink, line: String?) {
        let state = state
        thread = JoinableThread(name: "fleet") {
            while state.wait(until: nil, { $0.isClosed || SystemClock().now < $0.wantedUntil ? true : nil }) != nil {
                if state.withLock({ $0.isClosed }) { return }
                var report: FleetReport?
                do throws(NATSError) {
                    report = try FleetReport(link, line: line)
                } catch {
                    // That no server is reached, or has no streams, the line says itself.
                }
                state.withLock { $0.report = report }
                _ = state.wait(until: SystemClock().after(Self.interval)) { $0.isClosed ? true : nil }
            }
        }
    }

    /// As of some seconds ago; nil before the first, and while the server does not tell. Returns at once.
    var report: FleetReport? {
        state.withLock { state in
            let now = SystemClock().now
            // What was learned when somebody looked last is old.
            if now >= state.wantedUntil { state.report = nil }
            state.wantedUntil = SystemClock().after(Self.attention)
            return state.report
        }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        thread.join()
    }
}
