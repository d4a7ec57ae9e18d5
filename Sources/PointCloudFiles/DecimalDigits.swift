/// Runs of decimal digits, eight at a time.
enum DecimalDigits {
    private static let powers: [UInt64] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]

    /// Appends the digits at `at` to a number, wrapping around beyond 19 of them; returns how many there are.
    ///
    /// Eight bytes are loaded at once; how many of them are digits, and their value, then takes no loop (Lemire 2021, with
    /// the digits that are there moved to the end of the eight).
    @inline(__always)
    static func append(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int, to value: inout UInt64) -> Int {
        var at = start
        while at + 8 <= bytes.count {
            let raw = UnsafeRawPointer(bytes.baseAddress! + at).loadUnaligned(as: UInt64.self).littleEndian
            let digits = raw ^ 0x3030_3030_3030_3030
            // A byte above 9 carries into its upper bit.
            let others = (digits &+ 0x7676_7676_7676_7676 | digits) & 0x8080_8080_8080_8080
            if others == 0 {
                value = value &* 100_000_000 &+ eight(digits)
                at += 8
                continue
            }
            let count = others.trailingZeroBitCount >> 3
            // Without a digit, what is shifted beyond the eight bytes is 0.
            value = value &* powers[count] &+ eight(digits << UInt64(64 - 8 * count))
            return at + count - start
        }
        while at < bytes.count, case let digit = bytes[at] &- 48, digit < 10 {
            value = value &* 10 &+ UInt64(digit)
            at += 1
        }
        return at - start
    }

    /// The value of eight digits, 0 to 9 each, the first in the lowest byte.
    @inline(__always)
    private static func eight(_ digits: UInt64) -> UInt64 {
        let pairs = digits &* 10 &+ digits >> 8
        let high = (pairs & 0x0000_00ff_0000_00ff) &* 0x000f_4240_0000_0064
        let low = (pairs >> 16 & 0x0000_00ff_0000_00ff) &* 0x0000_2710_0000_0001
        return (high &+ low) >> 32
    }
}
