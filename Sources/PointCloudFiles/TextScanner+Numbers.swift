extension TextScanner {
    /// A decimal number, `nan` or `inf`, and goes past it; nil, without moving, if there is none.
    ///
    /// Correctly rounded to Double: digits that fit its 53 bits, with a power of ten that is exact, need one operation
    /// (Clinger 1990), all others take the standard library's way.
    @inline(__always)
    mutating func number() -> Double? {
        let start = position
        let (value, end) = bytes.withUnsafeBufferPointer { Self.decimal($0, at: start) }
        guard let value else { return rareNumber() }
        position = end
        return value
    }

    @inline(__always)
    static func decimal(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> (value: Double?, end: Int) {
        let n = bytes.count
        var at = start
        guard at < n else { return (nil, at) }
        // Without branches: half of a scan's coordinates are negative, in no order.
        let sign: UInt64 = bytes[at] == UInt8(ascii: "-") ? 1 : 0
        at &+= Int(sign) | (bytes[at] == UInt8(ascii: "+") ? 1 : 0)
        var mantissa: UInt64 = 0
        var digits = DecimalDigits.append(bytes, at: at, to: &mantissa)
        at &+= digits
        var scale = 0
        if at < n, bytes[at] == UInt8(ascii: ".") {
            at &+= 1
            let decimals = DecimalDigits.append(bytes, at: at, to: &mantissa)
            at &+= decimals
            digits &+= decimals
            scale = 0 &- decimals
        }
        guard digits > 0, digits <= 18 else { return (nil, start) }
        if at < n, bytes[at] | 0x20 == UInt8(ascii: "e") { (scale, at) = exponent(bytes, scale, at + 1) }
        guard at >= n || endsToken(bytes[at]), mantissa < 1 << 53, scale >= -22, scale <= 22 else {
            return (nil, start)
        }
        let magnitude = Double(mantissa)
        let value = powers.withUnsafeBufferPointer { powers in
            scale <= 0 ? magnitude / powers[0 &- scale] : magnitude * powers[scale]
        }
        return (Double(bitPattern: value.bitPattern | sign << 63), at)
    }

    /// Adds the exponent at `at`; a place inside the token if there is none, so that the slow way decides.
    private static func exponent(_ bytes: UnsafeBufferPointer<UInt8>, _ scale: Int, _ at: Int) -> (Int, Int) {
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

    /// A whole number with or without a sign, and goes past it; nil, without moving, if there is none, or one of more
    /// than 18 digits. What follows need not be a blank.
    @inline(__always)
    mutating func integer() -> Int? {
        var at = position
        var negative = false
        if at < bytes.count, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
            negative = bytes[at] == UInt8(ascii: "-")
            at += 1
        }
        let start = at
        var value = 0
        while at < bytes.count, case let digit = bytes[at] &- 48, digit < 10 {
            guard at - start < 18 else { return nil }
            value = value * 10 + Int(digit)
            at += 1
        }
        guard at > start else { return nil }
        position = at
        return negative ? -value : value
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
