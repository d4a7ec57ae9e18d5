/// The public keys that may connect, each with the name of its owner.
///
/// As text, a line is `NAME KEY`; empty lines and those that begin with `#` are passed over. (The name comes first, as a
/// key may begin with `#` too.)
public struct AllowList: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        public let name: String
        public let key: CurveKey

        public init(name: String, key: CurveKey) {
            self.name = name
            self.key = key
        }
    }

    /// Why a text is no list, and in which line.
    public struct Damage: Error, Sendable, Equatable, CustomStringConvertible {
        /// Counted from 1.
        public let line: Int
        public let message: String

        public var description: String { "line \(line): \(message)" }
    }

    /// In the order of the text.
    public private(set) var entries: [Entry] = []
    private var names: [CurveKey: String] = [:]

    /// A list that admits nobody.
    public init() {}

    /// Reads a list; nothing of a damaged one is taken.
    public init(text: String) throws(Damage) {
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            func damage(_ message: String) -> Damage { Damage(line: number, message: message) }
            guard words.count == 2 else {
                throw damage("expected NAME KEY, found \(words.count) word\(words.count == 1 ? "" : "s")")
            }
            guard Self.isName(first) else {
                throw damage("expected a name of 1 to 64 of A-Z a-z 0-9 . _ -, found \"\(first.prefix(80))\"")
            }
            guard let key = CurveKey(words[1]) else {
                throw damage("expected \(CurveKey.expectation), found \"\(words[1].prefix(80))\"")
            }
            do throws(Duplicate) {
                try add(Entry(name: first, key: key))
            } catch {
                throw damage(error.message)
            }
        }
    }

    /// A name or a key that the list has already.
    public struct Duplicate: Error, Sendable, Equatable { public let message: String }

    /// Adds an entry.
    public mutating func add(_ entry: Entry) throws(Duplicate) {
        if let owner = names[entry.key] {
            throw Duplicate(message: "the key \(entry.key) stands for \"\(owner)\" already: each key has one line")
        }
        if entries.contains(where: { $0.name == entry.name }) {
            throw Duplicate(message: "\"\(entry.name)\" has a key already: each name has one line")
        }
        names[entry.key] = entry.name
        entries.append(entry)
    }

    /// Whose key it is; nil of one that is not on the list. O(1).
    public func name(of key: CurveKey) -> String? { names[key] }

    /// Whether `name` can stand in a list.
    public static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
