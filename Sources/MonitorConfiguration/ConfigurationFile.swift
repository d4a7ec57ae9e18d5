import Yams

/// A configuration's YAML as far as it is one: known keys with their texts and lines, and what is wrong with the rest.
///
/// The text is parsed once, by Yams, as swift-configuration's own YAML snapshot has no lines: a fault must name one.
public struct ConfigurationFile: Sendable, Equatable {
    /// A value as it is written; its kind is not checked yet.
    public struct Entry: Sendable, Equatable {
        public let key: ConfigurationKey
        public let name: ConfigurationName
        public let texts: [String]
        public let line: Int
        public let column: Int
    }

    /// Largest text accepted, in bytes.
    public static let maximumBytes = 256 << 10

    /// For messages.
    public let fileName: String
    /// In the order of the file.
    public internal(set) var entries: [Entry] = []
    public internal(set) var faults: [ConfigurationFault] = []

    /// Parses `text`.
    ///
    /// - Parameter fileName: for messages, as people know the file.
    public init(_ text: String, named fileName: String) {
        self.fileName = fileName
        guard text.utf8.count <= Self.maximumBytes else {
            refuse("expected at most \(Self.maximumBytes >> 10) KiB of YAML, found \(text.utf8.count >> 10) KiB")
            return
        }
        // References could make a file of little text grow without bound.
        if let line = Self.lineOfAnchor(text) {
            refuse(
                "expected values as they are, found an anchor (&NAME): anchors and aliases are not taken", line: line)
            return
        }
        let root: Node?
        do {
            root = try Parser(yaml: text).singleRoot()
        } catch {
            refuse(error)
            return
        }
        var reading = Reading(fileName: fileName)
        switch root {
        case nil: break
        case .mapping(let mapping)?: reading.read(mapping, in: [])
        case .scalar(let scalar)? where Reading.isEmpty(scalar): break
        case .some(let node):
            reading.fault(nil, node.mark, "expected keys and values such as line: line1, found \(Reading.title(node))")
        }
        entries = reading.entries
        faults = reading.faults
    }

    /// A file of which nothing can be read.
    public init(unreadable message: String, named fileName: String) {
        self.fileName = fileName
        refuse(message)
    }

    private mutating func refuse(_ message: String, line: Int = 1, column: Int = 1) {
        let origin = ConfigurationOrigin.file(fileName, line: max(1, line), column: max(1, column))
        faults.append(.init(key: nil, origin: origin, message: message))
    }

    private mutating func refuse(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _)?, .parser(let context, let problem, let mark, _)?,
            .composer(let context, let problem, let mark, _)?:
            let context = context.map { " \($0.text) from line \($0.mark.line) on" } ?? ""
            let problem = ValueKind.plain(problem), hint = Self.hint(problem)
            refuse(
                "expected YAML, found a fault in it\(ValueKind.plain(context)): \(problem)\(hint)", line: mark.line,
                column: mark.column)
        case .reader(let problem, let offset, _, let yaml)?:
            let line = offset.map { yaml.prefix($0).count { $0.isNewline } + 1 }
            refuse("expected UTF-8 text, found: \(ValueKind.plain(problem))", line: line ?? 1)
        case .duplicatedKeysInMapping(let names, let context)?:
            let names = names.prefix(3).map { ValueKind.quoted($0) }.joined(separator: ", ")
            refuse(
                "expected each key once in its section, found \(names) more than once", line: context.mark.line,
                column: context.mark.column)
        default:
            refuse("expected YAML, found: \(ValueKind.plain("\(error)"))")
        }
    }

    private static func hint(_ problem: String) -> String {
        if problem.contains("cannot start any token") {
            return "; indent with spaces, not tabs, and put values that begin with @ or ` into quotes"
        }
        if problem.contains("mapping values") { return "; put values with ': ' in them into quotes" }
        return ""
    }

    /// The line of the first anchor outside of comment lines and of quotes that close on their line, as the keys of
    /// CURVE hold any character but quotes.
    private static func lineOfAnchor(_ text: String) -> Int? {
        for (index, line) in text.utf8.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 0x0A })
            .enumerated()
        where holdsAnchor(line) {
            return index + 1
        }
        return nil
    }

    private static func holdsAnchor(_ line: Substring.UTF8View) -> Bool {
        if line.first(where: { !" \t".utf8.contains($0) }) == UInt8(ascii: "#") { return false }
        var rest = line, beginsToken = true
        while let byte = rest.popFirst() {
            if beginsToken, "'\"".utf8.contains(byte), let end = rest.firstIndex(of: byte) {
                rest = rest[rest.index(after: end)...]
                continue
            }
            if beginsToken, byte == UInt8(ascii: "&"), let next = rest.first, !" \t\r".utf8.contains(next) {
                return true
            }
            beginsToken = " \t\r-?:,[]{}\"'".utf8.contains(byte)
        }
        return false
    }
}

extension ValueKind {
    /// A text of another program, on one line and printable.
    static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(300).map { isPrintable($0) ? $0 : " " }))
    }
}
