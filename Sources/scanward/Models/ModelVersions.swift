import Foundation

/// A part type's folder with several versions of its model, one of them current:
///
///     models/TYPE/current -> versions/ID      a symbolic link, replaced in one step
///     models/TYPE/versions/ID/                model folders
///     models/TYPE/history.jsonl               who switched what, when and why, oldest first
///
/// A plain model folder at `models/TYPE` is a type with one version; the first promotion makes versions of it.
struct ModelVersions {
    let folder: URL

    static let currentName = "current", versionsName = "versions", historyName = "history.jsonl"

    var versionsFolder: URL { folder.appending(path: Self.versionsName) }
    private var currentLink: String { folder.appending(path: Self.currentName).path }

    /// One switch, a line of `history.jsonl`.
    struct Event: Codable, Equatable {
        enum Action: String, Codable { case promoted, rolledBack = "rolled_back" }

        var action: Action
        /// RFC 3339, UTC.
        var date: String
        /// The user that switched; through sudo, the one behind it.
        var by: String
        /// Names of versions; nil where there was none before.
        var from: String?
        var to: String
        /// The model id of `to`.
        var model: String
        var reason: String?
    }

    /// Whether `folder` is laid out so.
    static func areIn(_ folder: URL) -> Bool {
        var isFolder: ObjCBool = false
        let path = folder.appending(path: versionsName).path
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
            && (try? FileManager.default.destinationOfSymbolicLink(
                atPath: folder.appending(path: currentName).path)) != nil
    }

    /// The folder of the model itself: `folder`, or what its `current` names now, looked up once so that a switch in between
    /// does not mix two versions.
    static func modelFolder(of folder: URL) -> URL {
        guard areIn(folder), let name = ModelVersions(folder: folder).currentName else { return folder }
        return folder.appending(path: versionsName).appending(path: name)
    }

    /// Name of the current version; nil where the link is broken.
    var currentName: String? {
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: currentLink) else { return nil }
        let parts = target.split(separator: "/").map(String.init)
        guard parts.count == 2, parts[0] == Self.versionsName, parts[1] != ".." else { return nil }
        return parts[1]
    }

    /// Names of all versions, in the order of their names.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: versionsFolder.path)) ?? [])
            .filter { !$0.hasPrefix(".") }.sorted()
    }

    /// All switches, oldest first. A line that is none is passed over.
    var history: [Event] {
        guard let data = FileManager.default.contents(atPath: folder.appending(path: Self.historyName).path) else {
            return []
        }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap {
            try? JSONDecoder().decode(Event.self, from: Data($0.utf8))
        }
    }

    /// Makes `name` the current version, in one step for whoever reads the link, and records it.
    func switchTo(_ name: String, action: Event.Action, reason: String?) throws {
        let model = try ModelFolder(reading: versionsFolder.appending(path: name))
        let staging = folder.appending(path: ".current.\(UUID().uuidString)").path
        let event = Event(
            action: action, date: ThresholdChange.now(), by: Self.user, from: currentName, to: name, model: model.id,
            reason: reason)
        do {
            try FileManager.default.createSymbolicLink(
                atPath: staging, withDestinationPath: "\(Self.versionsName)/\(name)")
        } catch {
            throw Failure("\(folder.path) cannot be written: \(error.localizedDescription)")
        }
        try? FolderWriter.inherit(link: staging)
        guard rename(staging, currentLink) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(staging)
            throw Failure("\(currentLink) cannot be switched: \(reason)")
        }
        try record(event)
    }

    /// Appends a line to the history.
    func record(_ event: Event) throws {
        let path = folder.appending(path: Self.historyName).path
        let line = Array((try jsonLine(event) + "\n").utf8)
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Failure("switched, but \(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        try? FolderWriter.inherit(descriptor, from: folder.path, isFolder: false)
        guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0 else {
            throw Failure("switched, but \(path) cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    /// Who works here; through sudo, who is behind it.
    static var user: String {
        if let behind = ProcessInfo.processInfo.environment["SUDO_USER"], !behind.isEmpty { return behind }
        return getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(geteuid())"
    }
}
