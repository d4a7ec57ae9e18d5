import Synchronization

/// SIGHUP, heard from the start on and answered once there is somebody to do it.
final class Hangup: Sendable {
    private struct State {
        var handler: (@Sendable () -> Void)?
        var isPending = false
    }

    private let state = Mutex(State())

    /// The signal came.
    func raise() {
        let handler = state.withLock { state in
            if state.handler == nil { state.isPending = true }
            return state.handler
        }
        handler?()
    }

    /// Has `handler` called at each signal, and now for those that came before.
    func handle(_ handler: @escaping @Sendable () -> Void) {
        let wasPending = state.withLock { state in
            state.handler = handler
            return state.isPending
        }
        if wasPending { handler() }
    }
}
