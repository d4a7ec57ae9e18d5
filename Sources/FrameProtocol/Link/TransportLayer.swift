/// TCP headers (RFC 9293, section 3.1).
enum TransportLayer {
    /// - Parameters:
    ///   - start: where the TCP header begins.
    ///   - end: where the segment ended on the wire.
    static func segment(
        _ packet: PacketBytes, _ start: Int, _ end: Int, from source: IPAddress, to destination: IPAddress
    ) throws(PacketRejection) -> TCPSegment {
        let ports = try packet.uint32(start)
        let sequence = try packet.uint32(start + 4)
        let headerLength = Int(try packet.uint8(start + 12) >> 4) * 4
        let flags = try packet.uint8(start + 13)
        guard headerLength >= 20, start + headerLength <= end else { throw .malformed }
        let first = start + headerLength
        let captured = first..<max(first, min(end, packet.bytes.count))
        let payload = packet.slice(captured)
        return TCPSegment(
            flow: Flow(
                source: Endpoint(address: source, port: UInt16(ports >> 16)),
                destination: Endpoint(address: destination, port: UInt16(truncatingIfNeeded: ports))),
            sequence: sequence, flags: TCPSegment.Flags(rawValue: flags), payload: payload,
            missing: end - first - payload.count)
    }
}
