import Foundation
import Inspection

/// What is in a catalogue, sound or not.
enum ModelListing {
    /// One part type's folder.
    struct Entry {
        var folder: URL
        var partType: String
        var versions: [Version]
        var hasVersions: Bool
    }

    /// One version, or the one model of a plain folder.
    struct Version {
        /// The version's name; of a plain folder, the folder's.
        var name: String
        var folder: URL
        var isCurrent: Bool
        /// What is in it, or why it cannot be used.
        var content: Result<ModelFolder, Failure>
    }

    /// The part types of a catalogue, or the one of a model folder or a folder of versions, by type.
    static func entries(in catalogue: URL) -> [Entry] {
        if let entry = entry(catalogue) { return [entry] }
        let children =
            (try? FileManager.default.contentsOfDirectory(at: catalogue, includingPropertiesForKeys: nil)) ?? []
        return children.filter { !$0.lastPathComponent.hasPrefix(".") }.sorted { $0.path < $1.path }.compactMap(entry)
            .sorted { ($0.partType, $0.folder.path) < ($1.partType, $1.folder.path) }
    }

    private static func entry(_ folder: URL) -> Entry? {
        let manager = FileManager.default
        var versions: [Version]
        let hasVersions = ModelVersions.areIn(folder)
        if hasVersions {
            let all = ModelVersions(folder: folder), current = all.currentName
            versions = all.names.map {
                version($0, all.versionsFolder.appending(path: $0), isCurrent: $0 == current)
            }
        } else if manager.fileExists(atPath: folder.appending(path: ModelFolder.manifestName).path) {
            versions = [version(folder.lastPathComponent, folder, isCurrent: true)]
        } else {
            return nil
        }
        let sound =
            versions.first { $0.isCurrent && (try? $0.content.get()) != nil }
            ?? versions.first {
                (try? $0.content.get()) != nil
            }
        let type = (try? sound?.content.get().manifest.partType) ?? folder.lastPathComponent
        return Entry(folder: folder, partType: type, versions: versions, hasVersions: hasVersions)
    }

    private static func version(_ name: String, _ folder: URL, isCurrent: Bool) -> Version {
        let content: Result<ModelFolder, Failure>
        do {
            content = .success(try ModelFolder(reading: folder))
        } catch {
            content = .failure((error as? Failure) ?? Failure("\(error)"))
        }
        return Version(name: name, folder: folder, isCurrent: isCurrent, content: content)
    }

    /// A version as `--json` prints it.
    struct Line: Encodable {
        var partType: String
        var version: String
        var current: Bool
        var sound: Bool
        var problem: String?
        var modelID: String?, created: String?, profile: String?, scanward: String?
        var goodParts: Int?
        var threshold: Double?, highestGoodScore: Double?
        var thresholdChanges: Int?
        var folder: String

        init(_ version: Version, of entry: Entry) {
            partType = entry.partType
            self.version = version.name
            current = version.isCurrent
            folder = version.folder.path
            switch version.content {
            case .failure(let failure):
                sound = false
                problem = failure.description
            case .success(let model):
                sound = true
                let manifest = model.manifest
                (modelID, created) = (model.id, manifest.created)
                (profile, scanward) = ((manifest.profile ?? .standard).rawValue, manifest.scanward)
                goodParts = manifest.goodParts.count
                (threshold, highestGoodScore) = (manifest.threshold.value, manifest.highestGoodScore)
                thresholdChanges = manifest.thresholdChanges?.count ?? 0
            }
        }
    }
}
