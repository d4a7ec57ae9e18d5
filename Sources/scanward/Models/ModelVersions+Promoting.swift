import Foundation

/// How versions come into a catalogue.
extension ModelVersions {
    /// Name of a version: when its model was made and the beginning of its id, so that names sort by age.
    static func name(of model: ModelFolder) -> String {
        let time = model.manifest.created.filter { $0.isNumber || $0 == "T" }.prefix(13)
        return (time.isEmpty ? "" : "\(time)-") + model.id.prefix(12)
    }

    /// Takes a copy of a sound model folder in as a new version of its part type, and makes it current. A plain model folder
    /// that stands in its place becomes the version before.
    ///
    /// - Returns: the part type's folder and the version's name.
    static func promote(
        _ source: URL, to catalogue: URL, reason: String?
    ) throws -> (versions: ModelVersions, name: String) {
        let source = modelFolder(of: source)
        let model = try ModelFolder(reading: source)
        let type = model.manifest.partType
        guard !type.isEmpty, !type.hasPrefix("."), !type.contains("/") else {
            throw Failure(
                "part type \"\(printable(type))\" cannot name a folder: expected no \"/\" and no \".\" in front")
        }
        let folder = try place(of: type, in: catalogue)
        let versions = ModelVersions(folder: folder)
        let name = name(of: model)
        if !areIn(folder) { try begin(folder) }
        let target = versions.versionsFolder.appending(path: name)
        if FileManager.default.fileExists(atPath: target.path) {
            guard try ModelFolder(reading: target).id == model.id else {
                throw Failure(
                    "\(target.path) exists and is another model: its threshold was changed since; name it instead")
            }
        } else {
            try copy(source, to: target)
        }
        try versions.switchTo(name, action: .promoted, reason: reason)
        return (versions, name)
    }

    /// Where a part type's model is, or is to be: the folder that has it now, whatever its name, or `catalogue/type`.
    private static func place(of type: String, in catalogue: URL) throws -> URL {
        for entry in ModelListing.entries(in: catalogue) where entry.partType == type { return entry.folder }
        return catalogue.appending(path: type)
    }

    /// Lays a part type's folder out for versions. A plain model there becomes the first one: it is in use until the link to
    /// its copy stands, and its own files go after that.
    private static func begin(_ folder: URL) throws {
        let manager = FileManager.default, versions = ModelVersions(folder: folder)
        do {
            try FolderWriter.makeFolders(versions.versionsFolder.path)
        } catch {
            throw Failure("\(folder.path) cannot be made: \(error)")
        }
        let plain = folder.appending(path: ModelFolder.manifestName).path
        guard manager.fileExists(atPath: plain) else { return }
        let present = try ModelFolder(reading: folder)
        let name = name(of: present)
        if !manager.fileExists(atPath: versions.versionsFolder.appending(path: name).path) {
            try copy(folder, to: versions.versionsFolder.appending(path: name))
        }
        try versions.switchTo(name, action: .promoted, reason: "the model that was here")
        for file in [ModelFolder.manifestName, ModelFolder.digestName] + present.manifest.files.keys.sorted() {
            try? manager.removeItem(at: folder.appending(path: file))
        }
    }

    /// Copies a model folder's own files, beside their place first, so that no reader sees half of them.
    private static func copy(_ source: URL, to target: URL) throws {
        let staging = target.deletingLastPathComponent().appending(
            path: ".\(target.lastPathComponent).\(UUID().uuidString)")
        do {
            let manifest = try ModelFolder(reading: source).manifest
            let writer = try FolderWriter(making: staging.path)
            for name in manifest.files.keys.sorted() + [ModelFolder.manifestName, ModelFolder.digestName] {
                try writer.write([UInt8](Data(contentsOf: source.appending(path: name))), to: name)
            }
            _ = try ModelFolder(reading: staging)
            try writer.take(target.path)
        } catch {
            try? FileManager.default.removeItem(at: staging)
            let sentence = (error as? SystemFailure)?.description ?? error.localizedDescription
            throw (error as? Failure) ?? Failure("\(target.path) cannot be written: \(sentence)")
        }
    }
}
