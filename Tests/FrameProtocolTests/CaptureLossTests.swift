import FrameProtocol
import TestCaptures
import Testing

/// Each loss is told: when, where, how much, and which message it cost.
struct CaptureLossTests {
    private let messages = (0..<6).map { try! TrueFrames.message(seq: $0, points: 400) }

    /// Greeting and READY in one segment, then each message in segments of 1000 bytes: five for each.
    private func packets() -> [CapturePacket] {
        var connection = ConnectionBuilder()
        connection.open()
        connection.send(Wire.greeting() + Wire.ready)
        for message in messages { connection.send(Wire.message(message), by: 1000) }
        return connection.packets
    }

    private func decode(
        _ packets: [CapturePacket], limits: CaptureLimits = CaptureLimits()
    ) -> (messages: [[[UInt8]]], statistics: CaptureStatistics) {
        var decoder = CaptureDecoder(limits: limits)
        var messages = packets.flatMap { decoder.receive($0) }
        messages += decoder.finish()
        return (messages.map(\.parts), decoder.statistics)
    }

    private func index(ofSegment segment: Int, inMessage message: Int) -> Int {
        let counts = messages.map { (Wire.message($0).count + 999) / 1000 }
        return 3 + counts[..<message].reduce(0, +) + segment
    }

    @Test func withinABodyItCostsThatMessage() throws {
        var packets = packets()
        packets.remove(at: index(ofSegment: 2, inMessage: 1))
        packets.remove(at: index(ofSegment: 3, inMessage: 1) - 1)
        let (found, statistics) = decode(packets)
        #expect(found == [messages[0]] + messages[2...])
        let loss = try #require(statistics.losses.first)
        #expect(statistics.losses.count == 1 && loss.cause == .missingBytes && loss.missingBytes == 2000)
        #expect(loss.cost == .message(FrameIdentity(parts: messages[1])))
        #expect(loss.flow == PacketBuilder().flow)
        #expect(
            loss.sentence.hasSuffix(
                "10.0.0.1:40001 -> 10.0.0.2:5555: 2000 bytes missing; cost frame 1 of part \"P-0\" (scanner-a, seq 1)"))
        #expect(loss.sentence.hasPrefix("2023-11-14T22:13:20."))
        #expect(statistics.report.first?.contains("lost in 1 place (bytes missing 1)") == true)
    }

    @Test func twoPlacesOfOneMessageAreOneLoss() throws {
        var packets = packets()
        packets.remove(at: index(ofSegment: 3, inMessage: 2))
        packets.remove(at: index(ofSegment: 1, inMessage: 2))
        let loss = try #require(decode(packets).statistics.losses.first)
        #expect(loss.gaps == 2 && loss.missingBytes == 2000)
        #expect(loss.cost == .message(FrameIdentity(parts: messages[2])))
    }

    @Test func overAHeaderItCostsThePlace() throws {
        var packets = packets()
        packets.remove(at: index(ofSegment: 0, inMessage: 3))
        let (found, statistics) = decode(packets)
        #expect(found == Array(messages[..<3]) + messages[4...])
        let loss = try #require(statistics.losses.first)
        let rest = UInt64(Wire.message(messages[3]).count - 1000)
        #expect(loss.cost == .place(nil, skippedBytes: rest, isFoundAgain: true) && loss.missingBytes == 1000)
        #expect(loss.sentence.contains("cost what lay in the \(rest) bytes up to the next topic"))
    }

    @Test func fromTheMiddleOnIsNoFault() throws {
        let (found, statistics) = decode(Array(packets().dropFirst(index(ofSegment: 2, inMessage: 0))))
        #expect(found == Array(messages[1...]))
        #expect(statistics.lossCounts == [.midStream: 1] && statistics.losses.first?.missingBytes == 0)
    }

    @Test func anUnfinishedMessageIsNamed() throws {
        let (found, statistics) = decode(packets().dropLast())
        #expect(found == Array(messages[..<5]))
        let loss = try #require(statistics.losses.first)
        #expect(loss.cause == .unfinished && loss.cost == .message(FrameIdentity(parts: messages[5])))
    }

    /// What a connection costs that is forgotten to hold a limit: the message begun, and its rest up to the next topic.
    @Test func aForgottenConnectionIsSaidSo() throws {
        var limits = CaptureLimits()
        limits.tcp.streams = 1
        var packets = packets().filter { $0.bytes[14 + 12 + 3] == 1 }
        var other = ConnectionBuilder()
        other.ports = (40002, 5555)
        other.open()
        // Within message 1; and once more exactly before message 4.
        packets.insert(other.packets[0], at: index(ofSegment: 2, inMessage: 1) - 1)
        packets.insert(other.packets[0], at: index(ofSegment: 0, inMessage: 4))
        let (found, statistics) = decode(packets, limits: limits)
        #expect(found == [messages[0]] + messages[2...])
        #expect(statistics.lossCounts == [.forgotten: 2])
        #expect(statistics.losses.first?.cost == .message(FrameIdentity(parts: messages[1])))
        let rest = UInt64(Wire.message(messages[1]).count - 2000)
        #expect(statistics.losses.last?.cost == .place(nil, skippedBytes: rest, isFoundAgain: true))
        #expect(statistics.report.first?.contains("(forgotten to hold a limit 2)") == true)
    }

    @Test func aMessageOverTheLimitsIsNamed() throws {
        var limits = CaptureLimits()
        limits.zmtp.frameBytes = 4000
        let (found, statistics) = decode(packets(), limits: limits)
        #expect(found.isEmpty && statistics.lossCounts == [.overLimit: 6])
        #expect(statistics.losses.map(\.cost) == messages.map { .message(FrameIdentity(parts: $0)) })
    }

    @Test func flagsThatAreNoneAreDamage() throws {
        var packets = packets()
        let place = index(ofSegment: 0, inMessage: 1)
        packets[place].bytes[14 + 20 + 32] = 0xF0
        let (found, statistics) = decode(packets)
        #expect(found == [messages[0]] + messages[2...])
        #expect(statistics.lossCounts == [.damaged: 1])
    }

    @Test func allAreCountedAndTheFirstListed() throws {
        var packets = packets()
        for message in (0..<6).reversed() { packets.remove(at: index(ofSegment: 3, inMessage: message)) }
        var limits = CaptureLimits()
        limits.listedLosses = 2
        let (found, statistics) = decode(packets, limits: limits)
        #expect(found.isEmpty && statistics.lossCount == 6 && statistics.losses.count == 2)
        #expect(statistics.report.contains("  4 further ones are counted and not listed"))
        #expect(decode(self.packets()).statistics.report.isEmpty)
    }

    @Test func bytesThatCostNothingAreToldToo() throws {
        // READY alone in a segment, its body cut.
        var connection = ConnectionBuilder()
        connection.open()
        connection.send(Wire.greeting())
        connection.send(Wire.ready)
        connection.send(Wire.message(messages[0]))
        connection.packets[3].bytes.removeLast(5)
        let (found, statistics) = decode(connection.packets)
        #expect(found == [messages[0]] && statistics.losses.map(\.cost) == [.nothing])
        #expect(statistics.report.contains { $0.contains("cut off by the snapshot length") })
    }

    @Test func countsBytesSentAgainWithAnotherValue() throws {
        var packets = packets()
        // Delivered, and sent again with three other bytes; then ahead of its turn, and again with one other.
        var again = packets[index(ofSegment: 1, inMessage: 0)]
        for place in [200, 300, 301] { again.bytes[place] ^= 0xFF }
        packets.insert(again, at: index(ofSegment: 4, inMessage: 0))
        let early = packets.remove(at: index(ofSegment: 2, inMessage: 3))
        var other = packets[index(ofSegment: 2, inMessage: 3)]
        other.bytes[400] ^= 1
        packets.insert(other, at: index(ofSegment: 2, inMessage: 3) + 1)
        packets.insert(early, at: index(ofSegment: 2, inMessage: 3) + 3)
        let (found, statistics) = decode(packets)
        #expect(found == messages && statistics.conflictingBytes == 4)
        #expect(statistics.report == ["4 bytes were sent again with another value; the first ones were taken"])
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000000Z"), (951_782_400_000_000_001, "2000-02-29T00:00:00.000000001Z"),
        (1_735_689_599_999_999_999, "2024-12-31T23:59:59.999999999Z"), (-5, "1970-01-01T00:00:00.000000000Z"),
    ])
    func writesTimesInUTC(_ nanoseconds: Int64, _ text: String) {
        let loss = CaptureLoss(
            cause: .missingBytes, flow: PacketBuilder().flow, timestampNanoseconds: nanoseconds, missingBytes: 1,
            gaps: 1, cost: .nothing)
        #expect(loss.sentence.hasPrefix(text + " "))
    }
}
