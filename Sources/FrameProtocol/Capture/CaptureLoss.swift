/// One place of a capture where something was lost: when, where, how much, and what it cost.
public struct CaptureLoss: Sendable, Equatable {
    /// Why it was lost.
    public enum Cause: String, Sendable, CaseIterable {
        /// The capture does not hold bytes of the stream.
        case missingBytes = "bytes missing"
        /// The capture begins in the middle of the connection: what lies before the first topic.
        case midStream = "begins mid-stream"
        /// The connection or the capture ended within a message.
        case unfinished = "ends within a message"
        /// What a frame announced passes a limit.
        case overLimit = "over a limit"
        /// Bytes that are no frame where one should begin.
        case damaged = "damaged stream"
        /// The connection was forgotten, as `CaptureLimits` held no more: the message begun there, and what of its rest lies
        /// before the next topic.
        case forgotten = "forgotten to hold a limit"
    }

    /// What it cost.
    public enum Cost: Sendable, Equatable {
        /// Nothing: the bytes belonged to a command, or to what is not decoded.
        case nothing
        /// One message.
        case message(FrameIdentity)
        /// The place of the next frame: the message that was begun there, if any, and whatever else lay in the
        /// `skippedBytes` up to the next topic (or to the end, where none was found).
        case place(FrameIdentity?, skippedBytes: UInt64, isFoundAgain: Bool)
    }

    public var cause: Cause
    public var flow: Flow
    /// Capture time of the packet where it was noticed, ns: of missing bytes, the one behind them.
    public var timestampNanoseconds: Int64
    /// Bytes of the stream that the capture does not hold, and in how many holes.
    public var missingBytes: UInt64
    public var gaps: Int
    public var cost: Cost

    public init(
        cause: Cause, flow: Flow, timestampNanoseconds: Int64, missingBytes: UInt64 = 0, gaps: Int = 0,
        cost: Cost = .nothing
    ) {
        self.cause = cause
        self.flow = flow
        self.timestampNanoseconds = timestampNanoseconds
        self.missingBytes = missingBytes
        self.gaps = gaps
        self.cost = cost
    }

    /// `2026-11-28T06:22:50.000000000Z 10.0.0.1:40001 -> 10.0.0.2:5600: 1448 bytes missing; cost frame 3 of part "P-1"
    /// (scanner-a, seq 17)`.
    public var sentence: String {
        "\(CaptureTime.text(timestampNanoseconds)) \(flow): \(what); \(price)"
    }

    private var what: String {
        guard gaps > 0 else { return cause.rawValue }
        let missing = "\(missingBytes) bytes missing" + (gaps > 1 ? " in \(gaps) places" : "")
        return cause == .missingBytes ? missing : "\(cause.rawValue), \(missing)"
    }

    private var price: String {
        switch cost {
        case .nothing: return "cost no message"
        case .message(let identity): return "cost \(identity)"
        case .place(let identity, let skipped, let isFoundAgain):
            let rest = "what lay in the \(skipped) bytes up to the \(isFoundAgain ? "next topic" : "end")"
            return "cost \(identity.map { "\($0), and " } ?? "")\(rest)"
        }
    }
}

/// Capture times for people.
enum CaptureTime {
    /// UTC with nanoseconds, `2026-11-28T06:22:50.000000000Z`; days by Hinnant's civil_from_days.
    static func text(_ nanoseconds: Int64) -> String {
        let total = max(0, nanoseconds)
        let (seconds, fraction) = (total / 1_000_000_000, total % 1_000_000_000)
        let days = seconds / 86_400 + 719_468
        let (era, dayOfEra) = (days / 146_097, days % 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let clock = seconds % 86_400
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time = "\(padded(clock / 3600, 2)):\(padded(clock / 60 % 60, 2)):\(padded(clock % 60, 2))"
        return "\(date)T\(time).\(padded(fraction, 9))Z"
    }
}
