import Foundation
import Inspection

/// What is wrong with a line, told from the evidence: each cause once, with its sentence.
enum LineDiagnosis {
    /// Difference of clocks, s, from which on it is told: far above any network, and far below an hour.
    private static let clockTolerance = 2.0, captureTolerance = 60.0
    /// A larger difference is that of a clock that counts something else.
    private static let clockLimit = 30 * 86_400.0

    static func findings(_ evidence: LineEvidence, types: [String]) -> [Finding] {
        var findings = peers(evidence) + silence(evidence) + refusals(evidence) + clocks(evidence)
        findings += parts(evidence, types) + alerts(evidence)
        if findings.allSatisfy({ $0.state != .look }) {
            findings.append(.ok("source", summary(evidence)))
        }
        return findings
    }

    private static func summary(_ evidence: LineEvidence) -> String {
        var words = [evidence.origin]
        if let frames = evidence.frames { words.append("\(frames) frames") }
        let counts = Dictionary(grouping: evidence.verdicts, by: \.evaluation).mapValues(\.count)
        words += counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) parts \($0.key.rawValue)" }
        if !evidence.unfinished.isEmpty {
            words.append("part \(evidence.unfinished[0]) was not complete by the end: --listen longer judges it")
        }
        return words.joined(separator: ", ")
    }

    private static func peers(_ evidence: LineEvidence) -> [Finding] {
        evidence.refusedPeers.prefix(3).map {
            .look(
                "source", .wrongKey, $0,
                do:
                    "compare both sides' keys: `scanward keys list --allow-list FILE` names who may connect; docs/security.md"
            )
        }
    }

    private static func silence(_ evidence: LineEvidence) -> [Finding] {
        if let down = evidence.down.first {
            return [
                .look(
                    "source", .sourceSilent, down,
                    do: "start the scanner's program, and look at the cable and the address that it connects to")
            ]
        }
        guard let silence = evidence.silence, evidence.refusedPeers.isEmpty, evidence.refused.isEmpty else { return [] }
        return [
            .look(
                "source", .sourceSilent, "\(evidence.origin): no frame came; \(silence)",
                do: "start the scanner, or try the way with `scanward fake-scanner --to ENDPOINT FILES`")
        ]
    }

    private static func refusals(_ evidence: LineEvidence) -> [Finding] {
        var findings = evidence.refused.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.prefix(3).map {
            Finding.look(
                "frames", .framesRefused, "\($0.value.count) refused (\($0.key)): \($0.value.sentence)",
                do: "correct what the scanner sends; docs/frames.md has the format, `scanward tap` shows each message")
        }
        if findings.isEmpty, let verdict = last(evidence, "frame_refused") {
            findings.append(
                .look(
                    "frames", .framesRefused, sentence(verdict, "frame_refused"),
                    do: "see each message with `scanward tap`, and correct what the scanner sends"))
        }
        if let verdict = last(evidence, "frames_missing") {
            findings.append(
                .look(
                    "frames", .framesMissing, sentence(verdict, "frames_missing"),
                    do:
                        "a scanner that publishes (PUB) drops what a slow reader does not take: PUSH to --bind, or fewer points"
                ))
        }
        return findings
    }

    private static func clocks(_ evidence: LineEvidence) -> [Finding] {
        evidence.skews.sorted { $0.key < $1.key }.compactMap { source, nanoseconds in
            let seconds = Double(nanoseconds) / 1e9
            let tolerance = evidence.frames == nil ? captureTolerance : clockTolerance
            guard abs(seconds) > tolerance else { return nil }
            guard abs(seconds) < clockLimit else {
                return .ok("clock", "\(source): its clock counts from another day; \"clock\": \"device\" would say so")
            }
            let amount =
                abs(seconds) < 120
                ? String(format: "%.1f s", abs(seconds)) : String(format: "%.1f min", abs(seconds) / 60)
            return .look(
                "clock", .clockOff,
                "\(source): its clock is \(amount) \(seconds > 0 ? "behind" : "ahead of") this machine's",
                do: "keep both by NTP or PTP (`timedatectl` here); verdicts name the scanner's times")
        }
    }

    private static func parts(_ evidence: LineEvidence, _ types: [String]) -> [Finding] {
        var findings: [Finding] = []
        let known = types.isEmpty ? "none" : types.joined(separator: ", ")
        if let verdict = last(evidence, "no_model") {
            findings.append(
                .look(
                    "models", .noModel, sentence(verdict, "no_model"),
                    do: "teach the type, or have the scanner send one of: \(known)"))
        } else if types.isEmpty, let (source, extent) = evidence.extents.max(by: { $0.value < $1.value }), extent > 0,
            extent < 2 || extent > 20_000
        {
            findings.append(
                .look(
                    "frames", .wrongUnit, String(format: "%@: a frame measures %.3g mm across", source, extent),
                    do: "look at the header's \"unit\": mm, m or um, as the coordinates are in"))
        }
        if let verdict = last(evidence, "wrong_unit") {
            findings.append(
                .look(
                    "frames", .wrongUnit, sentence(verdict, "wrong_unit"),
                    do: "correct the header's \"unit\" (mm, m or um) in the scanner's program"))
        }
        for code in ["not_registered", "not_covered"] {
            guard let verdict = last(evidence, code, without: "wrong_unit") else { continue }
            findings.append(
                .look(
                    "parts", .templateMismatch, sentence(verdict, code),
                    do:
                        "check that the part on the line is a \(verdict.partType ?? "part of that type"); if it is, it changed "
                        + "since it was taught: teach it anew, and `scanward models promote` the result"))
        }
        for code in ["too_few_points", "too_many_stray_points"] {
            guard let verdict = last(evidence, code), !verdict.reasons.contains(where: { $0.code == "wrong_unit" })
            else { continue }
            findings.append(
                .look(
                    "parts", .scanQuality, sentence(verdict, code),
                    do: "look at the scanner's exposure and at what it sends with `scanward tap`"))
        }
        return findings
    }

    private static func alerts(_ evidence: LineEvidence) -> [Finding] {
        var findings: [Finding] = []
        if let refused = evidence.alerts.last(where: { $0.code == "models_refused" }) {
            findings.append(
                .look(
                    "models", .modelsRefused, "\(timeText(refused.nanoseconds)): \(refused.message)",
                    do: "correct that, and reload once more; until then the models from before judge"))
        }
        if let refused = evidence.alerts.last(where: { $0.code == "configuration_refused" }) {
            findings.append(
                .look(
                    "config", .badConfiguration, "\(timeText(refused.nanoseconds)): \(refused.message)",
                    do:
                        "correct that (`scanward config check` names every fault), and reload once more, or restart; until "
                        + "then the configuration from before holds"))
        }
        if let full = evidence.alerts.last(where: { $0.code == "disk_full" }) {
            findings.append(.ok("disk", "was full at \(timeText(full.nanoseconds)), within the last hour"))
        }
        return findings
    }

    /// The newest verdict with that reason, if it is among its source's last five: what was mended is history.
    private static func last(_ evidence: LineEvidence, _ code: String, without other: String? = nil) -> Verdict? {
        for verdicts in Dictionary(grouping: evidence.verdicts, by: \.source).sorted(by: { $0.key < $1.key }).map(
            \.value)
        {
            if let found = verdicts.suffix(5).last(where: { hasReason($0, code) && !hasReason($0, other) }) {
                return found
            }
        }
        return nil
    }

    private static func hasReason(_ verdict: Verdict, _ code: String?) -> Bool {
        verdict.reasons.contains { $0.code == code }
    }

    private static func sentence(_ verdict: Verdict, _ code: String) -> String {
        "part \(verdict.partID) of \(verdict.source): " + (verdict.reasons.first { $0.code == code }?.message ?? code)
    }
}
