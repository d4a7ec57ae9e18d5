import Configuration
import Synchronization

extension EffectiveConfiguration {
    /// Reads every key through swift-configuration.
    mutating func merge(
        _ names: [ConfigurationName: ConfigurationKey], _ options: [ConfigurationKey: [String]],
        _ environment: [String: String], _ file: ConfigurationFile?
    ) {
        var entries: [ConfigurationName: ConfigurationFile.Entry] = [:]
        for entry in file?.entries ?? [] { entries[entry.name] = entry }
        let witness = ProviderWitness()
        let reader = ConfigReader(
            providers: [
                Self.provider(
                    "options",
                    options.map { (ConfigurationName($0.key), $0.key.kind, $0.value) }),
                EnvironmentVariablesProvider(
                    // base_folder is about the file alone.
                    environmentVariables: environment.filter { $0.key != Self.baseFolderVariable }
                ).prefixKeys(with: "scanward"),
                Self.provider("file", entries.values.map { ($0.name, $0.key.kind, $0.texts) }),
                Self.provider(
                    "defaults",
                    ConfigurationKey.all.compactMap { key in
                        key.standard.map { (ConfigurationName(key), key.kind, [$0]) }
                    }),
            ], accessReporter: witness)
        for (name, key) in names {
            let path = ConfigKey(name.components)
            let texts = key.kind.isList ? reader.stringArray(forKey: path) : reader.string(forKey: path).map { [$0] }
            guard let texts, let provider = witness.provider else { continue }
            let origin: ConfigurationOrigin
            switch provider {
            case 0: origin = .option(key.option ?? "--" + key.name)
            case 1: origin = .environment(name.variable)
            case 2:
                let entry = entries[name]
                origin = .file(file?.fileName ?? "", line: entry?.line ?? 1, column: entry?.column ?? 1)
            default: origin = .standard
            }
            values[name] = Value(key: key, texts: texts, origin: origin)
        }
    }

    private static func provider(
        _ name: String, _ values: [(ConfigurationName, ValueKind, [String])]
    ) -> InMemoryProvider {
        var content: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, kind, texts) in values {
            content[AbsoluteConfigKey(key.components)] = ConfigValue(
                kind.isList ? .stringArray(texts) : .string(texts.first ?? ""), isSecret: false)
        }
        return InMemoryProvider(name: name, values: content)
    }

    /// Puts the file's folder before relative paths of the file. What options and environment say is relative to the working
    /// folder, as for any program.
    mutating func resolvePaths(_ folder: String) {
        var base = folder
        if case .file? = values[ConfigurationName(.baseFolder)]?.origin, let said = text(.baseFolder) {
            base = Self.join(folder, said)
            values[ConfigurationName(.baseFolder)]?.texts = [base]
        }
        for (name, value) in values where value.key != .baseFolder {
            guard case .file = value.origin else { continue }
            if value.key.kind.isPath {
                values[name]?.texts = value.texts.map { Self.join(base, $0) }
            } else if value.key.kind == .curveKeys {
                values[name]?.texts = value.texts.map { ValueKind.isCurveKey($0) ? $0 : Self.join(base, $0) }
            }
        }
    }

    private static func join(_ folder: String, _ path: String) -> String {
        path.hasPrefix("/") || folder.isEmpty || folder == "."
            ? path : folder + (folder.hasSuffix("/") ? "" : "/") + path
    }
}

/// Remembers which provider had the value that was read last.
private final class ProviderWitness: AccessReporter {
    private let last = Mutex<Int?>(nil)

    /// Its place among the reader's.
    var provider: Int? { last.withLock { $0 } }

    func report(_ event: AccessEvent) {
        let place = event.providerResults.firstIndex { result in
            if case .success(let lookup) = result.result { lookup.value != nil } else { false }
        }
        last.withLock { $0 = place }
    }
}
