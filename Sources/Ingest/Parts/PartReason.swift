/// Why a part is not whole. `code` goes into the verdict's `reasons`, `description` into logs.
public enum PartReason: Sendable, Hashable, CustomStringConvertible {
    /// Indices below the last known one that never came: how many, and the first of them.
    case framesMissing(count: Int, first: UInt32)
    /// No frame said `end_of_part`.
    case endMissing
    /// Frames of this part that were refused.
    case refusedFrame(count: Int, reason: String)
    /// A frame index came twice in different messages: which one counts is not known.
    case frameRepeated(index: UInt32)
    /// The frames do not agree on how many there are.
    case totalContradicted(expected: UInt32, found: UInt32)
    /// Frames of one part named different part types.
    case partTypeContradicted(String, String)
    /// No frame came for this long, or the part took this long in all.
    case deadlinePassed(Deadline, nanoseconds: UInt64)
    /// A limit that protects the monitor's memory.
    case limitExceeded(Limit, maximum: Int)
    /// The scanner's program began a new session within the part.
    case sessionRestarted
    /// The scanner began the same part anew without ending it.
    case partRestarted
    /// The monitor was stopped.
    case interrupted
    /// The recording ended within the part.
    case captureEnded

    public enum Deadline: String, Sendable { case idle, total }
    public enum Limit: String, Sendable { case openParts, frames, points, openPoints }

    /// The reason in the verdict format's notation.
    public var code: String {
        switch self {
        case .framesMissing: "frames_missing"
        case .endMissing: "end_missing"
        case .refusedFrame: "frame_refused"
        case .frameRepeated: "frame_repeated"
        case .totalContradicted: "frames_total_contradicted"
        case .partTypeContradicted: "part_type_contradicted"
        case .deadlinePassed: "deadline_passed"
        case .limitExceeded: "limit_exceeded"
        case .sessionRestarted: "session_restarted"
        case .partRestarted: "part_restarted"
        case .interrupted: "interrupted"
        case .captureEnded: "capture_ended"
        }
    }

    public var description: String {
        switch self {
        case .framesMissing(1, let first): "frame \(first) is missing"
        case .framesMissing(let count, let first): "\(count) frames are missing, the first is \(first)"
        case .endMissing: "no frame with end_of_part came"
        case .refusedFrame(1, let reason): "a frame was refused: \(reason)"
        case .refusedFrame(let count, let reason): "\(count) frames were refused, the first for \(reason)"
        case .frameRepeated(let index): "frame \(index) came twice in different messages"
        case .totalContradicted(let expected, let found):
            "frames_total or an earlier end said \(expected) frames, another frame makes it \(found)"
        case .partTypeContradicted(let first, let second):
            "frames name two part types, \"\(first)\" and \"\(second)\""
        case .deadlinePassed(.idle, let time): "no frame came for \(Self.seconds(time))"
        case .deadlinePassed(.total, let time): "the part was not complete after \(Self.seconds(time))"
        case .limitExceeded(.openParts, let maximum):
            "the source has more than \(maximum) parts open; this one was quiet longest"
        case .limitExceeded(.frames, let maximum): "the part has more than \(maximum) frames"
        case .limitExceeded(.points, let maximum): "the part has more than \(maximum) points"
        case .limitExceeded(.openPoints, let maximum):
            "the open parts have more than \(maximum) points; this one is the largest"
        case .sessionRestarted: "the scanner's program restarted within the part"
        case .partRestarted: "the scanner began the part anew without ending it"
        case .interrupted: "the monitor was stopped within the part"
        case .captureEnded: "the recording ended within the part"
        }
    }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        "\(Double(nanoseconds / 1_000_000) / 1000) s"
    }
}
