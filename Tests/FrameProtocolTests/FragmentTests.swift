import FrameProtocol
import TestCaptures
import Testing

/// IP fragments put together: in any order, twice, with pieces missing, and what is refused.
struct FragmentTests {
    /// A connection of three messages, its segments of 1448 bytes in fragments of 512.
    private func capture(isIPv6: Bool) throws -> (packets: [CapturePacket], messages: [[[UInt8]]]) {
        let messages = try (0..<3).map { try TrueFrames.message(seq: $0, points: 300) }
        var connection = ConnectionBuilder()
        connection.builder.isIPv6 = isIPv6
        connection.fragmentBytes = 512
        connection.open()
        connection.send(Wire.greeting() + Wire.ready)
        for message in messages { connection.send(Wire.message(message)) }
        return (connection.packets, messages)
    }

    private func decode(
        _ packets: [CapturePacket], limits: CaptureLimits = CaptureLimits()
    ) -> (messages: [[[UInt8]]], statistics: CaptureStatistics) {
        var decoder = CaptureDecoder(limits: limits)
        var messages = packets.flatMap { decoder.receive($0) }
        messages += decoder.finish()
        return (messages.map(\.parts), decoder.statistics)
    }

    @Test(arguments: [false, true])
    func putsFragmentsTogetherInAnyOrder(isIPv6: Bool) throws {
        let (packets, messages) = try capture(isIPv6: isIPv6)
        let straight = decode(packets)
        #expect(straight.messages == messages && straight.statistics.total.gaps == 0)
        let counted = straight.statistics.fragments
        #expect(counted.received > 20 && counted.datagrams > 5 && counted.incomplete == 0)
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<20 {
            let shuffled = packets.enumerated()
                .map { (Double($0.offset) + Double.random(in: 0..<12, using: &generator), $0.element) }
                .sorted { $0.0 < $1.0 }.map(\.1)
            #expect(decode(shuffled).messages == messages)
        }
        // A capture on all interfaces holds each of them twice.
        let twice = decode(packets.flatMap { [$0, $0] })
        #expect(twice.messages == messages && twice.statistics.fragments.repeated == counted.received)
        #expect(twice.statistics.fragments.incomplete == 0 && twice.statistics.fragments.datagrams == counted.datagrams)
    }

    @Test(arguments: [false, true])
    func aMissingFragmentCostsItsMessage(isIPv6: Bool) throws {
        var (packets, messages) = try capture(isIPv6: isIPv6)
        // The last packets are the last message's: its segments make three fragments each.
        packets.remove(at: packets.count - 5)
        let (found, statistics) = decode(packets)
        #expect(found == Array(messages[..<2]) && statistics.fragments.incomplete == 1)
        #expect(statistics.total.gapBytes > 0 && statistics.losses.count == 1)
        #expect(statistics.report.contains { $0.contains("1 datagrams were not complete") })
    }

    @Test func refusesOverlapsOfOtherBytes() throws {
        var (packets, messages) = try capture(isIPv6: false)
        // The second fragment of a large segment again, moved 8 bytes forward: its offset field is at 14 + 6.
        let index = packets.count - 5
        var moved = packets[index]
        moved.bytes[21] -= 1
        packets.insert(moved, at: index + 1)
        let (found, statistics) = decode(packets)
        #expect(found == Array(messages[..<2]))
        // It, and what comes of the datagram behind it.
        #expect(statistics.rejections[.fragmentOverlap] ?? 0 >= 1 && statistics.fragments.incomplete == 0)
        // The same place with other bytes.
        var changed = packets[index]
        changed.bytes[60] ^= 1
        packets[index + 1] = changed
        #expect(decode(packets).statistics.rejections[.fragmentOverlap] ?? 0 >= 1)
    }

    @Test func refusesLiesAboutLength() throws {
        let (packets, _) = try capture(isIPv6: false)
        let index = packets.count - 6
        var statistics = decode(packets).statistics
        #expect(statistics.rejections.isEmpty)
        // Beyond 65,535 bytes.
        var lying = packets
        lying[index].bytes[20] |= 0x1F
        lying[index].bytes[21] = 0xFF
        statistics = decode(lying).statistics
        #expect(statistics.rejections[.malformed] == 1)
        // A second end, before the one that is known.
        lying = packets
        let pieces = lying.indices.filter { lying[$0].bytes[19] == packets[index].bytes[19] }
        #expect(pieces.count == 3)
        lying.swapAt(pieces[0], pieces[2])
        lying[pieces[1]].bytes[20] &= 0xDF
        statistics = decode(lying).statistics
        #expect(statistics.rejections[.fragmentOverlap] ?? 0 >= 1)
    }

    @Test func holdsItsBounds() throws {
        let (packets, _) = try capture(isIPv6: false)
        let first = packets.filter { $0.bytes.count > 500 && $0.bytes[20] & 0x20 != 0 && $0.bytes[21] == 0 }
        func flood(_ limits: FragmentLimits) -> CaptureStatistics.Fragments {
            let all = (0..<100).map { number in
                var packet = first[0]
                packet.bytes[18] = 200
                packet.bytes[19] = UInt8(number)
                packet.timestampNanoseconds += Int64(number) * 1_000_000_000
                return packet
            }
            var decoder = CaptureDecoder(limits: CaptureLimits(fragments: limits))
            for packet in all { _ = decoder.receive(packet) }
            return decoder.statistics.fragments
        }
        #expect(flood(FragmentLimits(datagrams: 10, waitingNanoseconds: .max)).incomplete == 90)
        #expect(flood(FragmentLimits(bytes: 5 * 512, waitingNanoseconds: .max)).incomplete == 95)
        #expect(flood(FragmentLimits(waitingNanoseconds: 20_000_000_000)).incomplete == 79)
        #expect(flood(FragmentLimits(waitingNanoseconds: .max)).incomplete == 0)
    }

    @Test func aCutFragmentIsAGap() throws {
        var (packets, messages) = try capture(isIPv6: true)
        packets[packets.count - 4].bytes.removeLast(30)
        let (found, statistics) = decode(packets)
        #expect(found == Array(messages[..<2]) && statistics.cutPackets == 1)
        #expect(statistics.total.gapBytes >= 30 && statistics.total.lostMessages == 1)
    }
}
