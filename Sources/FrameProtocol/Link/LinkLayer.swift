/// From a captured packet to its TCP segment, or the fragment of one: link header, VLAN tags, IPv4 or IPv6, TCP.
///
/// Header formats: libpcap's link-layer list (LINKTYPE_*), IEEE 802.1Q and 802.1ad, RFC 791, RFC 8200, RFC 9293.
public enum LinkLayer {
    /// The TCP segment in a packet that is no fragment.
    ///
    /// - Parameters:
    ///   - bytes: the packet as far as it was captured.
    ///   - originalLength: bytes of the packet on the wire; those beyond `bytes` become `missing`.
    /// - Throws: why there is none.
    public static func segment(
        in bytes: [UInt8], linkType: Int32, originalLength: Int
    ) throws(PacketRejection) -> TCPSegment {
        switch try payload(in: bytes, linkType: linkType, originalLength: originalLength) {
        case .segment(let segment): return segment
        case .fragment: throw .fragment
        }
    }

    /// The TCP segment in a packet, or the fragment of one.
    static func payload(
        in bytes: [UInt8], linkType: Int32, originalLength: Int
    ) throws(PacketRejection) -> IPPayload {
        guard let type = LinkType(rawValue: linkType) else { throw .unsupportedLinkType }
        let packet = PacketBytes(bytes: bytes)
        let start = try networkHeader(of: packet, type)
        return try NetworkLayer.payload(in: packet, from: start, end: max(originalLength, bytes.count))
    }

    /// Where the IP header begins.
    private static func networkHeader(of packet: PacketBytes, _ type: LinkType) throws(PacketRejection) -> Int {
        switch type {
        case .ethernet: return try skipTags(packet, etherType: 12)
        case .linuxSLL: return try skipTags(packet, etherType: 14)
        case .linuxSLL2:
            // The protocol comes first here; tags, if any, follow the whole header of 20 bytes.
            let protocolType = try packet.uint16(0)
            return isTag(protocolType) ? try skipTags(packet, etherType: 22) : try require(protocolType, at: 20)
        case .null, .loop:
            // An address family in the byte order of whichever machine captured; the values differ between systems
            // (2 is IPv4 everywhere; IPv6 is 10, 24, 28 or 30).
            let family = try packet.uint32(0)
            guard isFamily(family) || isFamily(family.byteSwapped) else { throw .notIP }
            return 4
        case .raw, .rawBSD, .rawOpenBSD, .ipv4, .ipv6: return 0
        }
    }

    private static func isFamily(_ value: UInt32) -> Bool {
        switch value {
        case 2, 10, 24, 28, 30: true
        default: false
        }
    }

    /// Passes over VLAN tags (802.1Q, 802.1ad and the older 0x9100), to at most eight of them.
    private static func skipTags(_ packet: PacketBytes, etherType offset: Int) throws(PacketRejection) -> Int {
        var offset = offset
        for _ in 0...8 {
            let type = try packet.uint16(offset)
            guard isTag(type) else { return try require(type, at: offset + 2) }
            offset += 4
        }
        throw .malformed
    }

    private static func isTag(_ type: UInt16) -> Bool { type == 0x8100 || type == 0x88A8 || type == 0x9100 }

    private static func require(_ etherType: UInt16, at offset: Int) throws(PacketRejection) -> Int {
        guard etherType == 0x0800 || etherType == 0x86DD else { throw .notIP }
        return offset
    }
}
