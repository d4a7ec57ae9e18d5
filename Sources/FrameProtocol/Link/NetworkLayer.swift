/// IPv4 and IPv6 headers, up to the TCP segment or the fragment that they carry.
enum NetworkLayer {
    static let tcp: UInt8 = 6
    /// Longest packet that is believed without a length of its own: above what segmentation offload sends at once.
    private static let largestUnsegmented = 1 << 20

    /// - Parameters:
    ///   - start: where the IP header begins.
    ///   - end: where the packet ended on the wire; at least the captured length.
    static func payload(in packet: PacketBytes, from start: Int, end: Int) throws(PacketRejection) -> IPPayload {
        switch try packet.uint8(start) >> 4 {
        case 4: try ipv4(packet, start, end)
        case 6: try ipv6(packet, start, end)
        default: throw .notIP
        }
    }

    private static func ipv4(_ packet: PacketBytes, _ start: Int, _ end: Int) throws(PacketRejection) -> IPPayload {
        let headerLength = Int(try packet.uint8(start) & 0x0F) * 4
        guard headerLength >= 20 else { throw .malformed }
        let totalLength = Int(try packet.uint16(start + 2))
        // Under segmentation offload the length is filled in only by the card; then the packet's own length counts.
        guard totalLength == 0 || totalLength >= headerLength else { throw .malformed }
        let last = min(end, start + (totalLength == 0 ? largestUnsegmented : totalLength))
        let protocolNumber = try packet.uint8(start + 9)
        guard protocolNumber == tcp else { throw .notTCP }
        let ends = (
            source: IPAddress(ipv4: try packet.uint32(start + 12)),
            destination: IPAddress(ipv4: try packet.uint32(start + 16))
        )
        // MF, or an offset: a piece of a datagram. (DF and the reserved bit do not matter.)
        let field = try packet.uint16(start + 6)
        guard field & 0x3FFF == 0 else {
            let key = IPFragment.Key(
                source: ends.source, destination: ends.destination,
                identification: UInt32(try packet.uint16(start + 4)), protocolNumber: protocolNumber)
            return try fragment(
                packet, (start + headerLength, last), key, offset: Int(field & 0x1FFF) * 8, isLast: field & 0x2000 == 0,
                nextHeader: protocolNumber)
        }
        return .segment(
            try TransportLayer.segment(packet, start + headerLength, last, from: ends.source, to: ends.destination))
    }

    private static func ipv6(_ packet: PacketBytes, _ start: Int, _ end: Int) throws(PacketRejection) -> IPPayload {
        let payloadLength = Int(try packet.uint16(start + 4))
        let source = IPAddress(ipv6High: try packet.uint64(start + 8), low: try packet.uint64(start + 16))
        let destination = IPAddress(ipv6High: try packet.uint64(start + 24), low: try packet.uint64(start + 32))
        let last = min(end, payloadLength == 0 ? start + largestUnsegmented : start + 40 + payloadLength)
        let header = try ExtensionHeaders.skip(packet, from: start + 40, next: try packet.uint8(start + 6))
        guard header.next == ExtensionHeaders.fragment else {
            guard header.next == tcp else { throw .notTCP }
            return .segment(try TransportLayer.segment(packet, header.offset, last, from: source, to: destination))
        }
        let field = try packet.uint16(header.offset + 2)
        let key = IPFragment.Key(
            source: source, destination: destination, identification: try packet.uint32(header.offset + 4),
            protocolNumber: 0)
        return try fragment(
            packet, (header.offset + 8, last), key, offset: Int(field & 0xFFF8), isLast: field & 1 == 0,
            nextHeader: try packet.uint8(header.offset))
    }

    private static func fragment(
        _ packet: PacketBytes, _ bounds: (start: Int, end: Int), _ key: IPFragment.Key, offset: Int, isLast: Bool,
        nextHeader: UInt8
    ) throws(PacketRejection) -> IPPayload {
        let length = bounds.end - bounds.start
        // All but the last carry whole units of 8 bytes, and a datagram ends by 65,535.
        guard length > 0, isLast || length % 8 == 0, offset + length <= 65_535 else { throw .malformed }
        let captured = bounds.start..<max(bounds.start, min(bounds.end, packet.bytes.count))
        return .fragment(
            IPFragment(
                key: key, offset: offset, isLast: isLast, nextHeader: nextHeader,
                payload: packet.slice(captured), length: length))
    }

    /// The TCP segment of a datagram that was put together from fragments.
    ///
    /// - Parameters:
    ///   - bytes: its payload as far as it is known, from its first byte on.
    ///   - length: bytes of the payload on the wire.
    static func segment(
        inDatagram bytes: [UInt8], length: Int, nextHeader: UInt8, key: IPFragment.Key
    ) throws(PacketRejection) -> TCPSegment {
        let packet = PacketBytes(bytes: bytes)
        let header =
            key.source.isIPv6
            ? try ExtensionHeaders.skip(packet, from: 0, next: nextHeader) : (next: nextHeader, offset: 0)
        guard header.next == tcp else { throw header.next == ExtensionHeaders.fragment ? .malformed : .notTCP }
        return try TransportLayer.segment(packet, header.offset, length, from: key.source, to: key.destination)
    }
}
