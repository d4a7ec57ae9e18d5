import FrameProtocol
import TestCaptures
import Testing

struct LinkLayerTests {
    private let payload = Array("hello".utf8)

    private func segment(
        _ builder: PacketBuilder, cut: Int = 0, original: Int? = nil
    ) throws(PacketRejection) -> TCPSegment {
        let bytes = builder.bytes(sequence: 0xDEAD_BEEF, flags: [.ack, .psh], payload: payload)
        return try LinkLayer.segment(
            in: Array(bytes.dropLast(cut)), linkType: builder.linkType.rawValue, originalLength: original ?? bytes.count
        )
    }

    private func expectWhole(_ builder: PacketBuilder) throws {
        let found = try segment(builder)
        #expect(found.flow == builder.flow && found.sequence == 0xDEAD_BEEF && found.flags == [.ack, .psh])
        #expect(Array(found.payload) == payload && found.missing == 0)
    }

    @Test(arguments: LinkType.allCases, [false, true])
    func readsEveryLinkType(_ type: LinkType, isIPv6: Bool) throws {
        var builder = PacketBuilder()
        builder.linkType = type
        builder.isIPv6 = isIPv6
        try expectWhole(builder)
        builder.trailer = 6  // Ethernet's padding is not payload
        try expectWhole(builder)
    }

    @Test(arguments: [LinkType.ethernet, .linuxSLL, .linuxSLL2])
    func passesOverTags(_ type: LinkType) throws {
        for tags: [UInt16] in [[0x8100], [0x88A8, 0x8100], [0x9100, 0x8100, 0x8100]] {
            var builder = PacketBuilder()
            builder.linkType = type
            builder.vlanTags = tags
            try expectWhole(builder)
        }
        var builder = PacketBuilder()
        builder.vlanTags = [UInt16](repeating: 0x8100, count: 30)
        #expect(throws: PacketRejection.malformed) { try segment(builder) }
    }

    @Test func readsOptionsAndExtensions() throws {
        var builder = PacketBuilder()
        builder.ipv4Options = 40
        builder.tcpOptions = 40
        try expectWhole(builder)
        builder = PacketBuilder()
        builder.isIPv6 = true
        builder.extensions = [
            (0, [0, 0, 1, 4, 0, 0, 0, 0]), (43, [0, 1] + [UInt8](repeating: 0, count: 14)),
            (44, [0, 0, 0, 0, 1, 2, 3, 4]), (51, [0, 1] + [UInt8](repeating: 0, count: 10)),
            (60, [0, 0, 1, 4, 0, 0, 0, 0]),
        ]
        try expectWhole(builder)
        builder.extensions = [(UInt8, [UInt8])](repeating: (60, [0, 0, 1, 4, 0, 0, 0, 0]), count: 20)
        #expect(throws: PacketRejection.malformed) { try segment(builder) }
    }

    @Test func takesTheCapturedLengthWhenTheHeaderHasNone() throws {
        for isIPv6 in [false, true] {
            var builder = PacketBuilder()
            builder.isIPv6 = isIPv6
            builder.isLengthZero = true
            try expectWhole(builder)
        }
    }

    @Test func tellsWhatTheSnapshotLengthCutOff() throws {
        let found = try segment(PacketBuilder(), cut: 3)
        #expect(Array(found.payload) == Array("he".utf8) && found.missing == 3)
        // Within the TCP options: the sequence number is known, the payload is not there at all.
        let bare = try segment(PacketBuilder(), cut: payload.count + 4)
        #expect(bare.payload.isEmpty && bare.missing == 5)
        #expect(throws: PacketRejection.headersCut) { try segment(PacketBuilder(), cut: payload.count + 24) }
        // An original length below the captured one is not believed.
        #expect(try segment(PacketBuilder(), original: 0).payload.count == 5)
    }

    @Test func namesWhyThereIsNoSegment() throws {
        var builder = PacketBuilder()
        builder.protocolNumber = 17
        #expect(throws: PacketRejection.notTCP) { try segment(builder) }
        builder = PacketBuilder()
        // 40 bytes of TCP: whole units of 8.
        func fragment(_ builder: PacketBuilder) throws(PacketRejection) -> TCPSegment {
            let bytes = builder.bytes(sequence: 1, payload: Array("hello, 1".utf8))
            return try LinkLayer.segment(in: bytes, linkType: 1, originalLength: bytes.count)
        }
        for field: UInt16 in [0x2000, 0x0001] {
            builder.fragmentField = field
            #expect(throws: PacketRejection.fragment) { try fragment(builder) }
        }
        builder.fragmentField = 0x2000
        #expect(throws: PacketRejection.malformed) { try segment(builder) }
        builder.fragmentField = 0x4000
        try expectWhole(builder)
        builder = PacketBuilder()
        builder.isIPv6 = true
        builder.extensions = [(44, [0, 0, 0, 1, 1, 2, 3, 4])]
        #expect(throws: PacketRejection.fragment) { try fragment(builder) }
        builder.extensions = [(50, [UInt8](repeating: 0, count: 8))]
        #expect(throws: PacketRejection.notTCP) { try segment(builder) }
        #expect(throws: PacketRejection.notIP) {
            try LinkLayer.segment(in: [UInt8](repeating: 0, count: 60), linkType: 1, originalLength: 60)
        }
        #expect(throws: PacketRejection.unsupportedLinkType) {
            try LinkLayer.segment(in: [UInt8](repeating: 0, count: 60), linkType: 127, originalLength: 60)
        }
        #expect(throws: PacketRejection.headersCut) {
            try LinkLayer.segment(in: [], linkType: 1, originalLength: 60)
        }
    }

    @Test func writesAddressesAsPeopleDo() {
        #expect(PacketBuilder.client.description == "10.0.0.1:40001")
        #expect(PacketBuilder.client6.description == "[2001:db8::1]:40001")
        func text(_ high: UInt64, _ low: UInt64) -> String { IPAddress(ipv6High: high, low: low).description }
        // RFC 5952, sections 4 and 5.
        #expect(text(0, 0) == "::" && text(0, 1) == "::1" && text(0x2001_0db8_0000_0000, 0) == "2001:db8::")
        #expect(text(0x2001_0db8_0000_0001, 0x0001_0001_0001_0001) == "2001:db8:0:1:1:1:1:1")
        #expect(text(0x2001_0000_0000_0001, 0x0000_0000_0000_0001) == "2001:0:0:1::1")
        #expect(text(0x2001_0db8_0000_0000, 0x0001_0000_0000_0001) == "2001:db8::1:0:0:1")
    }
}
