/// The members of one JSON object of a header, taken out one by one with their types checked.
struct HeaderKeys {
    /// What the keys are called in messages: "" for the header itself, "pose." for the pose ...
    private let prefix: String
    private let members: [JSONMember]
    private var taken: Set<String> = []

    init(_ members: [JSONMember], prefix: String = "") {
        self.members = members
        self.prefix = prefix
    }

    /// The keys that nobody asked for, in order.
    var untaken: [String] { members.map(\.name).filter { !taken.contains($0) } }

    /// The value of `key`, if it is there.
    mutating func value(_ key: String) -> JSONValue? {
        taken.insert(key)
        return members.first { $0.name == key }?.value
    }

    /// The value of `key` as `read` understands it; nil when the key is absent.
    mutating func optional<Value>(
        _ key: String, _ expected: String, refusing reason: FrameRefusal.Reason = .invalidValue,
        _ read: (JSONValue) -> Value?
    ) throws(FrameRefusal) -> Value? {
        guard let value = value(key) else { return nil }
        if let result = read(value) { return result }
        throw FrameRefusal(
            reason, in: "header key \(quoted(prefix + key)) (byte \(value.range.lowerBound))", expected: expected,
            found: value.description, advice: "correct it in the publisher, or leave the key out if it is optional")
    }

    /// The value of `key` as `read` understands it.
    mutating func required<Value>(
        _ key: String, _ expected: String, refusing reason: FrameRefusal.Reason = .invalidValue,
        _ read: (JSONValue) -> Value?
    ) throws(FrameRefusal) -> Value {
        if let result = try optional(key, expected, refusing: reason, read) { return result }
        throw FrameRefusal(
            .missingKey, in: "header", expected: "the key \(quoted(prefix + key)), \(expected)", found: "none",
            advice: "let the publisher send it with every frame")
    }
}

extension JSONValue {
    var string: String? { if case .string(let text) = kind { text } else { nil } }
    var bool: Bool? { if case .bool(let value) = kind { value } else { nil } }
    var members: [JSONMember]? { if case .object(let members) = kind { members } else { nil } }
    var elements: [JSONValue]? { if case .array(let elements) = kind { elements } else { nil } }

    /// Integers as integers are written: `5`, not `5.0` or `"5"`.
    var uint64: UInt64? {
        guard case .number(let text) = kind, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return UInt64(text)
    }
    var uint32: UInt32? { uint64.flatMap { UInt32(exactly: $0) } }

    var double: Double? { if case .number(let text) = kind { Double(text) } else { nil } }

    /// `count` finite numbers.
    func doubles(_ count: Int) -> [Double]? {
        guard let elements, elements.count == count else { return nil }
        let numbers = elements.compactMap(\.double).filter(\.isFinite)
        return numbers.count == count ? numbers : nil
    }

    /// A string of a number of Unicode scalars in `range`, none of them a control character: it names something, and
    /// goes through files, tables and databases.
    func name(of range: ClosedRange<Int>) -> String? {
        string.flatMap { text in
            let scalars = text.unicodeScalars
            let isPlain = scalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
            return range.contains(scalars.count) && isPlain ? text : nil
        }
    }
}
