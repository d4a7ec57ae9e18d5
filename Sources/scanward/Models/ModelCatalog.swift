import Foundation
import Inspection
import ParallelLoops

/// The models that a monitor scores with, by part type.
struct ModelCatalog: Sendable {
    struct Entry: Sendable {
        let partType: String
        let identity: Verdict.ModelIdentity
        let calibrationID: String
        let scorer: PartScorer
    }

    private var entries: [String: Entry] = [:]
    /// For parts that name no type: the only model, if there is just one.
    private var only: Entry? { entries.count == 1 ? entries.values.first : nil }

    /// For the line above a table: what scores, and by which profile.
    var description: String {
        partTypes.compactMap { entries[$0]?.identity }.map { identity in
            "\(printable(identity.name)) \(printable(identity.version)) (profile \(identity.profile ?? "?"), "
                + "\(identity.id.prefix(12)))"
        }.joined(separator: ", ")
    }

    var modelIDs: [String] { partTypes.compactMap { entries[$0]?.identity.id } }
    var partTypes: [String] { entries.keys.sorted() }

    /// Reads every model in `paths`, each a model folder or a folder of such.
    ///
    /// - Parameter present: a set whose scorers are used where the model is the same, byte for byte.
    init(reading paths: [String], workers: Workers, reusing present: ModelCatalog? = nil) throws {
        for path in paths {
            for folder in try Self.folders(in: URL(filePath: path)) {
                let read = try ModelFolder(reading: folder)
                if let other = entries[read.manifest.partType] {
                    throw Failure(
                        "two models for part type \(read.manifest.partType): \(other.identity.name) and \(folder.path): "
                            + "name one of them with --model")
                }
                let known = present?.entries[read.manifest.partType].flatMap { $0.identity.id == read.id ? $0 : nil }
                entries[read.manifest.partType] = Entry(
                    partType: read.manifest.partType,
                    identity: .init(
                        id: read.id, name: read.manifest.name, version: read.manifest.version,
                        profile: read.model.settings.profile.rawValue),
                    calibrationID: String((read.manifest.files[PartModel.calibrationFile]?.sha256 ?? "").prefix(16)),
                    scorer: known.map(\.scorer) ?? PartScorer(model: read.model, workers: workers))
            }
        }
    }

    func entry(for partType: String?) -> Entry? {
        guard let partType else { return only }
        return entries[partType]
    }

    private static func folders(in folder: URL) throws -> [URL] {
        let manager = FileManager.default
        if let model = model(in: folder) { return [model] }
        guard let children = try? manager.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) else {
            throw Failure(
                "expected a model or a folder of models at \(folder.path), found nothing: make one with `scanward teach`"
            )
        }
        let models = children.filter { !$0.lastPathComponent.hasPrefix(".") }.compactMap(model)
        guard !models.isEmpty else {
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
