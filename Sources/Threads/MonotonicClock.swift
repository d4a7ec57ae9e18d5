import Glibc

/// A clock that only goes forward, in nanoseconds from an arbitrary start. Deadlines and pacing run on it.
public protocol MonotonicClock: Sendable {
    /// Nanoseconds now.
    var now: UInt64 { get }

    /// Waits until `instant`.
    ///
    /// - Returns: false, at once, when `stop` is raised before.
    func wait(until instant: UInt64, unless stop: StopSignal) -> Bool
}

/// The clock on the wall, ns since the Unix epoch. It may jump by hours in either direction: only for time stamps, never for
/// a deadline.
public protocol WallClock: Sendable {
    var unixNanoseconds: UInt64 { get }
}

/// CLOCK_REALTIME.
public struct SystemWallClock: WallClock {
    public init() {}

    public var unixNanoseconds: UInt64 { SystemClock.unixNanoseconds }
}

/// CLOCK_MONOTONIC: the clock that `Monitor`, `BoundedQueue` and sockets wait by.
public struct SystemClock: MonotonicClock {
    public init() {}

    public var now: UInt64 { read(CLOCK_MONOTONIC) }

    public func wait(until instant: UInt64, unless stop: StopSignal) -> Bool { !stop.wait(until: instant) }

    /// The wall clock: nanoseconds since the Unix epoch. It may jump: only for time stamps.
    public static var unixNanoseconds: UInt64 { SystemClock().read(CLOCK_REALTIME) }

    private func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        guard time.tv_sec >= 0 else { return 0 }
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

extension MonotonicClock {
    /// The instant `duration` from now; the present one for a negative duration.
    public func after(_ duration: Duration) -> UInt64 {
        now.addingClamped(duration.clampedNanoseconds)
    }
}

extension UInt64 {
    /// The sum, or the largest number where it is larger.
    package func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

extension Duration {
    /// Whole nanoseconds, clamped into `0...UInt64.max`.
    public var clampedNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return overflow || carried ? .max : sum
    }
}
