import Dashboard
import Foundation
import HeatMaps
import Synchronization

/// `parts/` of the state folder: a file for each part that is kept, `part-cloud/1`, and `templates/` beside them.
///
/// A file's name has the time of the verdict, its class, its result id and its model: `01785...-f-3c0e...-9a41....cloud`.
/// What is there is listed once, at the start; nothing in it is needed for anything but to be looked at, so that nothing is
/// fsynced. A template stays for as long as its model is in use, or a part is kept that was judged by it.
final class PartPictureFolder: Sendable {
    /// What is there now.
    struct Contents: Sendable {
        var count = 0, bytes = 0
    }

    fileprivate struct Entry {
        let name: String
        let isFailed: Bool
        /// That judged it.
        let model: String?
        let bytes: Int
        /// Read when it is asked for first, where it was there at the start.
        var kept: KeptPart?
    }

    fileprivate struct State {
        var entries: [String: Entry] = [:]
        /// Result ids, oldest first.
        var failed: [String] = [], ok: [String] = []
        var bytes = 0
        var templateBytes = 0
        /// Models in use; nil until they are known.
        var used: Set<String>?
    }

    private let folder: URL
    private let templates: URL
    private let limits: PartPictureLimits
    private let state: Mutex<State>

    /// - Throws: `Failure`, where the folder cannot be made.
    init(_ folder: URL, limits: PartPictureLimits) throws {
        self.folder = folder
        self.limits = limits
        templates = folder.appending(path: "templates")
        let files = FileManager.default
        do {
            try files.createDirectory(at: templates, withIntermediateDirectories: true)
        } catch {
            throw Failure("parts cannot be kept in \(folder.path): \(error.localizedDescription)")
        }
        for name in (try? files.contentsOfDirectory(atPath: templates.path)) ?? [] where name.hasSuffix(".part") {
            try? files.removeItem(at: templates.appending(path: name))
        }
        var state = State(), replaced: [String] = []
        for name in ((try? files.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() {
            let url = folder.appending(path: name)
            if name.hasSuffix(".part") { try? files.removeItem(at: url) }
            guard let (id, isFailed, model) = Self.meaning(of: name),
                let size = (try? files.attributesOfItem(atPath: url.path))?[.size] as? Int
            else { continue }
            let entry = Entry(name: name, isFailed: isFailed, model: model, bytes: size)
            if let old = state.insert(entry, id) { replaced.append(old) }
        }
        self.state = Mutex(state)
        for name in replaced { try? files.removeItem(at: folder.appending(path: name)) }
        removeTemplates()
        removeOldest()
    }

    /// Bytes with those of the templates.
    var contents: Contents { state.withLock { Contents(count: $0.entries.count, bytes: $0.bytes + $0.templateBytes) } }

    /// Whether the disk has room for something that is only nice to have.
    var hasRoom: Bool {
        var status = statvfs()
        guard statvfs(folder.path, &status) == 0 else { return false }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize) >= limits.minimumFreeBytes
    }

    /// Keeps a part's cloud, and removes the oldest beyond the limits.
    ///
    /// - Parameter model: SHA-256 in hexadecimal of the one that judged it.
    func keep(
        _ bytes: [UInt8], resultID: String, decidedNanoseconds: UInt64, isFailed: Bool, model: String? = nil
    ) throws {
        let digits = String(decidedNanoseconds)
        let time = String(repeating: "0", count: max(0, 20 - digits.count)) + digits
        let name = "\(time)-\(isFailed ? "f" : "k")-\(resultID)\(model.map { "-" + $0 } ?? "").cloud"
        try write(bytes, to: folder.appending(path: name))
        let replaced = state.withLock { state in
            state.insert(
                Entry(
                    name: name, isFailed: isFailed, model: model, bytes: bytes.count,
                    kept: Self.kept(bytes, of: bytes.count)),
                resultID)
        }
        // Of a part that was judged again before its first verdict was on the disk.
        if let replaced, replaced != name { try? FileManager.default.removeItem(at: folder.appending(path: replaced)) }
        removeOldest()
    }

    /// Takes note of the models in use, and keeps the taught surfaces of those that are not there yet.
    ///
    /// - Parameter models: ids, and what makes the cloud.
    func keepTemplates(_ models: [(id: String, cloud: () throws -> [UInt8])]) throws {
        state.withLock { $0.used = Set(models.map(\.id)) }
        defer { removeTemplates() }
        for (id, cloud) in models {
            let file = template(id), files = FileManager.default
            if files.fileExists(atPath: file.path) {
                // In use: not among the oldest.
                try files.setAttributes([.modificationDate: Date()], ofItemAtPath: file.path)
            } else {
                try write(try cloud(), to: file)
            }
        }
    }

    // MARK: What is kept

    func kept(resultID: String) -> KeptPart? {
        guard let entry = state.withLock({ $0.entries[resultID] }) else { return nil }
        if let kept = entry.kept { return kept }
        guard let file = try? FileHandle(forReadingFrom: folder.appending(path: entry.name)),
            let beginning = try? file.read(upToCount: 8 + PartCloud.maximumHeader),
            let kept = Self.kept([UInt8](beginning), of: entry.bytes)
        else { return nil }
        state.withLock { $0.entries[resultID]?.kept = kept }
        return kept
    }

    /// What a file's beginning says of it.
    private static func kept(_ beginning: [UInt8], of bytes: Int) -> KeptPart? {
        guard let (header, _) = try? PartCloud.header(of: beginning) else { return nil }
        let prefix = "channel:"
        return KeptPart(
            bytes: bytes, points: header.points,
            channels: header.arrays.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
    }

    func cloud(resultID: String) throws -> [UInt8]? {
        guard let entry = state.withLock({ $0.entries[resultID] }) else { return nil }
        return FileManager.default.contents(atPath: folder.appending(path: entry.name).path).map { [UInt8]($0) }
    }

    func heatMap(resultID: String) throws -> [UInt8]? {
        guard let bytes = try cloud(resultID: resultID) else { return nil }
        let cloud = try PartCloud(reading: bytes)
        var input = HeatMapInput(
            partID: resultID, partType: "", evaluation: "", map: cloud.map, regions: [], score: 0,
            threshold: Float(cloud.header.threshold ?? 0))
        let origin = cloud.header.origin
        input.coordinateOrigin = SIMD3(origin[0], origin[1], origin[2])
        return input.ply()
    }

    func template(modelID: String) throws -> [UInt8]? {
        FileManager.default.contents(atPath: template(modelID).path).map { [UInt8]($0) }
    }

    private func template(_ modelID: String) -> URL { templates.appending(path: "\(modelID).cloud") }

    // MARK: Files

    private func write(_ bytes: [UInt8], to file: URL) throws {
        let partial = file.appendingPathExtension("part")
        do {
            try Data(bytes).write(to: partial)
            guard rename(partial.path, file.path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        } catch {
            try? FileManager.default.removeItem(at: partial)
            throw error
        }
    }

    private func removeOldest() {
        let (names, freesTemplates) = state.withLock { $0.removeOldest(limits) }
        for name in names { try? FileManager.default.removeItem(at: folder.appending(path: name)) }
        if freesTemplates { removeTemplates() }
    }

    /// Removes the templates of models that are neither in use nor had a part that is kept, but for the newest ones.
    private func removeTemplates() {
        let (needed, isKnown) = state.withLock { ($0.needed, $0.used != nil) }
        let keys: Set<URLResourceKey> = [.contentModificationDateKey, .fileSizeKey]
        let files = FileManager.default
        let all = (try? files.contentsOfDirectory(at: templates, includingPropertiesForKeys: Array(keys))) ?? []
        let dated = all.map { url in
            let values = try? url.resourceValues(forKeys: keys)
            return (url, values?.contentModificationDate ?? .distantPast, values?.fileSize ?? 0)
        }
        var others = 0, bytes = 0
        for (url, _, size) in dated.sorted(by: { $0.1 > $1.1 }) {
            let isNeeded = needed.contains(url.deletingPathExtension().lastPathComponent)
            if !isNeeded { others += 1 }
            if isNeeded || !isKnown || others <= limits.templates {
                bytes += size
            } else {
                try? files.removeItem(at: url)
            }
        }
        state.withLock { $0.templateBytes = bytes }
    }

    /// `TIME-f-ID-MODEL.cloud` of a part that is not ok, `TIME-k-ID-MODEL.cloud` of one that is.
    private static func meaning(of name: String) -> (id: String, isFailed: Bool, model: String?)? {
        guard name.hasSuffix(".cloud") else { return nil }
        let words = name.dropLast(6).split(separator: "-", omittingEmptySubsequences: false)
        guard (3...4).contains(words.count), words[0].count == 20, words[1] == "f" || words[1] == "k"
        else { return nil }
        return (String(words[2]), words[1] == "f", words.count == 4 ? String(words[3]) : nil)
    }
}

extension PartPictureFolder.State {
    /// - Returns: the name of the file that the entry replaces.
    @discardableResult
    fileprivate mutating func insert(_ entry: PartPictureFolder.Entry, _ id: String) -> String? {
        let old = entries.updateValue(entry, forKey: id)
        if let old {
            bytes -= old.bytes
            if old.isFailed { failed.removeAll { $0 == id } } else { ok.removeAll { $0 == id } }
        }
        if entry.isFailed { failed.append(id) } else { ok.append(id) }
        bytes += entry.bytes
        return old?.name
    }

    /// Models whose templates stay.
    fileprivate var needed: Set<String> { (used ?? []).union(entries.values.lazy.compactMap(\.model)) }

    /// - Returns: the names of the files to be removed, and whether a model lost its last part with them.
    fileprivate mutating func removeOldest(_ limits: PartPictureLimits) -> (names: [String], freesTemplates: Bool) {
        let before = needed
        var names: [String] = []
        while failed.count > limits.failed { drop(failed.removeFirst(), &names) }
        while ok.count > limits.ok { drop(ok.removeFirst(), &names) }
        // Of those that are ok first: whoever looks for what was wrong misses them least.
        while bytes + templateBytes > limits.bytes, !ok.isEmpty { drop(ok.removeFirst(), &names) }
        while bytes + templateBytes > limits.bytes, !failed.isEmpty { drop(failed.removeFirst(), &names) }
        return (names, !names.isEmpty && needed.count < before.count)
    }

    private mutating func drop(_ id: String, _ names: inout [String]) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        bytes -= entry.bytes
        names.append(entry.name)
    }
}
