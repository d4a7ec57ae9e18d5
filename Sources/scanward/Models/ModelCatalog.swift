import Foundation
import Inspection
import MonitorConfiguration
import ParallelLoops

/// The models that a monitor scores with, by part type.
struct ModelCatalog: Sendable {
    struct Entry: Sendable {
        let partType: String
        let identity: Verdict.ModelIdentity
        let calibrationID: String
        let scorer: PartScorer
        let manifest: ModelManifest
        /// Where it was read from.
        let folder: URL
        /// Score above which a part fails: the model's own, or the configuration's.
        var threshold: Double { scorer.model.calibration.threshold.value }
    }

    private var entries: [String: Entry] = [:]
    /// For parts that name no type: the only model, if there is just one.
    private var only: Entry? { entries.count == 1 ? entries.values.first : nil }

    /// For the line above a table: what scores, and by which profile.
    var description: String {
        guard !entries.isEmpty else { return "no model yet: every part is undefined until one is taught" }
        return partTypes.compactMap { entries[$0]?.identity }.map { identity in
            "\(printable(identity.name)) \(printable(identity.version)) (profile \(identity.profile ?? "?"), "
                + "\(identity.id.prefix(12)))"
        }.joined(separator: ", ")
    }

    var modelIDs: [String] { partTypes.compactMap { entries[$0]?.identity.id } }
    var partTypes: [String] { entries.keys.sorted() }

    /// Reads every model in `paths`, each a model folder or a folder of such.
    ///
    /// - Parameters:
    ///   - present: a set whose scorers are used where the model is the same, byte for byte.
    ///   - partTypes: models and thresholds of single types; they go before the others.
    ///   - mayBeEmpty: whether a folder without a model is a folder of none, in which one is yet to be taught.
    init(
        reading paths: [String], partTypes: [MonitorSettings.PartType] = [], mayBeEmpty: Bool = false,
        workers: Workers, reusing present: ModelCatalog? = nil
    ) throws {
        let types = Dictionary(uniqueKeysWithValues: partTypes.map { ($0.name, $0) })
        for type in partTypes {
            guard let path = type.model else { continue }
            let read = try ModelFolder(reading: URL(filePath: path))
            entries[type.name] = Self.entry(
                read, at: URL(filePath: path), as: type.name, type.threshold, workers, present)
        }
        for path in paths {
            for folder in try Self.folders(in: URL(filePath: path), mayBeEmpty: mayBeEmpty) {
                let read = try ModelFolder(reading: folder)
                // What the configuration says of a type goes before what lies in a folder.
                if types[read.manifest.partType]?.model != nil { continue }
                if let other = entries[read.manifest.partType] {
                    throw Failure(
                        "two models for part type \(read.manifest.partType): \(other.identity.name) and \(folder.path): "
                            + "name one of them with --model, or say in part_types which one it is")
                }
                let type = read.manifest.partType
                entries[type] = Self.entry(read, at: folder, as: type, types[type]?.threshold, workers, present)
            }
        }
        for type in partTypes where entries[type.name] == nil {
            throw Failure(
                "part_types.\(type.name): expected a model for this part type, found models for: "
                    + "\(self.partTypes.joined(separator: ", ")): say which with part_types.\(type.name).model")
        }
    }

    private static func entry(
        _ read: ModelFolder, at folder: URL, as partType: String, _ threshold: Double?, _ workers: Workers,
        _ present: ModelCatalog?
    ) -> Entry {
        var model = read.model
        if let threshold { model.calibration.threshold.value = threshold }
        let known = present?.entries[partType].flatMap { entry in
            entry.identity.id == read.id && entry.threshold == model.calibration.threshold.value ? entry : nil
        }
        return Entry(
            partType: partType,
            identity: .init(
                id: read.id, name: read.manifest.name, version: read.manifest.version,
                profile: model.settings.profile.rawValue),
            calibrationID: String((read.manifest.files[PartModel.calibrationFile]?.sha256 ?? "").prefix(16)),
            scorer: known.map(\.scorer) ?? PartScorer(model: model, workers: workers),
            manifest: read.manifest, folder: folder)
    }

    /// Reads what a configuration names.
    init(_ settings: MonitorSettings, workers: Workers, reusing present: ModelCatalog? = nil) throws {
        try self.init(
            reading: settings.models, partTypes: settings.partTypes, mayBeEmpty: true, workers: workers,
            reusing: present)
    }

    func entry(for partType: String?) -> Entry? {
        guard let partType else { return only }
        return entries[partType]
    }

    static func folders(in folder: URL, mayBeEmpty: Bool = false) throws -> [URL] {
        let manager = FileManager.default
        if let model = model(in: folder) { return [model] }
        guard let children = try? manager.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) else {
            try FolderAccess.require(folder.path)
            throw Failure(
                "expected a model or a folder of models at \(folder.path), found nothing: make one with `scanward teach`"
            )
        }
        let models = children.filter { !$0.lastPathComponent.hasPrefix(".") }.compactMap(model)
        guard !models.isEmpty || mayBeEmpty else {
            throw Failure(
                "expected a model or a folder of models at \(folder.path), found none: make one with `scanward teach`")
        }
        return models.sorted { $0.path < $1.path }
    }

    /// The model that `folder` is, or that is current among its versions; nil if it is neither.
    private static func model(in folder: URL) -> URL? {
        if ModelVersions.areIn(folder) { return ModelVersions.modelFolder(of: folder) }
        let manifest = folder.appending(path: ModelFolder.manifestName).path
        return FileManager.default.fileExists(atPath: manifest) ? folder : nil
    }
}
