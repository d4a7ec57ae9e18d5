import CZlib

/// Points as fewer bytes, without a bit lost: x, y and z apart, each byte of the Floats apart, and of these twelve planes those
/// through zlib that become smaller.
///
/// Neighbouring points agree in sign, exponent and upper mantissa; what lies below is noise, on which zlib at its fastest would
/// spend 8 ms for 30,000 points in vain. A sample of a plane tells.
///
///     0   twelve times: u8 0 as it is, 1 zlib; u32 bytes, little-endian
///     60  the planes: x from the lowest byte to the highest, then y, then z
public enum PointCompression {
    /// Most points of a part that are taken: no message makes us allocate more.
    public static let maximumPoints = 1 << 26

    static let planes = 12
    static let headerSize = 5 * planes
    /// Bytes of a plane that are tried, and the share above which the plane stays as it is.
    private static let sample = 4096
    private static let worthwhile = 0.9

    public static func compress(_ points: [SIMD3<Float>]) -> [UInt8] {
        guard !points.isEmpty else { return [] }
        var header: [UInt8] = [], body: [UInt8] = []
        header.reserveCapacity(headerSize)
        body.reserveCapacity(planes * points.count)
        for axis in 0..<3 {
            for byte in 0..<4 {
                let plane = plane(points, axis, 8 * UInt32(byte))
                let packed = isWorthwhile(plane) ? deflate(plane[...]) : plane
                let isPacked = packed.count < plane.count
                header.append(isPacked ? 1 : 0)
                withUnsafeBytes(of: UInt32(isPacked ? packed.count : plane.count).littleEndian) {
                    header.append(contentsOf: $0)
                }
                body += isPacked ? packed : plane
            }
        }
        return header + body
    }

    private static func plane(_ points: [SIMD3<Float>], _ axis: Int, _ shift: UInt32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: points.count) { buffer, used in
            for (index, point) in points.enumerated() {
                buffer[index] = UInt8(truncatingIfNeeded: point[axis].bitPattern >> shift)
            }
            used = points.count
        }
    }

    private static func isWorthwhile(_ plane: [UInt8]) -> Bool {
        // From its middle: parts begin with edges as with anything else.
        let start = max(0, (plane.count - sample) / 2)
        let piece = plane[start..<min(start + sample, plane.count)]
        return Double(deflate(piece).count) < worthwhile * Double(piece.count)
    }

    private static func deflate(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var size = compressBound(UInt(bytes.count))
        return [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, used in
            // With room for the bound it cannot fail but for want of memory.
            let status = bytes.withUnsafeBufferPointer {
                compress2(buffer.baseAddress, &size, $0.baseAddress, UInt($0.count), 1)
            }
            precondition(status == Z_OK, "zlib cannot compress \(bytes.count) bytes: \(status)")
            used = Int(size)
        }
    }

    /// - Parameter count: how many points there must be.
    public static func decompress(_ bytes: [UInt8], count: Int) throws(FleetError) -> [SIMD3<Float>] {
        guard (0...maximumPoints).contains(count) else {
            throw FleetError("expected at most \(maximumPoints) points, found a part of \(count)")
        }
        guard count > 0 else {
            guard bytes.isEmpty else {
                throw FleetError("expected no bytes of a part without points, found \(bytes.count)")
            }
            return []
        }
        let planes = try split(bytes, count: count)
        var points = [SIMD3<Float>](repeating: .zero, count: count)
        for axis in 0..<3 {
            let (a, b, c, d) = (planes[4 * axis], planes[4 * axis + 1], planes[4 * axis + 2], planes[4 * axis + 3])
            for index in 0..<count {
                let low = UInt32(a[index]) | UInt32(b[index]) << 8
                points[index][axis] = Float(bitPattern: low | UInt32(c[index]) << 16 | UInt32(d[index]) << 24)
            }
        }
        return points
    }

    /// The planes, each of `count` bytes.
    private static func split(_ bytes: [UInt8], count: Int) throws(FleetError) -> [[UInt8]] {
        guard bytes.count >= headerSize else {
            throw FleetError("expected the sizes of twelve planes of \(count) points, found \(bytes.count) bytes")
        }
        var found: [[UInt8]] = [], next = headerSize
        for index in 0..<planes {
            let place = 5 * index
            let size = Int(bytes[(place + 1)..<(place + 5)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            guard size <= bytes.count - next else {
                throw FleetError(
                    "expected a plane of \(size) bytes, found \(bytes.count - next): the points are cut off")
            }
            let piece = bytes[next..<(next + size)]
            next += size
            switch bytes[place] {
            case 0:
                guard size == count else {
                    throw FleetError("expected a plane of \(count) points, found one of \(size)")
                }
                found.append(Array(piece))
            case 1: found.append(try inflate(piece, count: count))
            case let method: throw FleetError("expected a plane as it is (0) or of zlib (1), found method \(method)")
            }
        }
        guard next == bytes.count else {
            throw FleetError("expected nothing behind twelve planes, found \(bytes.count - next) bytes")
        }
        return found
    }

    private static func inflate(_ piece: ArraySlice<UInt8>, count: Int) throws(FleetError) -> [UInt8] {
        // zlib makes no more than 1032 bytes of one: a plane that says more is not allocated for.
        guard piece.count >= count / 1032 else {
            throw FleetError("expected \(count) points, found \(piece.count) compressed bytes, which cannot hold them")
        }
        var size = UInt(count), status = Z_OK
        let plane = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            status = piece.withUnsafeBufferPointer {
                uncompress(buffer.baseAddress, &size, $0.baseAddress, UInt($0.count))
            }
            used = min(Int(size), count)
        }
        guard status == Z_OK, plane.count == count else {
            throw FleetError(
                "expected a plane of \(count) points, found bytes that zlib does not make it of (\(status))")
        }
        return plane
    }

    /// CRC-32 of zlib, over pieces one after the other.
    static func crc32(_ pieces: ArraySlice<UInt8>...) -> UInt32 {
        var crc: UInt = 0
        for piece in pieces {
            piece.withUnsafeBufferPointer { crc = CZlib.crc32_z(crc, $0.baseAddress, $0.count) }
        }
        return UInt32(truncatingIfNeeded: crc)
    }
}
