import Foundation
import Inspection

/// Verdicts as lines for a person.
enum VerdictTable {
    static let header = Paint.faint("part                  evaluation     score / threshold   latency   source")

    /// The verdict's line, then one for each region or reason.
    static func lines(_ verdict: Verdict) -> [String] {
        let score =
            verdict.score.map { String(format: "%8.2f / %-8.2f", $0, verdict.threshold ?? 0) } ?? "       - / -       "
        let name = printable(verdict.partID).padded(to: 20)
        var lines = [
            "\(name)  \(painted(verdict.evaluation))  \(score)  \(String(format: "%6.0f ms", verdict.durationsMs.total))   "
                + printable(verdict.source)
                + (verdict.model?.profile.flatMap {
                    $0 == Profile.standard.rawValue ? nil : "  profile \(printable($0))"
                }
                    ?? "")
        ]
        lines += verdict.regions.map { "    " + region($0) }
        if verdict.regions.isEmpty { lines += verdict.reasons.map { "    \($0.code): \(printable($0.message))" } }
        return lines
    }

    static func region(_ region: VerdictRegion) -> String {
        let deviation = region.deviation.map { String(format: "%+.2f mm", $0) } ?? "-"
        return String(
            format: "region %d  at (%.1f, %.1f, %.1f) mm  size %.1f x %.1f x %.1f mm  deviation %@  %@  peak %.1f",
            region.id, region.centroid[0], region.centroid[1], region.centroid[2], region.obb.extent[0],
            region.obb.extent[1], region.obb.extent[2], deviation, region.kind.rawValue, region.peak)
    }

    static func label(_ evaluation: Evaluation) -> String {
        switch evaluation {
        case .ok: "OK"
        case .notOK: "NOT OK"
        case .notDecidable: "NOT DECIDABLE"
        case .undefined: "UNDEFINED"
        }
    }

    private static func painted(_ evaluation: Evaluation) -> String {
        let text = label(evaluation).padded(to: 13)
        return switch evaluation {
        case .ok: Paint.green(text)
        case .notOK: Paint.red(text)
        case .notDecidable, .undefined: Paint.yellow(text)
        }
    }
}

extension String {
    /// With spaces behind, up to `width` characters.
    func padded(to width: Int) -> String { count >= width ? self : self + String(repeating: " ", count: width - count) }
}
