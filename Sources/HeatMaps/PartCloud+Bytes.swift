import Foundation
public import Inspection

/// What is wrong with bytes that should be a `part-cloud/1`.
public struct PartCloudError: Error, CustomStringConvertible, Equatable {
    public let description: String
}

extension PartCloud {
    private static let magic = Array("SWC1".utf8)
    /// Most bytes of a header.
    public static let maximumHeader = 1 << 16

    /// The file.
    ///
    /// - Complexity: O(n).
    public func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var json = [UInt8](try encoder.encode(header))
        json += [UInt8](repeating: UInt8(ascii: " "), count: (4 - json.count % 4) % 4)
        var bytes = Self.magic
        withUnsafeBytes(of: UInt32(json.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += json
        bytes.reserveCapacity(bytes.count + arrays.reduce(0) { $0 + 4 * $1.count })
        for array in arrays {
            let words = array.map(\.bitPattern.littleEndian)
            words.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// Reads a file's header; nothing behind it is looked at.
    ///
    /// - Returns: the header, and where the arrays begin.
    public static func header(of bytes: [UInt8]) throws(PartCloudError) -> (header: Header, end: Int) {
        guard bytes.count >= 8, bytes.prefix(4).elementsEqual(magic) else {
            throw PartCloudError(description: "expected a part-cloud/1, which begins with SWC1, found other bytes")
        }
        let length = bytes[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= maximumHeader, length % 4 == 0, bytes.count >= 8 + length else {
            throw PartCloudError(description: "expected a header of at most 64 KiB, found one of \(length) bytes")
        }
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(bytes[8..<8 + length])),
            header.schema == "part-cloud/1", (0...maximumPoints).contains(header.points), header.origin.count == 3,
            (0...header.points).contains(header.missingFrom), header.arrays.first == "position",
            header.arrays.count <= 16
        else { throw PartCloudError(description: "expected the header of a part-cloud/1, found another") }
        return (header, 8 + length)
    }

    /// Reads a file.
    public init(reading bytes: [UInt8]) throws(PartCloudError) {
        let (header, end) = try Self.header(of: bytes)
        let count = header.points * (header.arrays.count + 2)
        guard bytes.count == end + 4 * count else {
            throw PartCloudError(
                description: "expected \(4 * count) bytes of numbers, found \(bytes.count - end): the file is cut off")
        }
        let values = bytes.withUnsafeBytes { raw in
            (0..<count).map { index in
                Float(
                    bitPattern: UInt32(
                        littleEndian: raw.loadUnaligned(fromByteOffset: end + 4 * index, as: UInt32.self)))
            }
        }
        self.header = header
        var place = 0
        arrays = header.arrays.indices.map { index in
            let length = index == 0 ? 3 * header.points : header.points
            defer { place += length }
            return Array(values[place..<place + length])
        }
    }

    /// The map that it was made of, as far as it is here; coordinates relative to the header's origin.
    public var map: ScoreMap {
        let positions = arrays[0]
        var channels: [Channel: [Float]] = [:]
        for channel in Channel.allCases { channels[channel] = array("channel:\(channel.rawValue)") }
        return ScoreMap(
            points: (0..<header.points).map { SIMD3(positions[3 * $0], positions[3 * $0 + 1], positions[3 * $0 + 2]) },
            partPointCount: header.missingFrom, fused: array("score") ?? [Float](repeating: 0, count: header.points),
            channels: channels, deviations: array("deviation") ?? [])
    }

    private func array(_ name: String) -> [Float]? {
        header.arrays.firstIndex(of: name).map { arrays[$0] }
    }
}
