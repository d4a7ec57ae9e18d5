import ArgumentParser
import Foundation
import Inspection
import ParallelLoops

struct ThresholdRecalibrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recalibrate",
        abstract: "Sets a model's threshold anew from further good parts.",
        discussion: """
            Scores them with the model as it is, and takes the tolerance bound over the taught parts' scores and theirs. A
            part above the bound of the good parts so far is named, and counts as good all the same unless --leave-out is given.
            """)

    @Option(
        help: ArgumentHelp(
            "Share of good parts that the threshold may reject (default: as before).", valueName: "percent"),
        transform: falseRejectShare)
    var falseRejects: Double?

    @Flag(help: "Leave out parts above the bound of the good parts so far.")
    var leaveOut = false

    @Option(help: "Threads (default: all cores).")
    var threads: Int?

    @Flag(help: "As a JSON object.")
    var json = false

    @Argument(help: "A model folder.")
    var model: String

    @Argument(help: ArgumentHelp("Scans of further good parts, or folders of them.", valueName: "good"))
    var good: [String]

    /// As in teaching: above it hardly a defect would be found.
    private static let widestRatio = 10.0

    func validate() throws {
        guard threads.map({ $0 > 0 }) ?? true else { throw ValidationError("--threads: expected 1 or more") }
    }

    func run() async throws {
        try await reportingFailures { try recalibrate() }
    }

    private func recalibrate() throws {
        let url = URL(filePath: model)
        let folder = try ModelFolder(reading: url)
        var manifest = folder.manifest
        let parts = try score(folder)
        let before = manifest.threshold, countBefore = manifest.goodScoresByPart.count
        guard parts.contains(where: { !$0.leftOut }) else {
            throw Failure(
                "no part is left to recalibrate with: all \(parts.count) lie above the bound of the good parts so far")
        }
        let scores = manifest.goodScoresByPart + parts.filter { !$0.leftOut }.map { [$0.score] }
        var threshold = Threshold(
            scoresByPart: scores, falseRejects: falseRejects ?? before.expectedFalseRejects)
        guard threshold.value <= Self.widestRatio * (threshold.goodScores.max() ?? 0) else {
            throw Failure(
                String(
                    format:
                        "expected good parts that score alike, but with these the threshold would be %.3g: check that "
                        + "all are good, or leave those above it out with --leave-out", threshold.value))
        }
        let taught = manifest.fineTuning.goodParts.count
        if taught > 0 {
            threshold.method +=
                "; \(scores.count - taught) of them came after the teaching, scored by the model as it is"
        }
        manifest.threshold = threshold
        manifest.thresholdChanges =
            (manifest.thresholdChanges ?? []) + [
                ThresholdChange(
                    kind: .recalibrated, date: ThresholdChange.now(), old: before.value, new: threshold.value,
                    reason: nil, parts: parts, by: ModelVersions.user)
            ]
        let id = try ModelFolder.rewrite(manifest, in: url)
        guard !json else {
            let told = SetThreshold(
                partType: manifest.partType, old: before.value, new: threshold.value, modelID: id,
                goodParts: scores.count, limits: threshold.limits)
            return Terminal.output(try jsonLine(told))
        }
        let mean = threshold.goodScores.reduce(0) { $0 + log($1) } / Double(scores.count)
        Terminal.output(
            String(
                format: "%@: threshold %.3f, was %.3f; from %d good parts, were %d; %.2f times their mean score",
                printable(manifest.partType), threshold.value, before.value, scores.count, countBefore,
                threshold.value / exp(mean)))
        threshold.limits?.forEach { Terminal.output("  \($0)") }
    }

    private func score(_ folder: ModelFolder) throws -> [ThresholdChange.Part] {
        let manifest = folder.manifest
        let files = try CloudFiles.expand(good)
        let known = (manifest.thresholdChanges ?? []).flatMap { $0.parts ?? [] }.filter { !$0.leftOut }.map(\.sha256)
        var seen = Set(manifest.goodParts.map(\.sha256) + known)
        let scorer = PartScorer(model: folder.model, workers: threads.map(Workers.init(count:)) ?? .all)
        // A threshold that was set by hand says nothing of what good parts score: the bound of those known does.
        let bound = Threshold(
            scoresByPart: manifest.goodScoresByPart, falseRejects: manifest.threshold.expectedFalseRejects
        ).value
        let line = ProgressLine("recalibrate", total: files.count)
        return try files.enumerated().map { index, file in
            let loaded = try CloudFiles.load(file)
            guard seen.insert(loaded.sha256).inserted else {
                throw Failure("\(file.path) counts already: each good part enters once, name only further ones")
            }
            let inspection = scorer.inspect(loaded.points)
            guard let score = inspection.score, inspection.evaluation != .notDecidable else {
                let reasons = inspection.reasons.map(\.message).joined(separator: "; ")
                throw Failure("\(file.path) cannot be judged: \(reasons)")
            }
            line.update(index + 1)
            let isFar = Double(score) > bound
            if isFar {
                Terminal.error(
                    String(
                        format: "scanward: %@ scores %.3f, above %.3f, the bound of the good parts so far: %@",
                        file.lastPathComponent, score,
                        bound,
                        leaveOut ? "left out" : "counted as good; check it, or leave it out with --leave-out"))
            }
            return ThresholdChange.Part(
                name: file.lastPathComponent, sha256: loaded.sha256, score: max(Double(score), 1e-6),
                leftOut: leaveOut && isFar)
        }
    }
}
