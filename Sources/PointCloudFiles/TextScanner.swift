/// Walks over the bytes of a text: tokens, numbers, lines.
struct TextScanner {
    let bytes: [UInt8]
    private(set) var position: Int

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

    /// The token here as it appears in a message: not more than 24 bytes of it.
    func shown() -> String {
        if isAtEnd { return "the end of the file" }
        let range = token()
        if range.isEmpty { return bytes[position] == UInt8(ascii: "\n") ? "the end of the line" : "no value" }
        return "\"" + string(range.lowerBound..<min(range.upperBound, range.lowerBound + 24)) + "\""
    }

    /// A decimal number, `nan` or `inf`, and goes past it; nil, without moving, if there is none.
    ///
    /// Correctly rounded to Double: up to 15 digits with a power of ten that is exact need one operation
    /// (Clinger 1990), all others take the standard library's way.
    @inline(__always)
    mutating func number() -> Double? {
        let n = bytes.count
        var at = position
        var negative = false
        if at < n, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
            negative = bytes[at] == UInt8(ascii: "-")
            at += 1
        }
        var mantissa: UInt64 = 0
        var digits = 0
        var scale = 0
        while at < n, case let digit = bytes[at] &- 48, digit < 10 {
            mantissa = mantissa &* 10 &+ UInt64(digit)
            digits += 1
            at += 1
        }
        if at < n, bytes[at] == UInt8(ascii: ".") {
            at += 1
            while at < n, case let digit = bytes[at] &- 48, digit < 10 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
                digits += 1
                scale -= 1
                at += 1
            }
        }
        if digits > 0 && digits <= 18 {
            if at < n, bytes[at] | 0x20 == UInt8(ascii: "e") { (scale, at) = exponent(scale, at + 1) }
            let ends = at == n || Self.endsToken(bytes[at])
            if ends && mantissa < 1 << 53 && scale >= -22 && scale <= 22 {
                position = at
                let magnitude = Double(mantissa)
                let value = scale < 0 ? magnitude / Self.powers[-scale] : magnitude * Self.powers[scale]
                return negative ? -value : value
            }
        }
        return rareNumber()
    }

    /// Adds the exponent at `at`; a place inside the token if there is none, so that the slow way decides.
    private func exponent(_ scale: Int, _ at: Int) -> (Int, Int) {
        var at = at
        var negative = false
        if at < bytes.count, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
            negative = bytes[at] == UInt8(ascii: "-")
            at += 1
        }
        var value = 0
        var digits = 0
        while at < bytes.count, case let digit = bytes[at] &- 48, digit < 10, digits < 4 {
            value = value * 10 + Int(digit)
            digits += 1
            at += 1
        }
        return digits == 0 ? (1000, at) : (scale + (negative ? -value : value), at)
    }

    private mutating func rareNumber() -> Double? {
        let range = token()
        guard !range.isEmpty, range.count <= 400, let value = Double(string(range)) else { return nil }
        position = range.upperBound
        return value
    }

    @inline(__always)
    private static func endsToken(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
