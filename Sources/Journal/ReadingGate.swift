import Threads

/// Readings of a database that is to be closed: none begins after `close()`, which returns when the last has ended.
///
/// Without it a reading that waits for a connection while the pool is being closed is given a closed one (GRDB 7.10), and
/// SQLite is asked about nothing.
final class ReadingGate: Sendable {
    private let state = Monitor((active: 0, isClosed: false))

    /// - Returns: whether a reading may begin; then `leave()` follows.
    func enter() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.active += 1
            return true
        }
    }

    func leave() { state.withLock { $0.active -= 1 } }

    func close() {
        state.withLock { $0.isClosed = true }
        _ = state.wait(until: nil) { $0.active == 0 ? true : nil }
    }
}
