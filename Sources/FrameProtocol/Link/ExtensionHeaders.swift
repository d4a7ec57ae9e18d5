/// IPv6 extension headers (RFC 8200, section 4; RFC 4302 for authentication).
enum ExtensionHeaders {
    static let fragment: UInt8 = 44
    /// More than any real packet has: a chain of them costs no more than this.
    private static let most = 16

    /// Passes over them, up to a fragment header that stands for a real fragment, or to what is no such header.
    static func skip(
        _ packet: PacketBytes, from start: Int, next first: UInt8
    ) throws(PacketRejection) -> (next: UInt8, offset: Int) {
        var next = first
        var offset = start
        for _ in 0..<most {
            switch next {
            case 0, 43, 60, 135, 139, 140:  // hop-by-hop, routing, destination options, mobility, HIP, shim6
                next = try packet.uint8(offset)
                offset += (Int(try packet.uint8(offset + 1)) + 1) * 8
            case 51:  // authentication: counts in 4 bytes
                next = try packet.uint8(offset)
                offset += (Int(try packet.uint8(offset + 1)) + 2) * 4
            case fragment:
                // With offset 0 and no further fragment it is a whole datagram (RFC 6946).
                guard try packet.uint16(offset + 2) & 0xFFF9 == 0 else { return (fragment, offset) }
                next = try packet.uint8(offset)
                offset += 8
            default: return (next, offset)
            }
        }
        throw .malformed
    }
}
