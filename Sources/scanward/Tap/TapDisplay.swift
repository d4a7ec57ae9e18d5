import Foundation
import FrameProtocol
import Ingest

/// What a tap saw, as text and as JSON.
enum TapDisplay {
    /// A frame or a refusal on one line; a refusal has its sentence.
    static func line(_ event: FrameEvent, _ observation: SequenceTracker.Observation?) -> String {
        switch event.content {
        case .frame(let frame):
            let header = frame.header
            var words = [
                printable(header.source), "seq \(header.seq)", printable(header.partID),
                "frame \(header.frameIndex)\(header.framesTotal.map { "/\($0)" } ?? "")"
                    + (header.endOfPart ? " end" : ""),
                "\(frame.points.count) points", bytes(event.bytes), header.unit.rawValue,
                header.fields.map { printable($0.name) }.joined(separator: " "),
            ]
            if let type = header.partType { words.insert(printable(type), at: 3) }
            if let sent = header.sendNanoseconds {
                words.append("skew \(milliseconds(Double(signedDifference(event.unixNanoseconds, sent)) / 1e6))")
            }
            if frame.droppedNonFinite > 0 { words.append("\(frame.droppedNonFinite) points not finite") }
            if let note = note(observation) { words.append(note) }
            return words.joined(separator: "  ")
        case .refused(let refusal):
            return Paint.red("REFUSED") + "  " + printable(refusal.description)
        }
    }

    /// What a seq says, where it says anything but "the next".
    static func note(_ observation: SequenceTracker.Observation?) -> String? {
        switch observation {
        case .gap(let missing): "GAP: \(missing) missing before it"
        case .repeated: "REPEATED seq"
        case .backwards(let steps): "BACKWARDS by \(steps)"
        case .restarted: "RESTARTED seq without a new session"
        case .sessionStarted: "first of its session"
        case .next, nil: nil
        }
    }

    /// A row for each scanner, and below it what it sends and what was refused.
    static func table(_ report: TapReport) -> [String] {
        var rows = [["SOURCE", "FRAMES", "HZ", "MB/s", "MISSING", "REFUSED", "POINTS", "PARTS", "SKEW"]]
        var notes: [[String]] = [[]]
        for source in report.sources {
            let refused = source.refused.reduce(0) { $0 + $1.count }
            rows.append([
                printable(source.source), "\(source.frames)", source.rateHz.map { String(format: "%.2f", $0) } ?? "-",
                source.megabytesPerSecond.map { String(format: "%.2f", $0) } ?? "-", "\(source.missing)", "\(refused)",
                "\(source.points)", "\(source.parts)",
                (source.sendSkew?.latestMs ?? source.captureAgeMs).map(milliseconds) ?? "-",
            ])
            notes.append(Self.notes(source))
        }
        var lines: [String] = []
        guard rows.count > 1 else { return [] }
        for (line, notes) in zip(tableLines(rows), notes) { lines += [line] + notes.map { "    " + $0 } }
        if report.counters.foreignMessages > 0 {
            lines.append("\(report.counters.foreignMessages) messages that are no frames")
        }
        return lines
    }

    private static func notes(_ source: TapReport.Source) -> [String] {
        var lines: [String] = []
        if let last = source.lastParts.last {
            let types = source.partTypes.keys.sorted().map { $0.isEmpty ? "(no part_type)" : printable($0) }
            lines.append("last part \(printable(last)); types \(types.joined(separator: ", "))")
        }
        if !source.fields.isEmpty {
            lines.append("unit \(source.unit); fields \(source.fields.map(printable).joined(separator: ", "))")
        }
        if let low = source.intervalMinMs, let high = source.intervalMaxMs, let deviation = source.intervalDeviationMs {
            lines.append(
                String(format: "between messages: min %.1f ms, max %.1f ms, std dev %.1f ms", low, high, deviation))
        }
        if let age = source.captureAgeMs { lines.append("captured \(milliseconds(age)) before it arrived") }
        if source.gaps > 0 { lines.append("\(source.gaps) gaps in seq, \(source.missing) messages missing") }
        if source.repeats > 0 { lines.append("\(source.repeats) messages came twice") }
        if source.backwards > 0 { lines.append("seq went backwards \(source.backwards) times") }
        if source.restarts > 0 { lines.append("seq restarted \(source.restarts) times without a new session") }
        if source.droppedPoints > 0 { lines.append("\(source.droppedPoints) points were not finite") }
        if !source.unknownKeys.isEmpty {
            lines.append("unknown keys: \(source.unknownKeys.map(printable).joined(separator: ", "))")
        }
        lines += source.refused.map { "refused \($0.count) (\($0.reason)): \(printable($0.message))" }
        return lines
    }

    /// A message as `--json` prints it.
    struct Message: Encodable {
        var event: String
        var source: String?, session: String?, partID: String?, partType: String?
        var seq: UInt64?
        var frameIndex: UInt32?, framesTotal: UInt32?
        var endOfPart: Bool?
        var points: Int?, droppedPoints: Int?
        var bytes: Int
        var unit: String?
        var fields: [String]?
        var tCaptureNs: UInt64?, tSendNs: UInt64?, arrivedNs: UInt64
        var sequence: String?
        var reason: String?, message: String?

        init(_ event: FrameEvent, _ observation: SequenceTracker.Observation?) {
            bytes = event.bytes
            arrivedNs = event.unixNanoseconds
            sequence = TapDisplay.note(observation)
            switch event.content {
            case .frame(let frame):
                let header = frame.header
                self.event = "frame"
                (source, session, partID, partType) = (header.source, header.session, header.partID, header.partType)
                (seq, frameIndex, framesTotal) = (header.seq, header.frameIndex, header.framesTotal)
                (endOfPart, points, droppedPoints) = (header.endOfPart, frame.points.count, frame.droppedNonFinite)
                (unit, fields) = (header.unit.rawValue, header.fields.map { "\($0.name) \($0.dtype.rawValue)" })
                (tCaptureNs, tSendNs) = (header.captureNanoseconds, header.sendNanoseconds)
            case .refused(let refusal):
                self.event = "refused"
                (source, session, partID, seq) = (refusal.source, refusal.session, refusal.partID, refusal.seq)
                (reason, message) = (refusal.reason.rawValue, refusal.message)
            }
        }
    }

    /// The last line of `--json`.
    struct Summary: Encodable {
        var event = "summary"
        var from: String
        var sources: [TapReport.Source]
        var foreignMessages: Int
        /// What kept frames from coming, where none came.
        var waitingFor: String?
    }

    static func bytes(_ count: Int) -> String {
        count < 1_000_000
            ? String(format: "%.1f kB", Double(count) / 1e3) : String(format: "%.1f MB", Double(count) / 1e6)
    }

    static func milliseconds(_ value: Double) -> String {
        abs(value) < 10_000 ? String(format: "%+.1f ms", value) : String(format: "%+.1f s", value / 1000)
    }
}
