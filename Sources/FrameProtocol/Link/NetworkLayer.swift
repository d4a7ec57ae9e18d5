/// IPv4, IPv6 and TCP headers.
enum NetworkLayer {
    private static let tcp: UInt8 = 6
    /// Longest packet that is believed without a length of its own: above what segmentation offload sends at once.
    private static let largestUnsegmented = 1 << 20

    /// - Parameters:
    ///   - start: where the IP header begins.
    ///   - end: where the packet ended on the wire; at least the captured length.
    static func segment(in packet: PacketBytes, from start: Int, end: Int) throws(PacketRejection) -> TCPSegment {
        switch try packet.uint8(start) >> 4 {
        case 4: try ipv4(packet, start, end)
        case 6: try ipv6(packet, start, end)
        default: throw .notIP
        }
    }

    private static func ipv4(_ packet: PacketBytes, _ start: Int, _ end: Int) throws(PacketRejection) -> TCPSegment {
        let headerLength = Int(try packet.uint8(start) & 0x0F) * 4
        guard headerLength >= 20 else { throw .malformed }
        let totalLength = Int(try packet.uint16(start + 2))
        // MF, or an offset: a piece of a datagram. (DF and the reserved bit do not matter.)
        guard try packet.uint16(start + 6) & 0x3FFF == 0 else { throw .fragment }
        guard try packet.uint8(start + 9) == tcp else { throw .notTCP }
        // Under segmentation offload the length is filled in only by the card; then the packet's own length counts.
        guard totalLength == 0 || totalLength >= headerLength else { throw .malformed }
        let last = min(end, start + (totalLength == 0 ? largestUnsegmented : totalLength))
        return try segment(
            packet, start + headerLength, last,
            from: IPAddress(ipv4: try packet.uint32(start + 12)), to: IPAddress(ipv4: try packet.uint32(start + 16)))
    }

    private static func ipv6(_ packet: PacketBytes, _ start: Int, _ end: Int) throws(PacketRejection) -> TCPSegment {
        let payloadLength = Int(try packet.uint16(start + 4))
        let source = IPAddress(ipv6High: try packet.uint64(start + 8), low: try packet.uint64(start + 16))
        let destination = IPAddress(ipv6High: try packet.uint64(start + 24), low: try packet.uint64(start + 32))
        let last = min(end, payloadLength == 0 ? start + largestUnsegmented : start + 40 + payloadLength)
        var next = try packet.uint8(start + 6)
        var offset = start + 40
        for _ in 0..<16 {
            switch next {
            case tcp: return try segment(packet, offset, last, from: source, to: destination)
            case 0, 43, 60, 135, 139, 140:  // hop-by-hop, routing, destination options, mobility, HIP, shim6
                next = try packet.uint8(offset)
                offset += (Int(try packet.uint8(offset + 1)) + 1) * 8
            case 51:  // authentication: counts in 4 bytes
                next = try packet.uint8(offset)
                offset += (Int(try packet.uint8(offset + 1)) + 2) * 4
            case 44:
                // A fragment header with offset 0 and no further fragment is a whole datagram (RFC 6946).
                guard try packet.uint16(offset + 2) & 0xFFF9 == 0 else { throw .fragment }
                next = try packet.uint8(offset)
                offset += 8
            default: throw .notTCP
            }
        }
        throw .malformed
    }

    private static func segment(
        _ packet: PacketBytes, _ start: Int, _ end: Int, from source: IPAddress, to destination: IPAddress
    ) throws(PacketRejection) -> TCPSegment {
        let ports = try packet.uint32(start)
        let sequence = try packet.uint32(start + 4)
        let headerLength = Int(try packet.uint8(start + 12) >> 4) * 4
        let flags = try packet.uint8(start + 13)
        guard headerLength >= 20, start + headerLength <= end else { throw .malformed }
        let first = start + headerLength
        let captured = first..<max(first, min(end, packet.bytes.count))
        let payload = captured.isEmpty ? [] : packet.bytes[captured]
        return TCPSegment(
            flow: Flow(
                source: Endpoint(address: source, port: UInt16(ports >> 16)),
                destination: Endpoint(address: destination, port: UInt16(truncatingIfNeeded: ports))),
            sequence: sequence, flags: TCPSegment.Flags(rawValue: flags), payload: payload,
            missing: end - first - payload.count)
    }
}
