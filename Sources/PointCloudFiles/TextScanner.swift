/// Walks over the bytes of a text: tokens, numbers, lines.
struct TextScanner {
    let bytes: [UInt8]
    var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position >= bytes.count }

    /// The line that a byte is in, counted from 1.
    func line(of position: Int) -> Int {
        bytes[..<min(position, bytes.count)].reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    }

    /// The next line without its end (LF or CR LF), and goes past it; nil at the end.
    mutating func nextLine() -> Range<Int>? {
        guard position < bytes.count else { return nil }
        let start = position
        var end = start
        while end < bytes.count && bytes[end] != UInt8(ascii: "\n") { end += 1 }
        position = min(end + 1, bytes.count)
        if end > start && bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return start..<end
    }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func words(_ range: Range<Int>) -> [String] {
        bytes[range].split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Goes past blanks; past line ends too if asked.
    @inline(__always)
    mutating func skipBlanks(lines: Bool) {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte <= 0x20, lines || byte != UInt8(ascii: "\n") else { return }
            position += 1
        }
    }

    /// Goes past blanks, and at most one comma or semicolon among them, within the line.
    @inline(__always)
    mutating func skipSeparator() {
        skipBlanks(lines: false)
        guard position < bytes.count else { return }
        if bytes[position] == UInt8(ascii: ",") || bytes[position] == UInt8(ascii: ";") {
            position += 1
            skipBlanks(lines: false)
        }
    }

    /// The bytes up to the next blank, comma or semicolon; empty at the end.
    func token() -> Range<Int> {
        var end = position
        while end < bytes.count, !Self.endsToken(bytes[end]) { end += 1 }
        return position..<end
    }

    mutating func skipToken() { position = token().upperBound }

    mutating func skipLine() { _ = nextLine() }

    /// Goes past this byte if it is here.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Goes past this word if it is the token here, in upper or lower case. - Precondition: it is in lower case.
    @inline(__always)
    mutating func take(word: StaticString) -> Bool {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, end == bytes.count || Self.endsToken(bytes[end]) else { return false }
        for i in position..<end where Self.lowercase(bytes[i]) != word.utf8Start[i - position] { return false }
        position = end
        return true
    }

    /// At a line end, or at the end of the file.
    var isAtLineEnd: Bool { position >= bytes.count || bytes[position] == UInt8(ascii: "\n") }

    /// At a blank, a line end, a comma, a semicolon or the end of the file.
    var isAtTokenEnd: Bool { position >= bytes.count || Self.endsToken(bytes[position]) }

    /// The token here as it appears in a message: not more than 24 bytes of it.
    func shown() -> String {
        if isAtEnd { return "the end of the file" }
        let range = token()
        if range.isEmpty { return bytes[position] == UInt8(ascii: "\n") ? "the end of the line" : "no value" }
        return "\"" + string(range.lowerBound..<min(range.upperBound, range.lowerBound + 24)) + "\""
    }

    /// Of an ASCII letter; any other byte stays.
    @inline(__always)
    static func lowercase(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    @inline(__always)
    static func endsToken(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
    }
}
