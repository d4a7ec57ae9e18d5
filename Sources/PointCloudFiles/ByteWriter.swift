/// Collects the bytes of a file.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Little endian.
    @inline(__always)
    mutating func float(_ value: Float) {
        let bits = value.bitPattern
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
    }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// The shortest decimal that reads back as the same Float.
    mutating func decimal(_ value: Float) {
        // Integers without their ".0": a third of a typical file of labels and colours.
        if value == value.rounded(), abs(value) < 1e7 {
            bytes.append(contentsOf: String(Int(value)).utf8)
        } else {
            bytes.append(contentsOf: value.description.utf8)
        }
    }
}
