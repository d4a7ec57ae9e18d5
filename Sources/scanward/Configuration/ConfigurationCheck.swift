import Foundation
import Inspection
import MonitorConfiguration
import ZeroMQ

/// What a configuration needs of the files that it refers to.
struct ConfigurationCheck {
    private let effective: EffectiveConfiguration
    private let settings: MonitorSettings
    private(set) var faults: [ConfigurationFault] = []
    /// Part types that there are models for.
    private var types: [String: String] = [:]

    /// The faults of `effective` itself, and those of its files.
    static func run(_ effective: EffectiveConfiguration) -> [ConfigurationFault] {
        var check = ConfigurationCheck(effective)
        check.checkModels()
        check.checkAccess()
        check.checkFolders()
        return (effective.faults + check.faults).sorted { $0.isBefore($1) }
    }

    private init(_ effective: EffectiveConfiguration) {
        self.effective = effective
        settings = MonitorSettings(effective)
    }

    private mutating func add(
        _ key: ConfigurationKey, _ message: String, name: ConfigurationName? = nil, isWarning: Bool = false
    ) {
        let name = name ?? ConfigurationName(key)
        faults.append(
            .init(
                key: name.description, origin: effective.values[name]?.origin ?? .standard, message: printable(message),
                isWarning: isWarning))
    }

    /// Runs `body`; a failure of it is a fault.
    private mutating func attempt<Value>(
        _ key: ConfigurationKey, name: ConfigurationName? = nil, _ body: () throws -> Value
    ) -> Value? {
        do {
            return try body()
        } catch {
            add(key, (error as? Failure)?.description ?? "\(error)", name: name)
            return nil
        }
    }

    // MARK: Models

    private mutating func checkModels() {
        for type in settings.partTypes {
            guard let path = type.model else { continue }
            let name = ConfigurationName(["part_types", type.name, "model"])
            guard let model = attempt(.partTypeModel, name: name, { try ModelFolder(reading: URL(filePath: path)) })
            else { continue }
            types[type.name] = path
            checkThreshold(type, model)
        }
        for path in settings.models {
            let found = attempt(.models) { try ModelCatalog.folders(in: URL(filePath: path), mayBeEmpty: true) }
            let folders = found ?? []
            if let found, found.isEmpty {
                add(
                    .models,
                    "no model lies in \(path) yet: every part is undefined until one is made with `scanward teach` and the "
                        + "monitor reloaded", isWarning: true)
            }
            for folder in folders {
                guard let model = attempt(.models, { try ModelFolder(reading: folder) }) else { continue }
                let taught = model.manifest.partType
                let said = settings.partTypes.first { $0.name == taught }
                if said?.model != nil { continue }
                if let other = types[taught] {
                    add(
                        .models,
                        "two models for part type \(taught): \(other) and \(folder.path): say in part_types which one "
                            + "it is")
                    continue
                }
                types[taught] = folder.path
                if let said { checkThreshold(said, model) }
            }
        }
        // Where a model could not be read, it may be the one that is meant.
        guard !faults.contains(where: { !$0.isWarning }), effective.errors.isEmpty else { return }
        let known = types.keys.sorted().joined(separator: ", ")
        for type in settings.partTypes where types[type.name] == nil {
            add(
                .partTypeThreshold,
                "expected a model for this part type, found models for: \(known): say which with "
                    + "part_types.\(type.name).model", name: ConfigurationName(["part_types", type.name, "threshold"]))
        }
        if let type = settings.partType, types[type] == nil {
            add(.partType, "there is no model for this part type; there are models for: \(known)", isWarning: true)
        }
        for (scanner, type) in settings.partTypeByScanner.sorted(by: { $0.key < $1.key }) where types[type] == nil {
            add(
                .partTypeByScanner, "there is no model for this part type; there are models for: \(known)",
                name: ConfigurationName(["sources", "part_type_by_scanner", scanner]), isWarning: true)
        }
    }

    private mutating func checkThreshold(_ type: MonitorSettings.PartType, _ model: ModelFolder) {
        guard let threshold = type.threshold, threshold <= model.manifest.highestGoodScore else { return }
        add(
            .partTypeThreshold,
            String(
                format: "%.3f is not above the highest score of a good part, %.3f: good parts will fail", threshold,
                model.manifest.highestGoodScore), name: ConfigurationName(["part_types", type.name, "threshold"]),
            isWarning: true)
    }

    // MARK: Keys and folders

    private mutating func checkAccess() {
        if let path = settings.curveSecretFile { _ = attempt(.curveSecretFile) { try KeyFile.read(path) } }
        for key in settings.serverKeys { _ = attempt(.serverKeys) { try ClientKeyOptions.key(key) } }
        if let path = settings.tokensFile { _ = attempt(.tokensFile) { try TokenFile(path) } }
        guard let path = settings.allowListFile, let list = attempt(.allowListFile, { try AllowListFile.read(path) })
        else { return }
        if list.entries.isEmpty { add(.allowListFile, "\(path) names no key: nobody can connect", isWarning: true) }
    }

    private mutating func checkFolders() {
        for (key, path) in [
            (ConfigurationKey.stateFolder, settings.stateFolder), (.heatmapFolder, settings.heatmapFolder),
        ] {
            guard let path, let reason = FolderAccess.refusal(path) ?? Self.reasonNotWritable(path) else { continue }
            add(key, "expected a folder that can be written to, or be made, at \(path): \(reason)")
        }
    }

    private static func reasonNotWritable(_ path: String) -> String? {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else { return "it is no folder" }
            return access(path, W_OK | X_OK) == 0 ? nil : String(cString: strerror(errno))
        }
        // What is not there yet is made, with its parents.
        let parent = (path as NSString).deletingLastPathComponent
        if parent == path { return "it is not there" }
        return reasonNotWritable(parent.isEmpty ? "." : parent)
    }
}
