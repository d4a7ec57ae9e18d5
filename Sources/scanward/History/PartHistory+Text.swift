import Foundation
import Inspection
import Journal

extension PartHistory {
    /// The story, the sentence for the line first.
    var lines: [String] {
        var lines: [String] = []
        if let last = attempts.last { lines.append(Paint.bold(PartSentence.of(last.verdict))) }
        for part in open {
            lines.append(
                Paint.bold(
                    "Part \(printable(part.key.partID)) is being scanned, or its scan broke off: it has no verdict yet."
                )
                    + " Opened \(timeText(part.openedNanoseconds)) by \(part.key.source), attempt \(part.key.attempt)")
        }
        if attempts.count > 1 {
            lines += ["", "It was judged \(attempts.count) times; the last time counts:"]
            lines += attempts.map { Self.line($0.verdict) }
        }
        for attempt in attempts.reversed() { lines += [""] + Self.lines(attempt) }
        if !modelChanges.isEmpty {
            lines += ["", "changes of this type's model:"]
            lines += modelChanges.suffix(10).map {
                "    \(timeText($0.nanoseconds)) from \(($0.from ?? "none").prefix(12)) to \(($0.to ?? "none").prefix(12))"
            }
        }
        if thresholds.count > 1 {
            lines += ["", "thresholds that this type was judged by:"]
            lines += thresholds.suffix(10).map {
                String(
                    format: "    from %@ (verdict %@) %.3f, model %@", $0.since, "\($0.seq)", $0.threshold,
                    "\($0.modelID.prefix(12))")
            }
        }
        return lines
    }

    /// A verdict on one line.
    static func line(_ verdict: Verdict) -> String {
        let score = verdict.score.map { String(format: "%.2f of %.2f", $0, verdict.threshold ?? 0) } ?? "no score"
        return
            "    \(timeText(verdict.times.decidedNs))  verdict \(verdict.seq)  \(printable(verdict.partID))  attempt "
            + "\(verdict.attempt)  \(VerdictTable.label(verdict.evaluation))  \(score)"
            + (verdict.reasons.isEmpty ? "" : "  " + verdict.reasons.map(\.code).joined(separator: ", "))
    }

    private static func lines(_ attempt: Attempt) -> [String] {
        let verdict = attempt.verdict
        let frames = verdict.frames, points = verdict.points, times = verdict.times, took = verdict.durationsMs
        var lines = [
            "verdict \(verdict.seq), result \(verdict.resultID), attempt \(verdict.attempt)"
                + (verdict.isSimulated ? ", of a recording" : ""),
            "    \(VerdictTable.label(verdict.evaluation))"
                + (verdict.score.map {
                    String(
                        format: ": score %.3f, threshold %.3f, margin %.3f", $0, verdict.threshold ?? 0,
                        verdict.margin ?? 0)
                } ?? ""),
        ]
        if let model = verdict.model {
            lines.append(
                "    model \(printable(model.name)) \(printable(model.version)), id \(model.id.prefix(12)), type "
                    + printable(verdict.partType ?? "-"))
        } else {
            lines.append("    no model; type \(verdict.partType.map(printable) ?? "not named by the frames")")
        }
        lines += verdict.reasons.map { "    \($0.code): \(printable($0.message))" }
        lines += verdict.regions.map { "    " + VerdictTable.region($0) }
        if !verdict.channels.isEmpty {
            let channels = verdict.channels.sorted { $0.key < $1.key }.map {
                String(format: "%@ %.2f", $0.key, $0.value)
            }
            lines.append("    channels: \(channels.joined(separator: ", "))")
        }
        lines += [
            "    frames: \(frames.received) received of \(frames.expected.map { "\($0)" } ?? "an unknown number"), "
                + "\(frames.missed) missed, \(frames.rejected) refused; points: \(points.received) received, \(points.used) used",
            "    from \(printable(verdict.source)), session \(printable(verdict.session)), line \(verdict.line), station "
                + verdict.station,
            "    opened \(timeText(openedNanoseconds(verdict))), last frame \(timeText(times.receivedNs)), decided "
                + timeText(times.decidedNs),
            String(
                format:
                    "    took: scan %.0f ms, queue %.0f ms, sample %.0f ms, infer %.0f ms, localize %.0f ms; last frame to "
                    + "verdict %.0f ms", took.acquisition, took.queue, took.sample, took.infer, took.localize,
                took.total),
        ]
        if let uri = verdict.heatmapURI { lines.append("    heat map \(printable(uri))") }
        if !attempt.alerts.isEmpty {
            lines.append("    alerts in that time:")
            lines += attempt.alerts.suffix(10).map {
                "        \(timeText($0.nanoseconds)) \($0.code): \(printable($0.message))"
            }
        }
        if !attempt.before.isEmpty || !attempt.after.isEmpty {
            lines.append("    this scanner's parts before and after it:")
            lines += attempt.before.map { "    " + line($0) }
            lines.append("        (this one)")
            lines += attempt.after.map { "    " + line($0) }
        }
        return lines
    }

    /// As `--json` prints it; verdicts as they were published.
    struct JSON: Encodable {
        struct Neighbor: Encodable {
            var seq: UInt64
            var partID: String
            var evaluation: String
            var reasons: [String]

            init(_ verdict: Verdict) {
                (seq, partID, evaluation) = (verdict.seq, verdict.partID, verdict.evaluation.rawValue)
                reasons = verdict.reasons.map(\.code)
            }
        }
        struct Alert: Encodable {
            var code: String, message: String, time: String

            init(_ alert: JournalAlert) {
                (code, message, time) = (alert.code, alert.message, timeText(alert.nanoseconds))
            }
        }
        struct Attempt: Encodable {
            var sentence: String
            var openedNs: UInt64
            var verdict: Verdict
            var before: [Neighbor], after: [Neighbor]
            var alerts: [Alert]
        }
        struct Open: Encodable {
            var source: String, session: String
            var attempt: Int
            var openedNs: UInt64
        }
        struct Change: Encodable {
            var from: String?, to: String?
            var time: String
        }

        var partID: String
        var sentence: String?
        var attempts: [Attempt]
        var open: [Open]
        var modelChanges: [Change]
        var thresholds: [ThresholdUse]
    }

    var json: JSON {
        JSON(
            partID: partID, sentence: attempts.last.map { PartSentence.of($0.verdict) },
            attempts: attempts.map {
                .init(
                    sentence: PartSentence.of($0.verdict), openedNs: Self.openedNanoseconds($0.verdict),
                    verdict: $0.verdict, before: $0.before.map(JSON.Neighbor.init),
                    after: $0.after.map(JSON.Neighbor.init),
                    alerts: $0.alerts.map(JSON.Alert.init))
            },
            open: open.map {
                .init(
                    source: $0.key.source, session: $0.key.session, attempt: $0.key.attempt,
                    openedNs: $0.openedNanoseconds)
            }, modelChanges: modelChanges.map { .init(from: $0.from, to: $0.to, time: timeText($0.nanoseconds)) },
            thresholds: thresholds)
    }
}
