extension ByteWriter {
    /// Three numbers, each with a blank before it.
    mutating func decimals(_ vector: SIMD3<Float>) {
        for axis in 0..<3 {
            byte(UInt8(ascii: " "))
            decimal(vector[axis])
        }
    }
}
