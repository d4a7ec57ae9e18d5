/// One thing that the monitor can be told: in its file, by an environment variable, or by an option of `scanward run`.
///
/// `all` is what there is; the file's reader, `config check`, `config show` and docs/configuration.md go by it.
public struct ConfigurationKey: Sendable, Equatable {
    /// Whether a new value is taken up by a monitor that runs.
    public enum Change: String, Sendable {
        /// By a reload: from the next part on.
        case running
        /// By a restart alone.
        case restart
    }

    /// Place in the file, sections and key joined by dots; a component `*` stands for a name that the user chooses.
    public let name: String
    public let kind: ValueKind
    /// Of a number.
    public let unit: String?
    /// What holds where nobody says anything, as text; nil for nothing.
    public let standard: String?
    /// Of `scanward run`; nil where only file and environment have it.
    public let option: String?
    public let change: Change
    /// One sentence.
    public let summary: String

    init(
        _ name: String, _ kind: ValueKind, unit: String? = nil, standard: String? = nil, option: String? = nil,
        change: Change, _ summary: String
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.standard = standard
        self.option = option
        self.change = change
        self.summary = summary
    }

    /// The parts of its name.
    public var components: [String] { name.split(separator: ".").map(String.init) }

    /// Whether its name has a part that the user chooses.
    public var isPattern: Bool { components.contains("*") }

    /// The environment variable; `<NAME>` in it stands for a name that the user chose in the file. nil for `base_folder`, which
    /// is about the file alone.
    public var variable: String? {
        self == .baseFolder ? nil : ConfigurationName(components.map { $0 == "*" ? "<NAME>" : $0 }).variable
    }
}

/// A key as it stands in one configuration: with the names that the user chose in place of `*`.
public struct ConfigurationName: Sendable, Hashable, CustomStringConvertible {
    public let components: [String]

    public init(_ components: [String]) { self.components = components }

    public init(_ key: ConfigurationKey) { components = key.components }

    public var description: String { components.joined(separator: ".") }

    /// The environment variable: all but letters and digits become `_`, as swift-configuration writes it.
    public var variable: String {
        (["scanward"] + components).map { component in
            String(
                component.uppercased().map { $0.isLetter || $0.isNumber || $0 == "<" || $0 == ">" ? $0 : "_" })
        }.joined(separator: "_")
    }
}
