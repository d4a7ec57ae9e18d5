import Configuration

/// What holds in the end: options over environment over file over defaults, each value with where it comes from.
///
/// Merged by swift-configuration: a `ConfigReader` over four providers, of which the first that has a value wins.
public struct EffectiveConfiguration: Sendable {
    public struct Value: Sendable, Equatable {
        public let key: ConfigurationKey
        public internal(set) var texts: [String]
        public let origin: ConfigurationOrigin
    }

    /// What is set, or has a default.
    public internal(set) var values: [ConfigurationName: Value] = [:]
    /// What is wrong with it, first the file's faults by line.
    public internal(set) var faults: [ConfigurationFault] = []
    /// Whether there was a file: then people know keys by its names, else by the options'.
    let hasFile: Bool
    let usesSources: Bool

    /// - Parameters:
    ///   - options: texts by key, as `scanward run` was given them.
    ///   - environment: of the process; names that do not begin with `SCANWARD_` are passed over.
    ///   - folder: the file's own, that relative paths in it are taken from.
    ///   - usesSources: false where frames come from a recording: then what is said of sockets for them is set aside.
    public init(
        options: [ConfigurationKey: [String]] = [:], environment: [String: String] = [:],
        file: ConfigurationFile? = nil, folder: String = "", usesSources: Bool = true
    ) {
        hasFile = file != nil
        self.usesSources = usesSources
        faults = file?.faults ?? []
        let environment = environment.filter { $0.key.hasPrefix("SCANWARD_") && !$0.value.isEmpty }
        let names = Self.names(options, file)
        merge(names, options, environment, file)
        for (name, value) in values.sorted(by: { Self.isBefore($0, $1) }) { check(value, named: name) }
        findUnknown(in: environment, known: names)
        resolvePaths(folder)
        applyRules()
        faults.sort { $0.isBefore($1) }
    }

    /// The values in the order of the keys, names that users chose by alphabet.
    public var sorted: [(name: ConfigurationName, value: Value)] {
        values.sorted { Self.isBefore($0, $1) }.map { ($0.key, $0.value) }
    }

    /// Those faults that keep it from being used.
    public var errors: [ConfigurationFault] { faults.filter { !$0.isWarning } }

    /// What stands for a key in a sentence: the option, variable or key that the user gave or would give.
    public func label(_ key: ConfigurationKey) -> String {
        switch values[ConfigurationName(key)]?.origin {
        case .option(let name)?, .environment(let name)?: name
        case .file?: key.name
        case .standard?, nil: hasFile ? key.name : key.option ?? key.name
        }
    }

    private static func isBefore(
        _ left: (key: ConfigurationName, value: Value), _ right: (key: ConfigurationName, value: Value)
    ) -> Bool {
        let l = ConfigurationKey.place(left.value.key), r = ConfigurationKey.place(right.value.key)
        return l == r ? left.key.description < right.key.description : l < r
    }

    /// Every key that could have a value: those without a `*`, and those of names that the user chose.
    private static func names(
        _ options: [ConfigurationKey: [String]], _ file: ConfigurationFile?
    ) -> [ConfigurationName: ConfigurationKey] {
        var names: [ConfigurationName: ConfigurationKey] = [:]
        for key in ConfigurationKey.all where !key.isPattern { names[ConfigurationName(key)] = key }
        for entry in file?.entries ?? [] where entry.key.isPattern {
            // The environment may say of a part type what the file does not.
            for key in ConfigurationKey.all
            where key.components.count == entry.name.components.count && key.components[0] == entry.key.components[0] {
                let components = zip(key.components, entry.name.components).map { $0 == "*" ? $1 : $0 }
                names[ConfigurationName(components)] = key
            }
        }
        return names
    }

    static let baseFolderVariable = ConfigurationName(.baseFolder).variable

    /// A variable that looks as if it were meant for us, and is not.
    private mutating func findUnknown(in environment: [String: String], known: [ConfigurationName: ConfigurationKey]) {
        if environment[Self.baseFolderVariable] != nil {
            faults.append(
                .init(
                    key: nil, origin: .environment(Self.baseFolderVariable),
                    message: "base_folder is about the file alone: say it there", nearest: nil))
        }
        let variables = Set(known.filter { $0.value != .baseFolder }.keys.map(\.variable))
        let sections = Set(ConfigurationKey.all.filter { $0.components.count > 1 }.map { $0.components[0] })
        for name in environment.keys.sorted() where !variables.contains(name) && name != Self.baseFolderVariable {
            let nearest = NearestName.of(name, among: variables)
            let isOfSection = sections.contains { name.hasPrefix(ConfigurationName([$0]).variable + "_") }
            guard isOfSection || nearest.map({ NearestName.distance(name, $0) <= 2 }) ?? false else { continue }
            let hint = nearest.map { "; did you mean \($0)?" } ?? ""
            faults.append(
                .init(
                    key: nil, origin: .environment(name), message: "no key has this variable\(hint)", nearest: nearest))
        }
    }

    private mutating func check(_ value: Value, named name: ConfigurationName) {
        for text in value.texts {
            if let refusal = value.key.kind.refusal(of: text) {
                faults.append(.init(key: name.description, origin: value.origin, message: refusal))
                // One that is none is as good as not said, for the rules between the keys.
                values[name] = nil
                return
            }
        }
        if value.texts.isEmpty {
            faults.append(
                .init(
                    key: name.description, origin: value.origin,
                    message: "expected \(value.key.kind.expectation), found an empty list"))
            values[name] = nil
        }
    }
}

extension ConfigurationKey: Hashable {
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// Where it stands among all of them.
    static func place(_ key: ConfigurationKey) -> Int { places[key.name] ?? 0 }
    private static let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.name, $0) })
}

extension ConfigurationFault {
    /// Of the file by line, then the others.
    public func isBefore(_ other: ConfigurationFault) -> Bool {
        switch (origin, other.origin) {
        case (.file(_, let line, let column), .file(_, let otherLine, let otherColumn)):
            (line, column) < (otherLine, otherColumn)
        case (.file, _): true
        case (_, .file): false
        default: description < other.description
        }
    }
}
