import FrameProtocol
import TestCaptures
import Testing

/// 20,000 seeded mutations of valid input: each is decoded or refused by name, none crashes.
struct FuzzTests {
    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard !bytes.isEmpty else { return }
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let length = Int.random(in: 1...min(16, bytes.count - place), using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF, 0x22, 0x5C, 0x7B].randomElement(using: &generator) ?? 0
            case 2: bytes.removeSubrange(place..<(place + length))
            case 3: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
            case 4: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            case 5: bytes[place] = UInt8.random(in: 48...57, using: &generator)
            default: bytes.removeSubrange(place...)
            }
        }
    }

    @Test func messages() throws {
        var generator = SeededGenerator(seed: 1)
        let seeds = try FrameFixture.all().map { $0.parts.map(\.bytes) } + [Messages.message()]
        let decoder = FrameDecoder()
        var accepted = 0
        var reasons: Set<FrameRefusal.Reason> = []
        for _ in 0..<8000 {
            var parts = seeds.randomElement(using: &generator) ?? []
            // Mostly the header: there is most to get wrong.
            let index = [0, 1, 1, 1, 1, 1, 1, 2].randomElement(using: &generator) ?? 1
            mutate(&parts[index], &generator)
            do {
                let frame = try decoder.decode(parts: parts)
                #expect(frame.points.count + frame.droppedNonFinite == Int(frame.header.points))
                accepted += 1
            } catch {
                reasons.insert(error.reason)
                #expect(!error.message.isEmpty && error.message.count < 600)
            }
        }
        #expect(accepted > 100 && reasons.count > 12)
    }

    @Test func streams() throws {
        var generator = SeededGenerator(seed: 2)
        var seeds = try StreamFixture.all().flatMap { [$0.toServer.bytes, $0.toClient.bytes] }
        seeds.append(Wire.greeting() + Wire.ready + Wire.message(try Messages.frame(points: 60)))
        for _ in 0..<6000 {
            var bytes = seeds.randomElement(using: &generator) ?? []
            mutate(&bytes, &generator)
            let isStartKnown = Bool.random(using: &generator)
            var decoder = ZMTPDecoder(start: isStartKnown ? .beginning : .unknown)
            var events: [ZMTPEvent] = []
            var place = 0
            while place < bytes.count {
                let end = min(bytes.count, place + Int.random(in: 1...300, using: &generator))
                if Int.random(in: 0..<10, using: &generator) == 0 {
                    decoder.skip(UInt64(end - place), into: &events)
                } else {
                    events += decoder.receive(Array(bytes[place..<end]))
                }
                #expect(decoder.bufferedBytes <= end)
                place = end
            }
            decoder.finish(into: &events)
            #expect(decoder.bufferedBytes == 0)
        }
    }

    @Test(arguments: [LinkType.ethernet, .linuxSLL, .linuxSLL2, .null, .raw])
    func packets(_ type: LinkType) throws {
        var generator = SeededGenerator(seed: UInt64(type.rawValue) + 3)
        var captures: [[CapturePacket]] = []
        for isIPv6 in [false, true] {
            var connection = ConnectionBuilder()
            connection.builder.linkType = type
            connection.builder.isIPv6 = isIPv6
            connection.open()
            connection.send(Wire.greeting() + Wire.ready)
            for seq in 0..<4 {
                connection.send(Wire.message(try Messages.frame(seq: UInt64(seq), points: 50)), by: 300)
            }
            connection.close()
            captures.append(connection.packets)
        }
        for _ in 0..<1200 {
            var packets = captures.randomElement(using: &generator) ?? []
            for _ in 0..<3 {
                let index = Int.random(in: 0..<packets.count, using: &generator)
                // The headers, where the sizes are; the payload has been mutated above.
                var head = Array(packets[index].bytes.prefix(90))
                mutate(&head, &generator)
                packets[index].bytes = head + packets[index].bytes.dropFirst(90)
                if Bool.random(using: &generator) {
                    packets[index].originalLength = Int.random(in: 0...100_000, using: &generator)
                }
            }
            var decoder = CaptureDecoder()
            var messages = packets.flatMap { decoder.receive($0) }
            messages += decoder.finish()
            let statistics = decoder.statistics
            #expect(decoder.bufferedBytes == 0 && statistics.packets == packets.count)
            #expect(statistics.total.messages == messages.count)
            #expect(messages.contains(where: \.isFrame) == (statistics.explanation == nil))
        }
    }
}
