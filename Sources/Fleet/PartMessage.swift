import Foundation

/// A part on its way to a worker, or in the spool: a header, the ticket, the compressed points.
///
///     0   "SWP1"
///     4   u32  CRC-32 of all that follows, of the points too where they are elsewhere
///     8   u32  bytes of the ticket
///     12  u32  chunks in which the points lie elsewhere; 0: they follow the ticket
///     16  u64  bytes of the compressed points
///     24  the ticket, JSON; then the points
///
/// Little-endian. The checksum is one over ticket and points, so that the chunks of one part do not answer for another's.
public struct PartMessage: Sendable, Equatable {
    public var ticket: PartTicket
    /// Compressed.
    public var cloud: [UInt8]

    static let magic = Array("SWP1".utf8)
    static let headerSize = 24
    static let maximumTicket = 1 << 22
    static let maximumChunks = 1 << 16
    /// Room in a message for its subject, headers and what the server adds.
    public static let margin = 4096

    public init(ticket: PartTicket, points: [SIMD3<Float>]) {
        self.ticket = ticket
        self.ticket.points = points.count
        cloud = PointCompression.compress(points)
    }

    private init(ticket: PartTicket, cloud: [UInt8]) {
        self.ticket = ticket
        self.cloud = cloud
    }

    public func points() throws(FleetError) -> [SIMD3<Float>] {
        try PointCompression.decompress(cloud, count: ticket.points)
    }

    // MARK: Bytes

    /// All of it as one.
    public func encoded() throws(FleetError) -> [UInt8] { try head(chunks: 0) + cloud }

    /// As messages of at most `limit` bytes each: the one for the queue, and the chunks of the points where they do not fit
    /// into it.
    public func encoded(limit: Int) throws(FleetError) -> (message: [UInt8], chunks: [[UInt8]]) {
        let whole = try head(chunks: 0)
        let room = limit - Self.margin
        guard whole.count <= room else {
            throw FleetError(
                "a part's ticket of \(whole.count) bytes does not fit into the server's max_payload of \(limit)")
        }
        guard whole.count + cloud.count > room else { return (whole + cloud, []) }
        let chunks = pieces(of: cloud, room: room)
        return (try head(chunks: chunks.count), chunks)
    }

    private func head(chunks: Int) throws(FleetError) -> [UInt8] {
        let json = try fleetJSON(ticket, "the ticket of part \(ticket.partID)")
        var head = Self.magic
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { head.append(contentsOf: $0) }
        }
        append(Fleet.crc32(json[...], cloud[...]))
        append(UInt32(json.count))
        append(UInt32(chunks))
        append(UInt64(cloud.count))
        return head + json
    }

    /// Reads `encoded()`: a message with its points, as the spool holds them.
    public init(whole bytes: [UInt8]) throws(FleetError) {
        let received = try Received(bytes)
        guard received.chunks == 0 else {
            throw FleetError("expected a part with its points, found one whose points are elsewhere")
        }
        self = try received.message(chunks: [])
    }

    /// The ticket of bytes whose points were cut off or damaged, as by a power cut; nil where that is damaged too.
    public static func ticket(ofTorn bytes: [UInt8]) -> PartTicket? {
        guard let header = try? Header(bytes) else { return nil }
        return try? header.ticket(in: bytes)
    }

    /// What stands before the points.
    private struct Header {
        let crc: UInt32
        let ticketSize: Int, chunks: Int
        let cloudSize: UInt64

        var end: Int { headerSize + ticketSize }

        init(_ bytes: [UInt8]) throws(FleetError) {
            guard bytes.count >= headerSize, Array(bytes[..<4]) == magic else {
                throw FleetError("expected a part that begins with SWP1, found \(bytes.count) bytes that do not")
            }
            func number<Value: FixedWidthInteger>(at place: Int, _ type: Value.Type) -> Value {
                bytes[place..<place + MemoryLayout<Value>.size].reversed().reduce(0) { $0 << 8 | Value($1) }
            }
            crc = number(at: 4, UInt32.self)
            ticketSize = Int(number(at: 8, UInt32.self))
            chunks = Int(number(at: 12, UInt32.self))
            cloudSize = number(at: 16, UInt64.self)
            guard ticketSize <= maximumTicket, ticketSize <= bytes.count - headerSize else {
                throw FleetError(
                    "expected a ticket of \(ticketSize) bytes, found a message of \(bytes.count): it was cut off")
            }
        }

        func ticket(in bytes: [UInt8]) throws(FleetError) -> PartTicket {
            let ticket: PartTicket
            do {
                ticket = try JSONDecoder().decode(PartTicket.self, from: Data(bytes[headerSize..<end]))
            } catch {
                throw FleetError(
                    "expected a ticket of schema \(PartTicket.schema), found JSON that is none: "
                        + String("\(error)".prefix(500)))
            }
            try ticket.check()
            return ticket
        }
    }

    /// A message as it came, perhaps without its points.
    public struct Received: Sendable {
        public let ticket: PartTicket
        /// How many are to be fetched.
        public let chunks: Int
        private let json: [UInt8]
        private let crc: UInt32
        private let cloudSize: Int
        private let cloud: [UInt8]

        public init(_ bytes: [UInt8]) throws(FleetError) {
            let header = try Header(bytes), chunks = header.chunks, cloudSize = header.cloudSize
            guard cloudSize <= UInt64(16 * PointCompression.maximumPoints), chunks <= maximumChunks else {
                throw FleetError(
                    "expected at most \(maximumChunks) chunks of points, found \(chunks), of \(cloudSize) bytes")
            }
            let rest = bytes.count - header.end
            guard rest == (chunks == 0 ? Int(cloudSize) : 0) else {
                throw FleetError(
                    "expected \(chunks == 0 ? cloudSize : 0) bytes of points behind the ticket, found \(rest)")
            }
            json = Array(bytes[headerSize..<header.end])
            ticket = try header.ticket(in: bytes)
            crc = header.crc
            self.chunks = chunks
            self.cloudSize = Int(cloudSize)
            cloud = chunks == 0 ? Array(bytes[header.end...]) : []
        }

        /// - Parameter chunks: in their order.
        public func message(chunks: [[UInt8]]) throws(FleetError) -> PartMessage {
            guard chunks.count == self.chunks else {
                throw FleetError("expected \(self.chunks) chunks of points, found \(chunks.count)")
            }
            let cloud = self.chunks == 0 ? self.cloud : Array(chunks.joined())
            guard cloud.count == cloudSize else {
                throw FleetError("expected \(cloudSize) bytes of points, found \(cloud.count)")
            }
            let found = Fleet.crc32(json[...], cloud[...])
            guard found == crc else {
                throw FleetError("expected a part with the CRC-32 \(crc), found \(found): it was damaged on the way")
            }
            return PartMessage(ticket: ticket, cloud: cloud)
        }
    }
}
