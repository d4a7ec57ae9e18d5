/// Part 2 read into points: unit and pose applied, points that are not finite left out.
struct PointRecords {
    private(set) var points: [SIMD3<Float>] = []
    private(set) var intensities: [Float]?
    private(set) var droppedNonFinite = 0

    /// - Precondition: `header` is validated and describes exactly `bytes`.
    init(_ bytes: [UInt8], header: FrameHeader) {
        guard let x = header.field("x"), let y = header.field("y"), let z = header.field("z") else { return }
        let intensity = header.field("intensity").map(ColumnReader.init)
        let transform = header.pose.flatMap(PoseTransform.init)
        let records = Records(count: Int(header.points), step: Int(header.pointStep), intensity: intensity)
        let offsets = (Int(x.offset), Int(y.offset), Int(z.offset))

        switch (x.dtype, y.dtype, z.dtype, transform) {
        case (.float32, .float32, .float32, nil):
            // The common layout. Metres and micrometres in Float: one correctly rounded operation, as in Double.
            switch header.unit {
            case .millimeters: read(bytes, records) { Self.load(Float.self, $0, offsets) }
            case .meters: read(bytes, records) { Self.load(Float.self, $0, offsets) * 1000 }
            case .micrometers: read(bytes, records) { Self.load(Float.self, $0, offsets) / 1000 }
            }
        case (.float32, .float32, .float32, let transform?):
            let unit = header.unit
            read(bytes, records) {
                unit.inMillimeters(transform.apply(SIMD3<Double>(Self.load(Float.self, $0, offsets))))
            }
        default:
            let columns = (ColumnReader(x), ColumnReader(y), ColumnReader(z))
            let unit = header.unit
            read(bytes, records) { record in
                let point = SIMD3(columns.0.double(record), columns.1.double(record), columns.2.double(record))
                return unit.inMillimeters(transform?.apply(point) ?? point)
            }
        }
    }

    private struct Records {
        var count: Int
        var step: Int
        var intensity: ColumnReader?
    }

    /// Reads every record by `point`, which is inlined into the loop. Writes without a branch: a point that is not
    /// finite is overwritten by the next.
    @inline(__always)
    private mutating func read(
        _ bytes: [UInt8], _ records: Records, _ point: (UnsafeRawPointer) -> SIMD3<Float>
    ) {
        var kept = 0
        bytes.withUnsafeBytes { buffer in
            guard var record = buffer.baseAddress, records.count > 0 else { return }
            let start = record
            points = [SIMD3<Float>](unsafeUninitializedCapacity: records.count) { output, count in
                for _ in 0..<records.count {
                    let value = point(record)
                    output[kept] = value
                    kept &+= Self.isFinite(value) ? 1 : 0
                    record += records.step
                }
                count = kept
            }
            guard let intensity = records.intensity else { return }
            record = start
            var next = 0
            intensities = [Float](unsafeUninitializedCapacity: records.count) { output, count in
                for _ in 0..<records.count {
                    output[next] = Float(intensity.double(record))
                    next &+= Self.isFinite(point(record)) ? 1 : 0
                    record += records.step
                }
                count = next
            }
        }
        if records.intensity != nil, intensities == nil { intensities = [] }
        droppedNonFinite = records.count - kept
    }

    @inline(__always)
    private static func load(_: Float.Type, _ record: UnsafeRawPointer, _ offsets: (Int, Int, Int)) -> SIMD3<Float> {
        SIMD3(
            record.loadUnaligned(fromByteOffset: offsets.0, as: Float.self),
            record.loadUnaligned(fromByteOffset: offsets.1, as: Float.self),
            record.loadUnaligned(fromByteOffset: offsets.2, as: Float.self))
    }

    /// x - x is 0 for a finite x and NaN for any other.
    @inline(__always)
    private static func isFinite(_ value: SIMD3<Float>) -> Bool {
        let difference = value - value
        return difference.x + difference.y + difference.z == 0
    }
}

/// Reads one field of a record, of whatever type, as a Double (exact for all of them).
struct ColumnReader {
    private let offset: Int
    private let dtype: ScalarType

    init(_ field: FrameField) {
        offset = Int(field.offset)
        dtype = field.dtype
    }

    @inline(__always)
    func double(_ record: UnsafeRawPointer) -> Double {
        switch dtype {
        case .float32: Double(record.loadUnaligned(fromByteOffset: offset, as: Float.self))
        case .float64: record.loadUnaligned(fromByteOffset: offset, as: Double.self)
        case .uint8: Double(record.loadUnaligned(fromByteOffset: offset, as: UInt8.self))
        case .uint16: Double(record.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
        case .int16: Double(record.loadUnaligned(fromByteOffset: offset, as: Int16.self))
        case .uint32: Double(record.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        case .int32: Double(record.loadUnaligned(fromByteOffset: offset, as: Int32.self))
        }
    }
}

extension LengthUnit {
    /// In Double, rounded to Float once.
    @inline(__always)
    func inMillimeters(_ point: SIMD3<Double>) -> SIMD3<Float> {
        switch self {
        case .millimeters: SIMD3<Float>(point)
        case .meters: SIMD3<Float>(point * 1000)
        case .micrometers: SIMD3<Float>(point / 1000)
        }
    }
}
