import ArgumentParser
import Foundation
import Inspection

struct ThresholdSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Sets a model's threshold by hand, and records that in its manifest.")

    @Option(help: "Why; kept in the manifest.")
    var reason: String?

    @Flag(help: "Also at or below the highest score of a good part.")
    var force = false

    @Argument(help: "A model folder.")
    var model: String

    @Argument(help: "The part score above which a part fails.")
    var value: Double

    func validate() throws {
        guard value > 0, Float(value).isFinite, Float(value) > 0 else {
            throw ValidationError("expected a threshold above 0, found \(value)")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let folder = URL(filePath: model)
            var manifest = try ModelFolder(reading: folder).manifest
            let old = manifest.threshold.value, highest = manifest.highestGoodScore
            if value <= highest {
                let above = manifest.goodScoresByPart.count { ($0.max() ?? 0) >= value }
                let sentence = String(
                    format:
                        "%.3f is not above the highest score of a good part, %.3f: %d of %d good parts would be at or "
                        + "above it", value, highest, above, manifest.goodScoresByPart.count)
                guard force else { throw Failure("\(sentence); set a higher one, or add --force") }
                Terminal.error("scanward: \(sentence)")
            }
            manifest.threshold.value = value
            manifest.threshold.method = "set by hand; no share of false rejects is promised"
            manifest.threshold.confidence = 0
            manifest.thresholdChanges =
                (manifest.thresholdChanges ?? []) + [
                    ThresholdChange(
                        kind: .set, date: ThresholdChange.now(), old: old, new: value, reason: reason, parts: nil)
                ]
            try ModelFolder.rewrite(manifest, in: folder)
            Terminal.output(String(format: "%@: threshold %.3f, was %.3f", printable(manifest.partType), value, old))
        }
    }
}
