import Glibc

/// A value that several threads share, and wait on (Hoare, "Monitors: an operating system structuring concept", 1974).
///
/// Every access holds one lock; a wait ends when its condition holds or when its deadline on the monotonic clock has
/// passed. `Mutex` of the standard library has no waiting, and Foundation's condition waits by the wall clock, which
/// an operator may set back by an hour.
public final class Monitor<State: Sendable>: @unchecked Sendable {
    private var state: State
    private var waiters = 0
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init(_ state: State) {
        self.state = state
        lock.initialize(to: pthread_mutex_t())
        changed.initialize(to: pthread_cond_t())
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// Calls `body` with the state under the lock, and lets all who wait look at what became of it.
    public func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(lock)
        defer { unlock() }
        return try body(&state)
    }

    /// Calls `body` under the lock until it returns a value, again after each change by another thread.
    ///
    /// - Parameter deadline: monotonic nanoseconds; nil waits for ever; one in the past tries once.
    /// - Returns: what `body` returned, or nil after the deadline.
    public func wait<Result>(until deadline: UInt64?, _ body: (inout State) -> Result?) -> Result? {
        pthread_mutex_lock(lock)
        defer { unlock() }
        while true {
            if let result = body(&state) { return result }
            waiters += 1
            let expired = !waitForChange(until: deadline)
            waiters -= 1
            if expired { return body(&state) }
        }
    }

    private func waitForChange(until deadline: UInt64?) -> Bool {
        guard let deadline else { return pthread_cond_wait(changed, lock) == 0 }
        var time = timespec(
            tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        return pthread_cond_timedwait(changed, lock, &time) != ETIMEDOUT
    }

    private func unlock() {
        if waiters > 0 { pthread_cond_broadcast(changed) }
        pthread_mutex_unlock(lock)
    }
}
