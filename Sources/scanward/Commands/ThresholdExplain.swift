import ArgumentParser
import Foundation
import Inspection

struct ThresholdExplain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Says where a model's threshold comes from, and what it promises.")

    @Flag(help: "As a JSON object.")
    var json = false

    @Argument(help: "A model folder.")
    var model: String

    /// What `--json` prints.
    struct Explanation: Encodable {
        var threshold: Threshold
        var highestGoodScore: Double
        var goodParts: [TeachingReport.GoodPart]
        var changes: [ThresholdChange]
        var detection: DetectionCurve?

        enum CodingKeys: String, CodingKey {
            case threshold, changes, detection
            case highestGoodScore = "highest_good_score"
            case goodParts = "good_parts"
        }
    }

    func run() async throws {
        try await reportingFailures {
            let manifest = try ModelFolder(reading: URL(filePath: model)).manifest
            guard json else { return Self.lines(manifest).forEach(Terminal.output) }
            try printJSON(
                Explanation(
                    threshold: manifest.threshold, highestGoodScore: manifest.highestGoodScore,
                    goodParts: manifest.fineTuning.goodParts, changes: manifest.thresholdChanges ?? [],
                    detection: manifest.fineTuning.detection))
        }
    }

    static func lines(_ manifest: ModelManifest) -> [String] {
        let threshold = manifest.threshold
        var lines = [
            String(format: "%@: threshold %.3f", printable(manifest.partType), threshold.value), threshold.method,
            threshold.confidence > 0
                ? String(
                    format:
                        "target: at most %.3g %% of good parts rejected, confidence %.0f %%; highest good score %.3f",
                    100 * threshold.expectedFalseRejects, 100 * threshold.confidence, manifest.highestGoodScore)
                : String(format: "highest good score %.3f", manifest.highestGoodScore),
        ]
        for (source, part) in zip(manifest.goodParts, manifest.fineTuning.goodParts) {
            let scores = part.scores.map { String(format: "%.3f", $0) }.joined(separator: ", ")
            lines.append("  \(printable(source.name)), left out: \(scores)")
        }
        lines += threshold.limits ?? []
        for change in manifest.thresholdChanges ?? [] {
            lines.append(
                String(format: "%@ %@: %.3f to %.3f", change.date, change.kind.rawValue, change.old, change.new)
                    + (change.reason.map { ": " + printable($0) } ?? "")
                    + (change.by.map { " (\(printable($0)))" } ?? ""))
            for part in change.parts ?? [] {
                lines.append(
                    String(
                        format: "  %@: %.3f%@", printable(part.name), part.score, part.leftOut ? ", left out" : ""))
            }
        }
        if let curve = manifest.fineTuning.detection {
            lines += TeachingDisplay.detection(curve, threshold: threshold.value)
            for kind in curve.kinds {
                let shares = kind.levels.map {
                    String(format: "%.2f mm %.0f %%", $0.depth ?? $0.size, 100 * $0.found(above: threshold.value))
                }
                lines.append("    \(printable(kind.name)): \(shares.joined(separator: ", "))")
            }
        }
        return lines
    }
}
