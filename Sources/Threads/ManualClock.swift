import Synchronization

/// A clock for tests: it stands still until it is told to go on, and a wait takes no time.
public final class ManualClock: MonotonicClock {
    private struct Times: Sendable {
        var now: UInt64
        var waits: [UInt64] = []
    }
    private let times: Mutex<Times>

    public init(now: UInt64 = 0) { times = Mutex(Times(now: now)) }

    public var now: UInt64 { times.withLock { $0.now } }

    /// The instants that were waited for, in order.
    public var waits: [UInt64] { times.withLock { $0.waits } }

    /// Goes on by `duration`.
    public func advance(by duration: Duration) {
        times.withLock { $0.now += duration.clampedNanoseconds }
    }

    /// Goes on to `instant` at once.
    public func wait(until instant: UInt64, unless stop: StopSignal) -> Bool {
        guard !stop.isRaised else { return false }
        times.withLock { times in
            times.waits.append(instant)
            times.now = max(times.now, instant)
        }
        return true
    }
}
