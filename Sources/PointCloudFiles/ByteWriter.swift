/// Collects the bytes of a file.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []
    /// Numbers go with their upper bytes first.
    private let isBigEndian: Bool

    init(bigEndian: Bool = false) { isBigEndian = bigEndian }

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    @inline(__always)
    mutating func float(_ value: Float) { integer(value.bitPattern) }

    @inline(__always)
    mutating func integer(_ value: UInt32) {
        let bits = isBigEndian ? value.byteSwapped : value
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
    }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    /// The shortest decimal that reads back as the same Float, the sign of zero included.
    mutating func decimal(_ value: Float) {
        if value == 0 && value.sign == .minus { return text("-0") }
        // Integers without their ".0": a third of a typical file of labels and colours.
        if value == value.rounded(), abs(value) < 1e7 {
            bytes.append(contentsOf: String(Int(value)).utf8)
        } else {
            bytes.append(contentsOf: value.description.utf8)
        }
    }
}
