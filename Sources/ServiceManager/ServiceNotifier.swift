import Synchronization
public import Threads

/// Tells a service manager how a pipeline is doing: ready, reloading, stopping, a line of status, and, from a thread of its
/// own, that it goes on.
///
/// The watchdog is fed by the pipeline, not by a timer: as long as one of its threads stands still nothing is sent, and the
/// manager restarts the service after its `WatchdogSec`.
public final class ServiceNotifier: Sendable {
    private let socket: NotifySocket
    private let status: @Sendable () -> String
    private let report: @Sendable (String) -> Void
    private let ending = StopSignal()
    private let state: Mutex<State>

    private struct State {
        var thread: JoinableThread?
        var isReady = false, isStopping = false, hasFailed = false
        /// Reloads that are under way.
        var reloads = 0
        var toldStatus: String?
    }

    /// - Parameters:
    ///   - status: what is going on, in one line; called on the notifier's thread.
    ///   - report: is told, for the log, which thread stands still, and once why nothing can be told.
    public init(
        _ socket: NotifySocket, status: @escaping @Sendable () -> String,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.socket = socket
        self.status = status
        self.report = report
        state = Mutex(State())
    }

    /// It serves. From now on progress is watched.
    public func ready(watching threads: [ThreadProgress]) {
        state.withLock { state in
            guard !state.isReady else { return }
            state.isReady = true
            state.toldStatus = status()
            tell(.ready(status: state.toldStatus ?? ""), &state)
            state.thread = JoinableThread(name: "watchdog") { [self] in watch(threads) }
        }
    }

    /// Says that a reload is under way.
    public func beginReload() {
        state.withLock { state in
            guard state.isReady, !state.isStopping else { return }
            state.reloads += 1
            tell(.reloading(monotonicNanoseconds: SystemClock().now), &state)
        }
    }

    /// Says that it is done, however it ended; of several at once, with the last one.
    public func endReload() {
        state.withLock { state in
            guard state.reloads > 0 else { return }
            state.reloads -= 1
            if state.reloads == 0, !state.isStopping { tell(.ready(status: status()), &state) }
        }
    }

    /// It is ending. What still runs is watched on.
    public func stopping() {
        state.withLock { state in
            guard state.isReady, !state.isStopping else { return }
            state.isStopping = true
            tell(.stopping, &state)
        }
    }

    /// Tells nothing more; returns when the thread has ended.
    public func close() {
        ending.raise()
        let thread = state.withLock { state in
            defer { state.thread = nil }
            return state.thread
        }
        thread?.join()
    }

    private func watch(_ threads: [ThreadProgress]) {
        // A step of up to three quarters of the interval is no standstill.
        let interval = socket.watchdogInterval.map { $0 / 4 }
        var check = ProgressCheck(threads)
        var toldStanding: [String] = []
        repeat {
            let standing = check.standing()
            // A thread that stands may hold whatever `status` and `report` need: the manager is told before they are asked.
            let line = standing.isEmpty ? status() : "standing still: \(standing.joined(separator: ", "))"
            state.withLock { state in
                // Once the line is over, what still closes has the watchdog's time for it, and no more.
                if standing.isEmpty, interval != nil, !check.isOver { tell(.watchdog, &state) }
                guard line != state.toldStatus, !state.isStopping, state.reloads == 0 else { return }
                state.toldStatus = line
                tell(.status(line), &state)
            }
            if standing != toldStanding, let interval {
                report(
                    standing.isEmpty
                        ? "the watchdog is fed again: every thread moves"
                        : "the watchdog is not fed: \(standing.joined(separator: ", ")) did not move for \(interval)")
                toldStanding = standing
            }
        } while SystemClock().wait(until: SystemClock().after(interval ?? .seconds(5)), unless: ending)
    }

    private func tell(_ message: ServiceState, _ state: inout State) {
        do throws(NotifySocket.Failure) {
            try socket.notify(message)
        } catch {
            if !state.hasFailed { report(error.message) }
            state.hasFailed = true
        }
    }
}
