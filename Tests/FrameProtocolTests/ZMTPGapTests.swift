import FrameProtocol
import TestCaptures
import Testing

/// Missing bytes: what they cost, and how the decoder finds its place again.
struct ZMTPGapTests {
    /// Five frames of a stream, and where each message begins.
    private func stream() throws -> (bytes: [UInt8], starts: [Int], messages: [[[UInt8]]]) {
        var bytes = Wire.greeting() + Wire.ready
        var starts: [Int] = []
        let messages = try (0..<5).map { try Messages.frame(seq: UInt64($0), points: 50) }
        for message in messages {
            starts.append(bytes.count)
            bytes += Wire.message(message)
        }
        return (bytes, starts, messages)
    }

    private func decode(
        _ bytes: [UInt8], without gap: Range<Int>, start: ZMTPDecoder.Start = .beginning
    ) -> [ZMTPEvent] {
        var decoder = ZMTPDecoder(start: start)
        var events = decoder.receive(Array(bytes[..<gap.lowerBound]))
        decoder.skip(UInt64(gap.count), into: &events)
        events += decoder.receive(Array(bytes[gap.upperBound...]))
        decoder.finish(into: &events)
        return events
    }

    /// Every place of a gap of every few bytes: what is wholly there and not hidden behind the loss comes out, and
    /// nothing else.
    @Test func costsTheMessagesThatItTouches() throws {
        let (bytes, starts, messages) = try stream()
        for place in stride(from: 0, to: bytes.count - 20, by: 3) {
            for length in [1, 17, 400] where place + length < bytes.count {
                let gap = place..<(place + length)
                let events = decode(bytes, without: gap)
                let expected = zip(starts, messages).enumerated()
                    .filter { index, pair in
                        let end = index + 1 < starts.count ? starts[index + 1] : bytes.count
                        return !gap.overlaps(pair.0..<end)
                    }
                    .map(\.element.1)
                #expect(events.messages == expected, "gap \(gap)")
                #expect(events.faults.isEmpty)
            }
        }
    }

    @Test func staysInPlaceWithinABody() throws {
        let (bytes, starts, messages) = try stream()
        // The last bytes of a points part: nothing but that message is lost, and the place is never in doubt.
        let gap = (starts[2] - 100)..<starts[2]
        let events = decode(bytes, without: gap)
        #expect(events.messages == [messages[0]] + messages[2...])
        #expect(events.filter(\.isMessageLost).count == 1 && !events.contains(.stateLost))
    }

    @Test func findsTheNextTopicBehindALostHeader() throws {
        let (bytes, starts, messages) = try stream()
        let events = decode(bytes, without: (starts[1] - 2)..<(starts[1] + 2))
        #expect(events.messages == Array(messages[2...]))
        #expect(events.contains(.stateLost))
        let skipped = UInt64(starts[2] - starts[1] + 2)
        #expect(events.contains(.resynchronized(skippedBytes: skipped - 4)))
    }

    @Test(arguments: [1, 2, 50, 100_000])
    func beginsInTheMiddle(by piece: Int) throws {
        let (bytes, starts, messages) = try stream()
        for cut in stride(from: 1, to: bytes.count, by: 37) {
            var decoder = ZMTPDecoder(start: .unknown)
            var events: [ZMTPEvent] = []
            for place in stride(from: cut, to: bytes.count, by: piece) {
                events += decoder.receive(Array(bytes[place..<min(bytes.count, place + piece)]))
            }
            let expected = zip(starts, messages).filter { $0.0 >= cut }.map(\.1)
            #expect(events.messages == expected)
        }
        // A stream whose first byte was seen, although nobody said so.
        var decoder = ZMTPDecoder(start: .unknown)
        #expect(decoder.receive(bytes).messages == messages)
    }

    @Test func goesOnBehindInvalidFlags() throws {
        var (bytes, starts, messages) = try stream()
        bytes[starts[1]] = 0xF0
        var decoder = ZMTPDecoder()
        let events = decoder.receive(bytes)
        #expect(events.messages == [messages[0]] + messages[2...])
        #expect(events.faults == [.invalidFlags])
    }

    /// What looks like a topic, but is no frame of a message, is not taken for one.
    @Test func isNotFooledByALikeness() throws {
        let message = Wire.message(try Messages.frame(points: 3))
        let likenesses: [[UInt8]] = [
            [1, 8] + Array("pcf/1/s1".utf8) + [0x40],  // no part follows
            [1, 9] + Array("pcf/1/s 1".utf8) + [1, 0],  // no source
            [1, 6] + Array("pcf/1/".utf8) + [1, 0], [0, 8] + Array("pcf/1/s1".utf8) + [1, 0],
            [1, 8] + Array("pcf/2/s1".utf8) + [1, 0], [1, 1, 8],
        ]
        for likeness in likenesses {
            var decoder = ZMTPDecoder(start: .unknown)
            let events = decoder.receive([7] + likeness + message)
            #expect(events.messages.count == 1)
            #expect(events.first == .resynchronized(skippedBytes: UInt64(likeness.count + 1)))
        }
    }
}
