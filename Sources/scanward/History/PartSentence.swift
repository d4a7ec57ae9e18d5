import Foundation
import Inspection

/// What became of a part, for whoever stands at the line.
enum PartSentence {
    /// One or two sentences without a term of the trade.
    static func of(_ verdict: Verdict) -> String {
        let part = "Part \(printable(verdict.partID))"
        switch verdict.evaluation {
        case .ok:
            return "\(part) is good\(headroom(verdict)). It may go on."
        case .notOK:
            guard let worst = verdict.regions.first else {
                return "\(part) is not good: it differs from the good parts as a whole. It must not go on."
            }
            let more = verdict.regions.count - 1
            return
                "\(part) is not good: \(place(worst))\(more > 0 ? ", and \(more) more place\(more == 1 ? "" : "s")" : ""). "
                + "It must not go on."
        case .notDecidable:
            return "\(part) could not be judged: \(cause(verdict)). It must not go on; scan it again."
        case .undefined:
            return "\(part) was not judged, as nobody has taught a part of this type. It must not go on."
        }
    }

    /// A region as a person would say it.
    static func place(_ region: VerdictRegion) -> String {
        let size = region.obb.extent.sorted(by: >)
        let where_ = String(
            format: "at x %.0f, y %.0f, z %.0f mm", region.centroid[0], region.centroid[1], region.centroid[2])
        let extent = String(format: "over %.0f x %.0f mm", max(1, size[0]), max(1, size[1]))
        let amount = region.deviation.map { String(format: "%.1f mm", abs($0)) }
        switch region.kind {
        case .excess: return "\(where_) it stands out\(amount.map { " by \($0)" } ?? "") \(extent)"
        case .missing: return "\(where_) something is missing\(amount.map { ", \($0) deep" } ?? "") \(extent)"
        case .surface: return "\(where_) its surface differs\(amount.map { " by \($0)" } ?? "") \(extent)"
        }
    }

    private static func headroom(_ verdict: Verdict) -> String {
        guard let score = verdict.score, let threshold = verdict.threshold, threshold > 0 else { return "" }
        return String(format: " (%.0f %% of what is allowed)", 100 * score / threshold)
    }

    private static func cause(_ verdict: Verdict) -> String {
        let codes = Set(verdict.reasons.map(\.code))
        if codes.contains("wrong_unit") { return "the scanner sends its numbers in another unit than it says" }
        if codes.contains("frame_refused") {
            return "\(verdict.frames.rejected) of its scans arrived damaged or not as agreed"
        }
        if codes.contains("frames_missing") {
            return
                "\(verdict.frames.missed) of its \(verdict.frames.expected.map { "\($0) " } ?? "")scans did not arrive"
        }
        if codes.contains("deadline_passed") || codes.contains("end_missing") {
            return "the scanner stopped before the part was whole"
        }
        if codes.contains("interrupted") { return "the inspection was stopped while the part was scanned" }
        if codes.contains("not_registered") { return "it does not look like the type that it is said to be" }
        if codes.contains("not_covered") { return "not enough of it was scanned" }
        if codes.contains("too_few_points") { return "the scan has too few points" }
        if codes.contains("too_many_stray_points") { return "the scan has too many points that belong to nothing" }
        return verdict.reasons.first.map { printable($0.message) } ?? "the monitor gave no reason"
    }
}
