import Dashboard
import Foundation
import Inspection
import Journal
import Synchronization

/// The models in use, as the dashboard shows them, and their thresholds, as an operator sets them.
final class DashboardModels: ModelShelf {
    private let line: InspectionLine
    /// One change after the other: each reads a manifest and writes it.
    private let changing = Mutex(())

    init(line: InspectionLine) { self.line = line }

    private struct Brief: Encodable {
        let partType: String
        let id: String
        let name: String
        let version: String
        let profile: String?
        let created: String
        let threshold: Double
        let goodParts: Int
    }

    private struct Whole: Encodable {
        let brief: Brief
        let threshold: Threshold
        let highestGoodScore: Double
        let goodScores: [[Double]]
        let channels: [String: [[Double]]]
        let thresholdChanges: [ThresholdChange]
        let fineTuning: Losses
        let detection: DetectionCurve?
        let lineage: Lineage
    }

    private struct Losses: Encodable {
        let steps: Int
        let ending: String
        let lossBefore: Float?
        let bestLoss: Float?
        let bestStep: Int
        let validation: [[Double]]
        let training: [[Double]]
    }

    private struct Lineage: Encodable {
        struct Change: Encodable {
            let from: String?
            let to: String?
            let changedNs: UInt64
        }

        let backbone: ModelManifest.Source
        let goodParts: [ModelManifest.Source]
        let seed: UInt64
        let scanward: String
        let openblas: String?
        /// What was in use on this line, from the journal, oldest first.
        let changes: [Change]
    }

    func list() throws -> [UInt8] {
        let catalog = line.catalog
        return try json(catalog.partTypes.compactMap { catalog.entry(for: $0) }.map(brief))
    }

    func model(id: String) throws -> [UInt8]? {
        guard let entry = entry(id) else { return nil }
        let manifest = entry.manifest, report = manifest.fineTuning
        let changes = (try? line.journal?.reader.modelChanges()) ?? []
        func finite(_ value: Float) -> Float? { value.isFinite ? value : nil }
        func points(_ curve: [TeachingReport.Point]) -> [[Double]] {
            curve.filter { $0.loss.isFinite }.map { [Double($0.step), Double($0.loss)] }
        }
        var channels: [String: [[Double]]] = [:]
        for part in report.goodParts {
            for (channel, scores) in part.channels { channels[channel.rawValue, default: []].append(scores) }
        }
        var threshold = manifest.threshold
        if entry.threshold != threshold.value {
            threshold.replaceValue(
                entry.threshold, method: "set in the configuration, part_types.\(entry.partType).threshold")
        }
        return try json(
            Whole(
                brief: brief(entry), threshold: threshold, highestGoodScore: manifest.highestGoodScore,
                goodScores: manifest.goodScoresByPart, channels: channels,
                thresholdChanges: manifest.thresholdChanges ?? [],
                fineTuning: Losses(
                    steps: report.steps, ending: report.ending, lossBefore: finite(report.lossBefore),
                    bestLoss: finite(report.bestValidationLoss), bestStep: report.bestStep,
                    validation: points(report.validation), training: points(report.training)),
                detection: report.detection,
                lineage: Lineage(
                    backbone: manifest.backbone, goodParts: manifest.goodParts, seed: manifest.seed,
                    scanward: manifest.scanward, openblas: manifest.openBLAS,
                    changes: changes.filter { $0.partType == entry.partType }.map {
                        .init(from: $0.from, to: $0.to, changedNs: $0.nanoseconds)
                    })))
    }

    private struct Changed: Encodable {
        let partType: String
        let old: Double
        let new: Double
        /// Of the model as it is from then on.
        let id: String
    }

    func setThreshold(_ change: ThresholdRequest, of id: String, by name: String) throws -> [UInt8] {
        try changing.withLock { _ in
            guard let entry = entry(id) else {
                throw ThresholdRefusal(
                    .unknownModel, "expected the id of a model in use, found another: it was changed meanwhile")
            }
            guard entry.threshold == entry.manifest.threshold.value else {
                throw ThresholdRefusal(
                    .conflict,
                    "expected a threshold of the model's own, found one of the configuration: change "
                        + "part_types.\(entry.partType).threshold there")
            }
            let setting = ThresholdSetting(
                value: change.value, reason: change.reason, by: name, force: change.force ?? false)
            do {
                let result = try setting.apply(to: entry.folder, expecting: id)
                try takeUp(entry, because: "threshold of \(entry.partType) by \(name)")
                return try json(Changed(partType: entry.partType, old: result.old, new: change.value, id: result.id))
            } catch let error as ThresholdSetting.Refusal {
                let kind: ThresholdRefusal.Kind =
                    switch error.kind {
                    case .invalid: .invalid
                    case .needsForce: .needsForce
                    case .outdated: .conflict
                    }
                throw ThresholdRefusal(kind, error.sentence)
            } catch let failure as Failure {
                throw ThresholdRefusal(.notWritten, failure.description)
            }
        }
    }

    /// Has the line read what was written, and waits for it; a line that refuses keeps its threshold, and so does the model.
    private func takeUp(_ entry: ModelCatalog.Entry, because cause: String) throws {
        let answered = DispatchSemaphore(value: 0)
        let outcome = Mutex<ConfigurationReloader.Outcome?>(nil)
        line.reload(because: cause) { result in
            outcome.withLock { $0 = result }
            answered.signal()
        }
        guard answered.wait(timeout: .now() + .seconds(60)) == .success, let outcome = outcome.withLock({ $0 }) else {
            throw ThresholdRefusal(
                .unanswered, "the threshold is written, but the line did not answer within 60 s: look at its log")
        }
        guard !outcome.isApplied else { return }
        try ModelFolder.rewrite(entry.manifest, in: entry.folder)
        throw ThresholdRefusal(
            .conflict, "the threshold stays as it was, since the line refused to read it: \(outcome.message)")
    }

    private func entry(_ id: String) -> ModelCatalog.Entry? {
        let catalog = line.catalog
        return catalog.partTypes.compactMap { catalog.entry(for: $0) }.first { $0.identity.id == id }
    }

    private func brief(_ entry: ModelCatalog.Entry) -> Brief {
        let manifest = entry.manifest
        return Brief(
            partType: entry.partType, id: entry.identity.id, name: manifest.name, version: manifest.version,
            profile: entry.identity.profile, created: manifest.created, threshold: entry.threshold,
            goodParts: manifest.goodParts.count)
    }

    private func json(_ value: some Encodable) throws -> [UInt8] {
        Array(try jsonLine(value).utf8)
    }
}
