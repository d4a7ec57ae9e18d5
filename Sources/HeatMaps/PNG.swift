import CZlib

/// Portable Network Graphics (ISO/IEC 15948): 8 bits a channel, not interlaced, deflated by zlib.
public enum PNG {
    public struct Channels: Sendable, Equatable {
        let count: Int
        let colorType: UInt8

        public static let rgb = Channels(count: 3, colorType: 2)
        public static let rgba = Channels(count: 4, colorType: 6)
    }

    /// Encodes a picture.
    ///
    /// - Parameters:
    ///   - pixels: rows from the top. Shape [height, width, channels].
    ///   - level: zlib's, 1 (fast) to 9 (small).
    /// - Precondition: the shape fits, and neither side is 0 or above 2³¹ - 1.
    /// - Complexity: O(pixels); the same input gives the same bytes with the same zlib.
    public static func encode(
        _ pixels: [UInt8], width: Int, height: Int, channels: Channels = .rgb, level: Int = 6
    ) -> [UInt8] {
        precondition(width > 0 && height > 0 && width <= Int32.max && height <= Int32.max)
        precondition(pixels.count == width * height * channels.count, "pixels do not fill width x height x channels")
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        append("IHDR", bigEndian(width) + bigEndian(height) + [8, channels.colorType, 0, 0, 0], to: &file)
        append("sRGB", [0], to: &file)
        let rows = filtered(pixels, stride: width * channels.count, pixel: channels.count)
        append("IDAT", deflated(rows, level: level), to: &file)
        append("IEND", [], to: &file)
        return file
    }

    /// Each row with the filter (none, sub, up) whose signed bytes have the least sum of magnitudes, after the
    /// heuristic of the specification (section 12.7).
    private static func filtered(_ pixels: [UInt8], stride: Int, pixel: Int) -> [UInt8] {
        var rows: [UInt8] = []
        rows.reserveCapacity(pixels.count + pixels.count / stride)
        let zero = [UInt8](repeating: 0, count: stride)
        var sub = zero
        var up = zero
        pixels.withUnsafeBufferPointer { all in
            for start in Swift.stride(from: 0, to: all.count, by: stride) {
                let row = UnsafeBufferPointer(rebasing: all[start..<start + stride])
                var costs = (none: 0, sub: 0, up: 0)
                for i in 0..<stride {
                    let left = i >= pixel ? row[i - pixel] : 0
                    let above = start > 0 ? all[start - stride + i] : 0
                    sub[i] = row[i] &- left
                    up[i] = row[i] &- above
                    costs.none += magnitude(row[i])
                    costs.sub += magnitude(sub[i])
                    costs.up += magnitude(up[i])
                }
                if costs.up <= costs.sub && costs.up <= costs.none {
                    rows.append(2)
                    rows += up
                } else if costs.sub <= costs.none {
                    rows.append(1)
                    rows += sub
                } else {
                    rows.append(0)
                    rows += row
                }
            }
        }
        return rows
    }

    private static func magnitude(_ byte: UInt8) -> Int { Int(Int8(bitPattern: byte).magnitude) }

    private static func deflated(_ bytes: [UInt8], level: Int) -> [UInt8] {
        let bound = compressBound(UInt(bytes.count))
        return [UInt8](unsafeUninitializedCapacity: Int(bound)) { buffer, count in
            var length = bound
            let status = compress2(
                buffer.baseAddress, &length, bytes, UInt(bytes.count), Int32(min(max(level, 1), 9)))
            // Fails only when memory is out or the buffer is smaller than compressBound.
            precondition(status == Z_OK, "zlib: compress2 failed with status \(status)")
            count = Int(length)
        }
    }

    private static func append(_ type: String, _ data: [UInt8], to file: inout [UInt8]) {
        let body = Array(type.utf8) + data
        file += bigEndian(data.count)
        file += body
        file += bigEndian(Int(crc32_z(0, body, body.count)))
    }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
