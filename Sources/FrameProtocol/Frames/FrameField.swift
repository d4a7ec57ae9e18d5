/// One named number within a point's record.
public struct FrameField: Sendable, Equatable {
    /// x, y and z are required; intensity is read when present; nx, ny, nz, r, g, b, t_offset_ns and any other are
    /// checked for their place and passed over.
    public var name: String
    /// Bytes from the start of the record.
    public var offset: UInt32
    public var dtype: ScalarType

    public init(name: String, offset: UInt32, dtype: ScalarType) {
        self.name = name
        self.offset = offset
        self.dtype = dtype
    }

    /// Fields of one type, one behind the other from offset 0.
    public static func packed(_ names: [String], as dtype: ScalarType) -> [FrameField] {
        names.enumerated().map { index, name in
            FrameField(name: name, offset: UInt32(index * dtype.byteCount), dtype: dtype)
        }
    }

    /// The first byte behind the field; 64 bits, because an offset near the end of 32 bits must not trap.
    var end: UInt64 { UInt64(offset) + UInt64(dtype.byteCount) }
}

/// A field's type, written as NumPy writes it; all are little-endian.
public enum ScalarType: String, Sendable, CaseIterable {
    case float32 = "<f4"
    case float64 = "<f8"
    case uint8 = "|u1"
    case uint16 = "<u2"
    case int16 = "<i2"
    case uint32 = "<u4"
    case int32 = "<i4"

    /// Bytes that a value takes.
    public var byteCount: Int {
        switch self {
        case .uint8: 1
        case .uint16, .int16: 2
        case .float32, .uint32, .int32: 4
        case .float64: 8
        }
    }
}

/// The unit of a frame's coordinates. There is no default: a silent factor of 1000 is the likeliest fault of all.
public enum LengthUnit: String, Sendable, CaseIterable {
    case millimeters = "mm"
    case meters = "m"
    case micrometers = "um"
}
