import Threads

/// How fast a recording is played.
public enum Pacing: Sendable, Equatable {
    /// As fast as its frames are taken.
    case topSpeed
    /// At this many times the speed it was recorded with; above 0.
    case rate(Double)
}

/// Says when a recorded message is due: absolute instants, so that the errors of single waits do not add up.
struct CapturePacer: Sendable {
    private let pacing: Pacing
    private let maximumGap: UInt64
    /// What was cut from quiet times so far, ns of the recording.
    private var skipped: UInt64 = 0
    private var origin: (capture: UInt64, instant: UInt64)?
    private var latest: UInt64 = 0

    /// - Parameter maximumGap: longest quiet time that is played as it was, ns of the recording.
    init(_ pacing: Pacing, maximumGap: Duration? = nil) {
        self.pacing = pacing
        self.maximumGap = maximumGap?.clampedNanoseconds ?? .max
    }

    /// The monotonic instant at which a message recorded at `time` is due; nil for at once.
    ///
    /// The first message is due at `now`. Recorded times that go backwards are due with the latest before them.
    mutating func due(_ time: UInt64, now: UInt64) -> UInt64? {
        guard case .rate(let rate) = pacing, rate > 0 else { return nil }
        guard let origin else {
            restart(time, now: now)
            return now
        }
        let previous = latest
        latest = max(latest, time)
        if latest - previous > maximumGap { skipped += latest - previous - maximumGap }
        let nanoseconds = Double(latest - origin.capture - skipped) / rate
        guard nanoseconds < 1e18 else { return .max }
        let (sum, overflow) = origin.instant.addingReportingOverflow(UInt64(nanoseconds))
        return overflow ? .max : sum
    }

    /// Begins anew: what was recorded at `time` is due at `now`.
    mutating func restart(_ time: UInt64, now: UInt64) {
        origin = (time, now)
        latest = time
        skipped = 0
    }
}
