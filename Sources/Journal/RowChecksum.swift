import CZlib

/// CRC-32 over the fields of a row. SQLite has no checksum of what it stores: a flipped bit within a text is valid to it.
struct RowChecksum {
    private var value: UInt = 0

    /// The sum over `fields`, each with its length before it, so that no two rows of other fields run together.
    static func of(_ fields: Field...) -> Int64 {
        var checksum = RowChecksum()
        for field in fields { checksum.add(field) }
        return Int64(UInt32(truncatingIfNeeded: checksum.value))
    }

    enum Field {
        case integer(Int64)
        case text(String?)
        case bytes([UInt8])
    }

    private mutating func add(_ field: Field) {
        switch field {
        case .integer(let number): add([0], then: withUnsafeBytes(of: number.littleEndian) { Array($0) })
        case .text(nil): add([1], then: [])
        // Text is bound up to its first NUL: what is stored is what is summed.
        case .text(.some(let text)): add([2], then: Array(text.utf8.prefix { $0 != 0 }))
        case .bytes(let bytes): add([3], then: bytes)
        }
    }

    private mutating func add(_ kind: [UInt8], then bytes: [UInt8]) {
        let length = withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { Array($0) }
        for part in [kind, length, bytes] where !part.isEmpty {
            part.withUnsafeBufferPointer { value = UInt(crc32_z(uLong(value), $0.baseAddress, $0.count)) }
        }
    }
}

extension Int64 {
    /// SQLite's integers are signed; a count beyond them does not occur (292 years of nanoseconds).
    init(stored number: UInt64) { self = Int64(clamping: number) }
}

extension UInt64 {
    init(stored number: Int64) { self = UInt64(clamping: number) }
}
