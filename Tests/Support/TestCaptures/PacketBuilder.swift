package import FrameProtocol

/// Packets as a network card hands them to a capture.
package struct PacketBuilder: Sendable {
    package var linkType = LinkType.ethernet
    package var isIPv6 = false
    package var vlanTags: [UInt16] = []
    package var ipv4Options = 0
    /// IPv6 extension headers: type and bytes, the first of which is overwritten by the next type.
    package var extensions: [(type: UInt8, bytes: [UInt8])] = []
    package var isLengthZero = false
    package var fragmentField: UInt16 = 0
    package var identification: UInt16 = 0
    package var tcpOptions = 12
    package var protocolNumber: UInt8 = 6
    package var trailer = 0

    package static let client = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 40001)
    package static let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 5555)
    package static let client6 = Endpoint(address: IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: 1), port: 40001)
    package static let server6 = Endpoint(address: IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: 0xFFFF), port: 5555)

    package init() {}

    /// Client to server.
    package var flow: Flow {
        isIPv6
            ? Flow(source: Self.client6, destination: Self.server6)
            : Flow(source: Self.client, destination: Self.server)
    }

    package static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    package func bytes(
        sequence: UInt32, flags: TCPSegment.Flags = [.ack], payload: [UInt8] = [], reversed: Bool = false,
        ports: (UInt16, UInt16)? = nil
    ) -> [UInt8] {
        let tcp = segment(sequence: sequence, flags: flags, payload: payload, reversed: reversed, ports: ports)
        let packet = isIPv6 ? ipv6(tcp, reversed) : ipv4(tcp, reversed)
        return link() + packet + [UInt8](repeating: 0xEE, count: trailer)
    }

    /// The same as IP fragments of at most `size` bytes of payload, a multiple of 8.
    package func fragments(
        of size: Int, identification: UInt32, sequence: UInt32, flags: TCPSegment.Flags = [.ack],
        payload: [UInt8] = [], reversed: Bool = false, ports: (UInt16, UInt16)? = nil
    ) -> [[UInt8]] {
        let tcp = segment(sequence: sequence, flags: flags, payload: payload, reversed: reversed, ports: ports)
        return stride(from: 0, to: tcp.count, by: size).map { offset in
            let piece = Array(tcp[offset..<min(tcp.count, offset + size)])
            let hasMore = offset + size < tcp.count
            var builder = self
            if isIPv6 {
                let field = UInt16(offset) | (hasMore ? 1 : 0)
                builder.extensions.append((44, [0, 0] + Self.bigEndian(field) + Self.bigEndian(identification)))
                return link() + builder.ipv6(piece, reversed)
            }
            builder.fragmentField = UInt16(offset / 8) | (hasMore ? 0x2000 : 0)
            builder.identification = UInt16(truncatingIfNeeded: identification)
            return link() + builder.ipv4(piece, reversed)
        }
    }

    private func segment(
        sequence: UInt32, flags: TCPSegment.Flags, payload: [UInt8], reversed: Bool, ports: (UInt16, UInt16)?
    ) -> [UInt8] {
        let (client, server) = ports ?? (40001, 5555)
        var tcp = Self.bigEndian(reversed ? server : client) + Self.bigEndian(reversed ? client : server)
        tcp += Self.bigEndian(sequence) + Self.bigEndian(UInt32(0))
        tcp += [UInt8((20 + tcpOptions) / 4) << 4, flags.rawValue] + [UInt8](repeating: 1, count: 6 + tcpOptions)
        return tcp + payload
    }

    private func ipv4(_ tcp: [UInt8], _ reversed: Bool) -> [UInt8] {
        let header = 20 + ipv4Options
        let length = isLengthZero ? 0 : UInt16(header + tcp.count)
        var bytes: [UInt8] = [0x40 | UInt8(header / 4), 0] + Self.bigEndian(length) + Self.bigEndian(identification)
        bytes += Self.bigEndian(fragmentField) + [64, protocolNumber, 0, 0]
        bytes += reversed ? [10, 0, 0, 2, 10, 0, 0, 1] : [10, 0, 0, 1, 10, 0, 0, 2]
        return bytes + [UInt8](repeating: 1, count: ipv4Options) + tcp
    }

    private func ipv6(_ tcp: [UInt8], _ reversed: Bool) -> [UInt8] {
        let types = extensions.map(\.type) + [protocolNumber]
        var body: [UInt8] = []
        for (index, var bytes) in extensions.map(\.bytes).enumerated() {
            bytes[0] = types[index + 1]
            body += bytes
        }
        body += tcp
        let prefix: [UInt8] = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let (low, high) = (prefix + [0, 1], prefix + [0xFF, 0xFF])
        let length = isLengthZero ? 0 : UInt16(body.count)
        return [0x60, 0, 0, 0] + Self.bigEndian(length) + [types[0], 64] + (reversed ? high + low : low + high) + body
    }

    private func link() -> [UInt8] {
        let type: UInt16 = isIPv6 ? 0x86DD : 0x0800
        var tags: [UInt8] = []
        for (index, tag) in vlanTags.enumerated() {
            tags += [0, UInt8(index + 1)] + Self.bigEndian(index + 1 < vlanTags.count ? vlanTags[index + 1] : type)
            _ = tag
        }
        let first = vlanTags.first ?? type
        switch linkType {
        case .ethernet: return [UInt8](repeating: 2, count: 12) + Self.bigEndian(first) + tags
        case .linuxSLL: return [0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0] + Self.bigEndian(first) + tags
        case .linuxSLL2:
            return Self.bigEndian(first) + [0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 1, 2, 3, 4, 5, 6, 0, 0] + tags
        case .null: return isIPv6 ? [10, 0, 0, 0] : [2, 0, 0, 0]
        case .loop: return isIPv6 ? [0, 0, 0, 30] : [0, 0, 0, 2]
        case .raw, .rawBSD, .rawOpenBSD, .ipv4, .ipv6: return []
        }
    }
}
