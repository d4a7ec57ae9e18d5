import FrameProtocol
import Ingest

/// What was seen of one scanner, beside the counters that the monitor keeps too. Bounded, whatever is sent.
struct ObservedSource {
    /// Times between messages, ns: Welford's sums.
    struct Intervals {
        private(set) var count = 0
        private(set) var smallest = UInt64.max, largest: UInt64 = 0
        private var mean = 0.0, squares = 0.0

        mutating func add(_ nanoseconds: UInt64) {
            count += 1
            (smallest, largest) = (min(smallest, nanoseconds), max(largest, nanoseconds))
            let difference = Double(nanoseconds) - mean
            mean += difference / Double(count)
            squares += difference * (Double(nanoseconds) - mean)
        }

        /// Standard deviation in ns; 0 of fewer than two.
        var deviation: Double { count > 1 ? (squares / Double(count)).squareRoot() : 0 }
        /// Messages a second; nil before the second message.
        var rate: Double? { mean > 0 ? 1e9 / mean : nil }
    }

    /// How often a reason came, and the sentence of the last one.
    struct Refused {
        var count = 0
        var sentence = ""
    }

    private(set) var intervals = Intervals()
    private(set) var refused: [FrameRefusal.Reason: Refused] = [:]
    /// Part ids that were seen, the last ones; and how many parts there were.
    private(set) var lastParts: [String] = []
    private(set) var parts = 0
    /// Frames by part type; "" for frames without one.
    private(set) var partTypes: [String: Int] = [:]
    /// As the last frame has them.
    private(set) var unit = "", fields: [String] = []
    /// Time of arrival less `t_capture_ns`, ns, of the last frame; nil for a clock of the device's own.
    private(set) var captureAge: Int64?
    /// Extent of the last frame's points, mm.
    private(set) var extent: SIMD3<Float>?
    /// ns of `FrameEvent.time`.
    private(set) var firstTime: UInt64?, lastTime: UInt64 = 0
    /// By the wall clock, ns since the Unix epoch.
    private(set) var lastUnixNanoseconds: UInt64 = 0
    private static let keptParts = 8, keptTypes = 32

    mutating func note(_ event: FrameEvent) {
        if firstTime == nil { firstTime = event.time } else { intervals.add(event.time &- min(lastTime, event.time)) }
        lastTime = max(lastTime, event.time)
        lastUnixNanoseconds = event.unixNanoseconds
        switch event.content {
        case .frame(let frame): note(frame, at: event.unixNanoseconds)
        case .refused(let refusal):
            refused[refusal.reason, default: Refused()].count += 1
            refused[refusal.reason]?.sentence = refusal.message
            if let part = refusal.partID { note(part: part) }
        }
    }

    private mutating func note(_ frame: Frame, at time: UInt64) {
        let header = frame.header
        note(part: header.partID)
        let type = header.partType ?? ""
        if partTypes[type] != nil || partTypes.count < Self.keptTypes { partTypes[type, default: 0] += 1 }
        unit = header.unit.rawValue
        fields = header.fields.map { "\($0.name) \($0.dtype.rawValue)" }
        // A recording's capture times are those of then.
        captureAge =
            header.clock == .device || header.isReplayed
            ? nil : signedDifference(time, header.captureNanoseconds)
        guard var low = frame.points.first else { return }
        var high = low
        for point in frame.points {
            low = pointwiseMin(low, point)
            high = pointwiseMax(high, point)
        }
        extent = high - low
    }

    private mutating func note(part: String) {
        guard lastParts.last != part else { return }
        if !lastParts.contains(part) { parts += 1 }
        lastParts.removeAll { $0 == part }
        lastParts.append(part)
        if lastParts.count > Self.keptParts { lastParts.removeFirst() }
    }
}

/// `one - other`, clamped.
func signedDifference(_ one: UInt64, _ other: UInt64) -> Int64 {
    one >= other ? Int64(clamping: one - other) : -Int64(clamping: other - one)
}
