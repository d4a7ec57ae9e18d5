/// A strict scanner of RFC 8259 JSON.
///
/// Needed beside Foundation's parser for three things: a key that stands twice in one object is a fault (any parser
/// that keeps the last one lets two readers of a frame disagree), integers keep all 64 bits, and each value knows the
/// bytes that it came from, so that an opaque one can be passed on unchanged.
///
/// Nesting is limited, so that no input can exhaust the stack. Time and memory: O(bytes).
struct JSONScanner {
    /// Deepest nesting of objects and arrays that is read.
    static let maximumDepth = 32

    /// The members of the outermost object that were complete when scanning ended, also by a fault.
    private(set) var outermostMembers: [JSONMember] = []

    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Scans the whole input as one object.
    mutating func scanObject() throws(JSONFault) -> [JSONMember] {
        if let invalid = firstInvalidUTF8() {
            throw JSONFault(offset: invalid, message: "expected UTF-8, found an invalid sequence")
        }
        skipSpace()
        guard peek == UInt8(ascii: "{") else { throw fault(expected: "an object beginning with {") }
        let members = try scanMembers()
        skipSpace()
        guard offset == bytes.count else { throw fault(expected: "the end after the object") }
        return members
    }

    // MARK: Values

    private mutating func scanValue() throws(JSONFault) -> JSONValue {
        skipSpace()
        let start = offset
        guard let first = peek else { throw fault(expected: "a value") }
        let kind: JSONValue.Kind
        switch first {
        case UInt8(ascii: "{"): kind = .object(try scanMembers())
        case UInt8(ascii: "["): kind = .array(try scanElements())
        case UInt8(ascii: "\""): kind = .string(try scanString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): kind = .number(try scanNumber())
        case UInt8(ascii: "t"): kind = .bool(try scanWord("true", true))
        case UInt8(ascii: "f"): kind = .bool(try scanWord("false", false))
        case UInt8(ascii: "n"): kind = try scanWord("null", .null)
        default: throw fault(expected: "a value (NaN and Infinity are not JSON)")
        }
        return JSONValue(kind: kind, range: start..<offset)
    }

    private mutating func scanMembers() throws(JSONFault) -> [JSONMember] {
        try enter()
        defer { depth -= 1 }
        var members: [JSONMember] = []
        var names = UniqueNames()
        skipSpace()
        if take(UInt8(ascii: "}")) { return members }
        while true {
            skipSpace()
            let start = offset
            guard peek == UInt8(ascii: "\"") else { throw fault(expected: "a key in double quotes") }
            let name = try scanString()
            guard names.insert(name, among: members) else {
                throw JSONFault(
                    offset: start, message: "expected each key once, found \(quoted(name)) again", duplicateKey: name)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fault(expected: ": after the key \(quoted(name))") }
            let member = JSONMember(name: name, value: try scanValue())
            members.append(member)
            if depth == 1 { outermostMembers.append(member) }
            skipSpace()
            if take(UInt8(ascii: "}")) { return members }
            guard take(UInt8(ascii: ",")) else { throw fault(expected: ", or } after the value of \(quoted(name))") }
        }
    }

    private mutating func scanElements() throws(JSONFault) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try scanValue())
            skipSpace()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw fault(expected: ", or ] after an element") }
        }
    }

    private mutating func scanWord<Value>(_ word: StaticString, _ value: Value) throws(JSONFault) -> Value {
        let length = word.utf8CodeUnitCount
        guard offset + length <= bytes.count,
            (0..<length).allSatisfy({ bytes[offset + $0] == word.utf8Start[$0] })
        else { throw fault(expected: "\(word)") }
        offset += length
        return value
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private mutating func scanNumber() throws(JSONFault) -> String {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try scanDigits() }
        if take(UInt8(ascii: ".")) { try scanDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try scanDigits()
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func scanDigits() throws(JSONFault) {
        let start = offset
        while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { offset += 1 }
        guard offset > start else { throw fault(expected: "a digit") }
    }

    // MARK: Strings

    private mutating func scanString() throws(JSONFault) -> String {
        offset += 1
        let start = offset
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { offset += 1 }
        if take(UInt8(ascii: "\"")) { return String(decoding: bytes[start..<(offset - 1)], as: UTF8.self) }
        // With an escape (or a fault) it takes a copy.
        var text = Array(bytes[start..<offset])
        while true {
            guard let byte = peek else { throw fault(expected: "the closing quote of a string") }
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                offset += 1
                try scanEscape(into: &text)
            case 0..<0x20:
                throw fault(expected: "control characters in strings as \\u escapes")
            default:
                text.append(byte)
                offset += 1
            }
        }
    }

    private mutating func scanEscape(into text: inout [UInt8]) throws(JSONFault) {
        guard let byte = peek else { throw fault(expected: "an escape after \\") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += Array(String(try scanUnicodeEscape()).utf8)
        default:
            offset -= 1
            throw fault(expected: "one of \" \\ / b f n r t u after \\")
        }
    }

    private mutating func scanUnicodeEscape() throws(JSONFault) -> Unicode.Scalar {
        let first = try scanHexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A high surrogate must be followed by a low one; alone, it is no character and has no UTF-8.
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw fault(expected: "a pair of surrogate escapes")
        }
        let second = try scanHexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw fault(expected: "a low surrogate escape after a high one") }
        return scalar
    }

    private mutating func scanHexadecimal() throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault(expected: "four hexadecimal digits after \\u")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    // MARK: Bytes

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func enter() throws(JSONFault) {
        guard depth < Self.maximumDepth else {
            throw fault(expected: "nesting of at most \(Self.maximumDepth) levels")
        }
        depth += 1
        offset += 1
    }

    private func fault(expected: String) -> JSONFault {
        let found = peek.map { byte in
            (0x21...0x7E).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
        }
        return JSONFault(offset: offset, message: "expected \(expected), found \(found ?? "the end")")
    }

    private func firstInvalidUTF8() -> Int? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var place = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): place += UTF8.width(scalar)
            case .emptyInput, .error: return place
            }
        }
    }
}
