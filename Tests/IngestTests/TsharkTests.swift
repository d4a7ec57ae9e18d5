import Foundation
import TestCaptures
import TestRequirements
import Testing

@testable import FrameProtocol
@testable import Ingest

/// Wireshark's tshark, where it is installed (tools/test-packages.txt).
private enum Tshark {
    static let path = ["/usr/bin/tshark", "/usr/local/bin/tshark"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// The payload of one connection by `follow,tcp,raw`: to the server, and to the client.
    struct Stream: Equatable {
        var toServer: [UInt8] = []
        var toClient: [UInt8] = []
    }

    static func streams(of file: String, count: Int) throws -> [Stream] {
        let process = Process()
        process.executableURL = URL(filePath: try #require(path))
        process.arguments =
            ["-n", "-r", file, "-q"] + (0..<count).flatMap { ["-z", "follow,tcp,raw,\($0)"] }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        // tshark prints the last one asked for first.
        var streams: [Int: Stream] = [:]
        var number = -1
        for line in text.split(separator: "\n") {
            if line.hasPrefix("Filter: tcp.stream eq ") {
                number = Int(line.dropFirst(22)) ?? -1
                streams[number] = Stream()
            } else if line.allSatisfy({ $0.isHexDigit || $0 == "\t" }) {
                let digits = line.compactMap(\.hexDigitValue)
                let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
                if line.hasPrefix("\t") {
                    streams[number]?.toClient += bytes
                } else {
                    streams[number]?.toServer += bytes
                }
            }
        }
        return (0..<count).map { streams[$0] ?? Stream() }
    }
}

/// The same captures read by tshark 4.0 (`follow,tcp,raw`) and by the decoder: the same bytes, the same messages.
@Suite(
    .timeLimit(.minutes(30)),
    .enabled(if: try Requirement.isMet("needs Debian's tshark", Tshark.path != nil), "needs Debian's tshark"))
struct TsharkTests {
    private struct Change: Sendable {
        var name: String
        var format = CaptureFileWriter.Format.nanoseconds
        var apply: @Sendable (inout ConnectionBuilder) -> Void
    }

    /// What every connection is sent through; two of them in each capture, their packets in turn.
    private static let changes: [Change] = [
        Change(name: "plain") { _ in },
        Change(name: "microseconds", format: .microseconds) { _ in },
        Change(name: "big-endian", format: .bigEndian) { _ in },
        Change(name: "pcapng", format: .pcapng) { _ in },
        Change(name: "IPv6") { $0.builder.isIPv6 = true },
        Change(name: "IPv4 options") { $0.builder.ipv4Options = 12 },
        Change(name: "Ethernet padding") { $0.builder.trailer = 6 },
        Change(name: "IPv6 extension headers") {
            $0.builder.isIPv6 = true
            $0.builder.extensions = [(0, [0, 0, 1, 4, 0, 0, 0, 0]), (60, [0, 0, 1, 4, 0, 0, 0, 0])]
        },
        Change(name: "VLAN") { $0.builder.vlanTags = [0x8100] },
        Change(name: "QinQ") { $0.builder.vlanTags = [0x88A8, 0x8100] },
        Change(name: "IPv4 fragments") { $0.fragmentBytes = 496 },
        Change(name: "IPv6 fragments") {
            $0.builder.isIPv6 = true
            $0.fragmentBytes = 496
        },
    ]

    private func packets(_ change: Change, linkType: LinkType) throws -> [CapturePacket] {
        let connections = try (0..<2).map { number in
            var connection = ConnectionBuilder()
            connection.builder.linkType = linkType
            connection.ports = (UInt16(40001 + number), 5555)
            connection.identification = UInt32(1 + number * 1000)
            change.apply(&connection)
            connection.open()
            connection.send(Wire.greeting(), by: 10)
            connection.send(Wire.greeting(), reversed: true, by: 10)
            connection.send(Wire.ready)
            connection.send(Wire.ready, reversed: true)
            for seq in 0..<3 {
                connection.send(
                    Wire.messageWithCommands(
                        try TrueFrames.message(source: "s\(number)", seq: UInt64(seq), points: 200)))
                connection.send(Wire.ping, reversed: true)
            }
            connection.close()
            return connection.packets
        }
        return zip(connections[0], connections[1]).flatMap { [$0, $1] }
    }

    /// Reads a file with libpcap and the decoder, and holds it against what tshark finds in it.
    private func compare(
        _ packets: [CapturePacket], _ format: CaptureFileWriter.Format, _ linkType: LinkType, _ name: String
    ) throws {
        let file = try CaptureFile(CaptureFileWriter(packets, format, linkType: linkType).bytes)
        let streams = try Tshark.streams(of: file.path, count: 2)
        let reader = try CaptureReader(path: file.path)
        var decoder = CaptureDecoder()
        var messages: [CaptureMessage] = []
        var read: [CapturePacket] = []
        while let packet = try reader.next() {
            messages += decoder.receive(packet)
            read.append(packet)
        }
        messages += decoder.finish()
        let bytes = try Self.bytes(of: read)
        let statistics = decoder.statistics
        #expect(statistics.connections.count == 2 && statistics.total.gaps == 0, "\(name)")
        for (connection, stream) in zip(statistics.connections, streams) {
            #expect(connection.toServer.bytes == UInt64(stream.toServer.count), "\(name)")
            #expect(connection.toClient.bytes == UInt64(stream.toClient.count), "\(name)")
            let flow = Flow(source: connection.client, destination: connection.server)
            let isSameBytes = bytes[flow] == stream.toServer && bytes[flow.reversed] == stream.toClient
            #expect(isSameBytes && !stream.toClient.isEmpty, "\(name): bytes of both directions")
            var peer = ZMTPDecoder()
            let expected = peer.receive(stream.toServer).compactMap { event -> [[UInt8]]? in
                if case .message(let parts) = event { parts } else { nil }
            }
            #expect(expected.count == 3, "\(name): tshark's bytes hold the messages")
            let mine = messages.filter { $0.flow.source == connection.client }.map(\.parts)
            let isSame = mine == expected
            #expect(isSame, "\(name)")
        }
    }

    /// What each direction carries, as the decoder's own steps put it in order.
    private static func bytes(of packets: [CapturePacket]) throws -> [Flow: [UInt8]] {
        var fragments = FragmentReassembler(limits: FragmentLimits())
        var reassembler = TCPReassembler()
        var events: [TCPEvent] = []
        for packet in packets {
            let segment: TCPSegment? =
                switch try LinkLayer.payload(
                    in: packet.bytes, linkType: packet.linkType, originalLength: packet.originalLength)
                {
                case .segment(let segment): segment
                case .fragment(let fragment): try fragments.receive(fragment, at: packet.timestampNanoseconds)
                }
            if let segment { reassembler.receive(segment, at: packet.timestampNanoseconds, into: &events) }
        }
        reassembler.finish(into: &events)
        var bytes: [Flow: [UInt8]] = [:]
        for event in events {
            if case .bytes(let slice) = event.kind { bytes[event.flow, default: []] += slice }
        }
        return bytes
    }

    @Test func readsWhatTsharkReads() throws {
        for change in Self.changes {
            try compare(try packets(change, linkType: .ethernet), change.format, .ethernet, change.name)
        }
    }

    @Test(arguments: [LinkType.null, .loop, .raw, .ipv4, .linuxSLL, .linuxSLL2])
    func readsEveryLinkTypeAsTshark(_ type: LinkType) throws {
        try compare(try packets(Self.changes[0], linkType: type), .nanoseconds, type, "link type \(type.rawValue)")
    }

    @Test func readsIPv6AloneAsTshark() throws {
        let change = try #require(Self.changes.first { $0.name == "IPv6" })
        try compare(try packets(change, linkType: .ipv6), .nanoseconds, .ipv6, "link type 229")
    }

    /// Reordered within eight packets and one in twenty sent again, as far as tshark follows.
    @Test(arguments: [1, 2, 3])
    func putsInOrderWhatTsharkPutsInOrder(_ seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        let packets = try packets(Self.changes[0], linkType: .ethernet)
        var order: [(key: Double, packet: CapturePacket)] = []
        for (index, packet) in packets.enumerated() {
            // What opens and ends a connection stays in place: tshark numbers connections by it, and takes the first bytes
            // that it sees for a connection's first.
            let moves = index >= 40 && index < packets.count - 4
            for _ in 0..<(moves && generator.next(below: 20) == 0 ? 2 : 1) {
                let distance = moves ? Double(generator.next(below: 800)) / 100 : 0
                order.append((min(Double(index) + distance, Double(packets.count) - 5), packet))
            }
            if !moves, index >= packets.count - 4 { order[order.count - 1].key = Double(index) }
        }
        order.sort { $0.key < $1.key }
        let times = order.map(\.packet.timestampNanoseconds).sorted()
        let shuffled = zip(order, times).map { entry, time in
            var packet = entry.packet
            packet.timestampNanoseconds = time
            return packet
        }
        try compare(shuffled, .nanoseconds, .ethernet, "seed \(seed)")
    }
}
