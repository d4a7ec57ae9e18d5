import Foundation

/// What is to be seen of a scored part, on its way from the worker to the line: a line of JSON, and behind it the bytes of a
/// `part-cloud/1` as byte planes, or nothing where these lie in pieces elsewhere.
public struct CloudMessage: Sendable, Equatable {
    public static let schema = "fleet-cloud/1"
    /// Most bytes of a cloud: those of 50,000 points with sixteen scores each are fewer.
    public static let maximumBytes = 4 << 20
    static let maximumPieces = 4096

    public var resultID: String
    public var cloud: [UInt8]

    /// - Parameter cloud: as many bytes as whole numbers of 32 bits have.
    public init(resultID: String, cloud: [UInt8]) {
        self.resultID = resultID
        self.cloud = cloud
    }

    private struct Head: Codable {
        var schema: String
        var resultID: String
        /// Of the cloud.
        var bytes: Int
        var crc32: UInt32
        var pieces: Int

        enum CodingKeys: String, CodingKey {
            case schema, bytes, crc32, pieces
            case resultID = "result_id"
        }
    }

    /// As messages of at most `limit` bytes each.
    public func encoded(limit: Int) throws(FleetError) -> (message: [UInt8], pieces: [[UInt8]]) {
        guard cloud.count % 4 == 0, (4...Self.maximumBytes).contains(cloud.count) else {
            throw FleetError("expected a cloud of whole numbers, up to 4 MiB, found one of \(cloud.count) bytes")
        }
        let packed = cloud.withUnsafeBytes { BytePlanes.pack($0, planes: 4, stride: 4) }
        let room = max(1, limit - PartMessage.margin)
        let isWhole = packed.count <= room - 512
        let pieces = isWhole ? [] : Fleet.pieces(of: packed, room: room)
        let head = Head(
            schema: Self.schema, resultID: resultID, bytes: cloud.count, crc32: Fleet.crc32(cloud[...]),
            pieces: pieces.count)
        return (try fleetJSON(head, "a cloud") + [UInt8(ascii: "\n")] + (isWhole ? packed : []), pieces)
    }

    /// A message as it came, perhaps without its pieces.
    public struct Received: Sendable {
        public let resultID: String
        /// How many are to be fetched.
        public let pieces: Int
        private let head: Head
        private let body: [UInt8]

        public init(_ bytes: [UInt8]) throws(FleetError) {
            let end = bytes.prefix(4096).firstIndex(of: UInt8(ascii: "\n")) ?? 0
            do {
                head = try JSONDecoder().decode(Head.self, from: Data(bytes[..<end]))
            } catch {
                throw FleetError("expected a cloud of schema \(schema), found \(bytes.count) bytes that are none")
            }
            guard head.schema == schema else {
                throw FleetError("expected a cloud of schema \(schema), found \"\(head.schema.prefix(40))\"")
            }
            guard head.bytes % 4 == 0, (4...maximumBytes).contains(head.bytes),
                (0...maximumPieces).contains(head.pieces)
            else {
                throw FleetError(
                    "expected a cloud of at most 4 MiB, found one of \(head.bytes) bytes in \(head.pieces) pieces")
            }
            try PartTicket.check(resultID: head.resultID)
            (resultID, pieces) = (head.resultID, head.pieces)
            body = Array(bytes[(end + 1)...])
        }

        /// - Parameter pieces: in their order.
        public func message(pieces: [[UInt8]]) throws(FleetError) -> CloudMessage {
            guard pieces.count == self.pieces else {
                throw FleetError("expected \(self.pieces) pieces of a cloud, found \(pieces.count)")
            }
            let planes = try BytePlanes.unpack(
                self.pieces == 0 ? body : Array(pieces.joined()), planes: 4, count: head.bytes / 4)
            var cloud = [UInt8](repeating: 0, count: head.bytes)
            cloud.withUnsafeMutableBytes { BytePlanes.put(planes, into: $0, stride: 4) }
            let found = Fleet.crc32(cloud[...])
            guard found == head.crc32 else {
                throw FleetError("expected a cloud with the CRC-32 \(head.crc32), found \(found)")
            }
            return CloudMessage(resultID: resultID, cloud: cloud)
        }
    }
}
