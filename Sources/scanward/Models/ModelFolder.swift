import Foundation
import Inspection

/// A model on disk: `manifest.json`, its digest in `manifest.sha256` (readable by `sha256sum -c`), and the files that
/// the manifest lists. Nothing of a folder is used unless every byte is as it was written.
struct ModelFolder {
    let manifest: ModelManifest
    /// SHA-256 of the manifest: it stands for the whole model.
    let id: String
    let model: PartModel

    static let manifestName = "manifest.json"
    static let digestName = "manifest.sha256"

    /// Reads a model folder, or the current one of a part type's versions. One that is replaced meanwhile is read anew.
    ///
    /// - Throws: `Failure` with a sentence that names the file.
    init(reading folder: URL) throws {
        while true {
            let place = ModelVersions.modelFolder(of: folder)
            let before = Self.identity(of: place)
            do {
                self = try ModelFolder(readingFiles: place)
                return
            } catch {
                guard Self.identity(of: ModelVersions.modelFolder(of: folder)) != before else { throw error }
            }
        }
    }

    /// What the path names now; nil for nothing.
    private static func identity(of folder: URL) -> [UInt64]? {
        var status = stat()
        return stat(folder.path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
    }

    private init(readingFiles folder: URL) throws {
        let manifestBytes = try Self.read(Self.manifestName, in: folder)
        let expected = String(decoding: try Self.read(Self.digestName, in: folder), as: UTF8.self).prefix(64)
        id = sha256(manifestBytes)
        guard id == expected else {
            throw Self.damaged(Self.manifestName, folder, expected: String(expected), found: id)
        }
        do {
            manifest = try JSONDecoder().decode(ModelManifest.self, from: Data(manifestBytes))
        } catch {
            throw Failure("\(folder.path)/\(Self.manifestName) is not a model's manifest: \(error)")
        }
        guard manifest.schema == ModelManifest.schema else {
            throw Failure(
                "\(folder.path): expected a model of schema \(ModelManifest.schema), found "
                    + "\"\(printable(manifest.schema))\": teach the part type again with this version of scanward")
        }
        var files: [String: [UInt8]] = [:]
        for (name, file) in manifest.files.sorted(by: { $0.key < $1.key }) {
            guard !name.contains("/"), name != ".." else {
                throw Failure(
                    "\(folder.path)/\(Self.manifestName) names a file outside of its folder: \(printable(name))")
            }
            let bytes = try Self.read(name, in: folder)
            let found = sha256(bytes)
            guard found == file.sha256 else {
                throw Self.damaged(name, folder, expected: file.sha256, found: found)
            }
            files[name] = bytes
        }
        do {
            model = try PartModel(partType: manifest.partType, threshold: manifest.threshold, files: files)
        } catch {
            throw Failure("\(folder.path): \(error)")
        }
        let profile = manifest.profile ?? .standard
        guard model.settings.profile == profile else {
            throw Failure(
                "\(folder.path): expected settings of the profile \(profile.rawValue) that its manifest names, found those "
                    + "of \(model.settings.profile.rawValue): teach the part type again")
        }
    }

    /// Whether a model may be written to `folder`: nothing is there, or a model that may be replaced.
    static func checkDestination(_ folder: URL, replacing: Bool) throws {
        let manager = FileManager.default
        guard manager.fileExists(atPath: folder.path) else { return }
        guard !ModelVersions.areIn(folder) else {
            throw Failure(
                "\(folder.path) keeps versions of a model: teach to another folder with --out, then "
                    + "`scanward models promote` it")
        }
        guard manager.fileExists(atPath: folder.appending(path: manifestName).path) else {
            throw Failure("\(folder.path) exists and is not a model folder: name another with --out")
        }
        guard replacing else {
            throw Failure("\(folder.path) exists already: name another folder with --out, or replace it with --replace")
        }
    }

    /// Writes a model next to `folder` and moves it into place, so that no reader sees half of one. A model that is there
    /// goes only once the new one has its place.
    static func write(_ model: PartModel, manifest: ModelManifest, to folder: URL) throws {
        do {
            _ = try write(files: model.files(), manifest: manifest, to: folder)
        } catch let error as PartModelError {
            throw Failure("\(folder.path): \(error)")
        }
    }

    /// Gives the model in `folder` another manifest, and the report that belongs to it; its other files stay, to the byte.
    ///
    /// - Returns: the id of the model as it is then.
    @discardableResult
    static func rewrite(_ manifest: ModelManifest, in folder: URL) throws -> String {
        let folder = ModelVersions.modelFolder(of: folder)
        var files: [String: [UInt8]] = [:]
        for name in manifest.files.keys where name != TeachingPage.fileName { files[name] = try read(name, in: folder) }
        return try write(files: files, manifest: manifest, to: folder)
    }

    private static func write(files: [String: [UInt8]], manifest: ModelManifest, to folder: URL) throws -> String {
        var manifest = manifest, files = files
        files[TeachingPage.fileName] = [UInt8](TeachingPage(manifest).html.utf8)
        manifest.files = files.mapValues { ModelManifest.File(sha256: sha256($0), bytes: $0.count) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let manifestBytes = [UInt8](try encoder.encode(manifest))
        let id = sha256(manifestBytes)
        let staging = folder.deletingLastPathComponent().appending(
            path: ".\(folder.lastPathComponent).\(UUID().uuidString)")
        try checkDestination(folder, replacing: true)
        do throws(SystemFailure) {
            let writer = try FolderWriter(making: staging.path)
            for (name, bytes) in files { try writer.write(bytes, to: name) }
            try writer.write(manifestBytes, to: manifestName)
            try writer.write(Array("\(id)  \(manifestName)\n".utf8), to: digestName)
            try writer.take(folder.path)
        } catch {
            try? FileManager.default.removeItem(at: staging)
            throw Failure("the model could not be written to \(folder.path): \(error)")
        }
        return id
    }

    private static func read(_ name: String, in folder: URL) throws -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: folder.appending(path: name)))
        } catch {
            let file = folder.appending(path: name).path
            try FolderAccess.require(FileManager.default.fileExists(atPath: file) ? file : folder.path)
            throw Failure(
                "expected a model in \(folder.path), but \(name) cannot be read there: make one with `scanward teach`")
        }
    }

    private static func damaged(_ name: String, _ folder: URL, expected: String, found: String) -> Failure {
        Failure(
            "\(folder.path)/\(name) is damaged: expected SHA-256 \(expected.prefix(16))..., found \(found.prefix(16))...: "
                + "restore the folder from a copy, or teach the part type again")
    }
}
