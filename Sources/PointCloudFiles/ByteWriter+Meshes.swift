extension ByteWriter {
    /// Little endian.
    @inline(__always)
    mutating func integer(_ value: UInt32) {
        float(Float(bitPattern: value))
    }

    /// As `decimal`, and the sign of zero is kept.
    mutating func exactDecimal(_ value: Float) {
        if value == 0 && value.sign == .minus { text("-0") } else { decimal(value) }
    }

    /// Three numbers, each with a blank before it.
    mutating func exactDecimals(_ vector: SIMD3<Float>) {
        for axis in 0..<3 {
            byte(UInt8(ascii: " "))
            exactDecimal(vector[axis])
        }
    }
}
