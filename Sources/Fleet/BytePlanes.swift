import CZlib

/// Numbers as fewer bytes, without a bit lost: each byte of them apart, as a plane, and of these planes those through zlib that
/// become smaller.
///
/// Neighbours agree in sign, exponent and upper mantissa; what lies below is noise, on which zlib at its fastest would spend 8 ms
/// for 30,000 points in vain. A sample of a plane tells.
///
///     0   for each plane: u8 0 as it is, 1 zlib; u32 bytes, little-endian
///     5n  the planes
enum BytePlanes {
    /// Bytes of a plane that are tried, and the share above which the plane stays as it is.
    private static let sample = 4096
    private static let worthwhile = 0.9

    /// - Parameters:
    ///   - numbers: their bytes, from the lowest on.
    ///   - stride: bytes from one element to the next; only the first `planes` of them are taken.
    static func pack(_ numbers: UnsafeRawBufferPointer, planes: Int, stride: Int) -> [UInt8] {
        let count = numbers.count / stride
        var header: [UInt8] = [], body: [UInt8] = []
        for index in 0..<planes {
            let plane = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
                for element in 0..<count { buffer[element] = numbers[stride * element + index] }
                used = count
            }
            let packed = isWorthwhile(plane) ? deflate(plane[...]) : plane
            let isPacked = packed.count < plane.count
            header.append(isPacked ? 1 : 0)
            withUnsafeBytes(of: UInt32(isPacked ? packed.count : plane.count).littleEndian) {
                header.append(contentsOf: $0)
            }
            body += isPacked ? packed : plane
        }
        return header + body
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

    /// Puts planes back to where `pack` took them from.
    static func put(_ planes: [[UInt8]], into numbers: UnsafeMutableRawBufferPointer, stride: Int) {
        for (index, plane) in planes.enumerated() {
            plane.withUnsafeBufferPointer { plane in
                for element in plane.indices { numbers[stride * element + index] = plane[element] }
            }
        }
    }

    /// The planes, each of `count` bytes.
    static func unpack(_ bytes: [UInt8], planes: Int, count: Int) throws(FleetError) -> [[UInt8]] {
        let headerSize = 5 * planes
        guard bytes.count >= headerSize else {
            throw FleetError("expected the sizes of \(planes) planes of \(count) numbers, found \(bytes.count) bytes")
        }
        var found: [[UInt8]] = [], next = headerSize
        for index in 0..<planes {
            let place = 5 * index
            let size = Int(bytes[(place + 1)..<(place + 5)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            guard size <= bytes.count - next else {
                throw FleetError(
                    "expected a plane of \(size) bytes, found \(bytes.count - next): the numbers are cut off")
            }
            let piece = bytes[next..<(next + size)]
            next += size
            switch bytes[place] {
            case 0:
                guard size == count else {
                    throw FleetError("expected a plane of \(count) bytes, found one of \(size)")
                }
                found.append(Array(piece))
            case 1: found.append(try inflate(piece, count: count))
            case let method: throw FleetError("expected a plane as it is (0) or of zlib (1), found method \(method)")
            }
        }
        guard next == bytes.count else {
            throw FleetError("expected nothing behind \(planes) planes, found \(bytes.count - next) bytes")
        }
        return found
    }

    private static func inflate(_ piece: ArraySlice<UInt8>, count: Int) throws(FleetError) -> [UInt8] {
        // zlib makes no more than 1032 bytes of one: a plane that says more is not allocated for.
        guard piece.count >= count / 1032 else {
            throw FleetError("expected \(count) bytes, found \(piece.count) compressed ones, which cannot hold them")
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
                "expected a plane of \(count) bytes, found bytes that zlib does not make it of (\(status))")
        }
        return plane
    }
}

/// What does not fit into one message, as messages of at most `room` bytes each.
func pieces(of bytes: [UInt8], room: Int) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: room).map { Array(bytes[$0..<min($0 + room, bytes.count)]) }
}

/// CRC-32 of zlib, over pieces one after the other.
func crc32(_ pieces: ArraySlice<UInt8>...) -> UInt32 {
    var crc: UInt = 0
    for piece in pieces {
        piece.withUnsafeBufferPointer { crc = CZlib.crc32_z(crc, $0.baseAddress, $0.count) }
    }
    return UInt32(truncatingIfNeeded: crc)
}
