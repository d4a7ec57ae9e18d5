import Glibc
import Threads

/// How long a part took at its worker: all of it, and of that the scoring; by the clock, and by this thread's processor.
struct PartWatch: Sendable {
    private let began = SystemClock().now, beganBusy = PartWatch.busy
    private var scoringBegan: UInt64 = 0, scoringBeganBusy: UInt64 = 0
    private(set) var scoring: UInt64 = 0
    private var scoringBusy: UInt64 = 0
    /// Of the thread, until the answer was handed over, without the scoring.
    private(set) var fleetBusy: UInt64 = 0

    mutating func beginScoring() { (scoringBegan, scoringBeganBusy) = (SystemClock().now, Self.busy) }

    mutating func endScoring() {
        (scoring, scoringBusy) = (SystemClock().now - scoringBegan, Self.busy - scoringBeganBusy)
    }

    /// On the thread that began it.
    mutating func handOver() { fleetBusy = Self.busy - beganBusy - scoringBusy }

    /// ns until now.
    var whole: UInt64 { SystemClock().now - began }

    /// Processor time of the calling thread, ns.
    private static var busy: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
