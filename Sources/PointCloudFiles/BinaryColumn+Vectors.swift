extension BinaryColumn {
    /// The values less `origin`, subtracted in Double and rounded once.
    /// - Precondition: `start + (count - 1) * stride + type.size` is within `bytes`.
    func floats(_ bytes: UnsafeRawBufferPointer, count: Int, bigEndian: Bool, minus origin: Double) -> [Float] {
        guard origin != 0 else { return floats(bytes, count: count, bigEndian: bigEndian) }
        return [Float](unsafeUninitializedCapacity: count) { values, initialized in
            for i in 0..<count {
                let value = type.load(bytes, start + i * stride, bigEndian: bigEndian)
                values.initializeElement(at: i, to: Float(value - origin))
            }
            initialized = count
        }
    }

    /// Three columns as vectors, less the origin; little endian.
    /// - Precondition: as for `floats`, for each of the three.
    static func vectors(
        _ columns: (Self, Self, Self), _ bytes: UnsafeRawBufferPointer, count: Int, minus origin: SIMD3<Double>
    ) -> [SIMD3<Float>] {
        let (x, y, z) = columns
        let isPlain = x.type == .float32 && y.type == .float32 && z.type == .float32 && origin == .zero
        return [SIMD3<Float>](unsafeUninitializedCapacity: count) { vectors, initialized in
            initialized = count
            guard isPlain else {
                for i in 0..<count {
                    let value = SIMD3(
                        x.type.load(bytes, x.start + i * x.stride, bigEndian: false),
                        y.type.load(bytes, y.start + i * y.stride, bigEndian: false),
                        z.type.load(bytes, z.start + i * z.stride, bigEndian: false))
                    vectors.initializeElement(at: i, to: SIMD3<Float>(value - origin))
                }
                return
            }
            // What nearly every file holds: in one pass over the bytes.
            func float(_ column: Self, _ i: Int) -> Float {
                let raw = bytes.loadUnaligned(fromByteOffset: column.start + i * column.stride, as: UInt32.self)
                return Float(bitPattern: UInt32(littleEndian: raw))
            }
            for i in 0..<count {
                vectors.initializeElement(at: i, to: SIMD3(float(x, i), float(y, i), float(z, i)))
            }
        }
    }
}
