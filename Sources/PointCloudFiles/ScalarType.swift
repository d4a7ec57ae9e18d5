/// A number as stored in a binary file.
enum ScalarType: Sendable, Equatable {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64

    var size: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }

    /// PCD's TYPE and SIZE.
    init?(pcdType: String, size: Int) {
        switch (pcdType, size) {
        case ("I", 1): self = .int8
        case ("U", 1): self = .uint8
        case ("I", 2): self = .int16
        case ("U", 2): self = .uint16
        case ("I", 4): self = .int32
        case ("U", 4): self = .uint32
        case ("I", 8): self = .int64
        case ("U", 8): self = .uint64
        case ("F", 4): self = .float32
        case ("F", 8): self = .float64
        default: return nil
        }
    }

    init?(plyName: String) {
        switch plyName {
        case "char", "int8": self = .int8
        case "uchar", "uint8": self = .uint8
        case "short", "int16": self = .int16
        case "ushort", "uint16": self = .uint16
        case "int", "int32": self = .int32
        case "uint", "uint32": self = .uint32
        case "float", "float32": self = .float32
        case "double", "float64": self = .float64
        default: return nil
        }
    }

    /// The value at an offset; integers beyond 2^53 are rounded.
    /// - Precondition: `offset + size` is within `bytes`.
    @inline(__always)
    func load(_ bytes: UnsafeRawBufferPointer, _ offset: Int, bigEndian: Bool) -> Double {
        switch self {
        case .int8: return Double(Int8(bitPattern: bytes[offset]))
        case .uint8: return Double(bytes[offset])
        case .int16: return Double(Int16(bitPattern: bits(bytes, offset, bigEndian)))
        case .uint16: return Double(bits(bytes, offset, bigEndian) as UInt16)
        case .int32: return Double(Int32(bitPattern: bits(bytes, offset, bigEndian)))
        case .uint32: return Double(bits(bytes, offset, bigEndian) as UInt32)
        case .int64: return Double(Int64(bitPattern: bits(bytes, offset, bigEndian)))
        case .uint64: return Double(bits(bytes, offset, bigEndian) as UInt64)
        case .float32: return Double(Float(bitPattern: bits(bytes, offset, bigEndian)))
        case .float64: return Double(bitPattern: bits(bytes, offset, bigEndian))
        }
    }

    @inline(__always)
    private func bits<T: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ bigEndian: Bool
    ) -> T {
        let raw = bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
        return bigEndian ? T(bigEndian: raw) : T(littleEndian: raw)
    }
}

/// Where the values of one field lie: at `start + i * stride` for point i.
struct BinaryColumn {
    var type: ScalarType
    var start: Int
    var stride: Int

    /// - Precondition: `start + (count - 1) * stride + type.size` is within `bytes`.
    func floats(_ bytes: UnsafeRawBufferPointer, count: Int, bigEndian: Bool) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { values, initialized in
            if type == .float32 && !bigEndian {
                for i in 0..<count {
                    let raw = bytes.loadUnaligned(fromByteOffset: start + i * stride, as: UInt32.self)
                    values.initializeElement(at: i, to: Float(bitPattern: UInt32(littleEndian: raw)))
                }
            } else {
                for i in 0..<count {
                    let value = type.load(bytes, start + i * stride, bigEndian: bigEndian)
                    values.initializeElement(at: i, to: Float(value))
                }
            }
            initialized = count
        }
    }
}
