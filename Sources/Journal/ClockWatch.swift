/// Notices that the wall clock was set: age is told by it, and a clock that jumps a year ahead would empty the journal.
struct ClockWatch {
    static let tolerance: UInt64 = 300_000_000_000
    private let wall: UInt64
    private let monotonic: UInt64
    private var isKnown = false
    private var hasJumped = false

    init(wall: UInt64, monotonic: UInt64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// Whether both clocks have gone on equally since the start; once they have not, never again.
    mutating func isTrusted(wall now: UInt64, monotonic instant: UInt64) -> Bool {
        let expected = wall &+ (instant &- monotonic)
        let difference = now > expected ? now - expected : expected - now
        if difference > Self.tolerance { hasJumped = true }
        return !hasJumped
    }

    /// Whether the jump was not told yet.
    mutating func takeNews() -> Bool {
        guard hasJumped, !isKnown else { return false }
        isKnown = true
        return true
    }
}
