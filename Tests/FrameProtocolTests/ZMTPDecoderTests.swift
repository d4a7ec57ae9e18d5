import FrameProtocol
import TestCaptures
import Testing

/// Connections between libzmq peers, recorded by tools/reference/zmtp_streams.py.
struct StreamFixture: Decodable, Sendable, CustomTestStringConvertible {
    struct File: Decodable {
        var tool: String
        var cases: [StreamFixture]
    }

    var name: String
    var toServer: Hex
    var toClient: Hex
    var messagesToServer: [[Hex]]
    var messagesToClient: [[Hex]]

    var testDescription: String { name }

    static func all() throws -> [StreamFixture] { try fixture("zmtp_streams", as: File.self).cases }
    static func named(_ name: String) throws -> StreamFixture { try #require(try all().first { $0.name == name }) }
}

extension [ZMTPEvent] {
    var messages: [[[UInt8]]] { compactMap { if case .message(let parts) = $0 { parts } else { nil } } }
    var commands: [ZMTPCommand] { compactMap { if case .command(let command) = $0 { command } else { nil } } }
    var faults: [ZMTPFault.Code] { compactMap { if case .fault(let fault) = $0 { fault.code } else { nil } } }
}

struct ZMTPDecoderTests {
    private func decode(_ bytes: [UInt8], by piece: Int, start: ZMTPDecoder.Start = .beginning) -> [ZMTPEvent] {
        var decoder = ZMTPDecoder(start: start)
        var events: [ZMTPEvent] = []
        for place in stride(from: 0, to: bytes.count, by: piece) {
            events += decoder.receive(Array(bytes[place..<min(bytes.count, place + piece)]))
        }
        decoder.finish(into: &events)
        return events
    }

    @Test(arguments: try StreamFixture.all(), [1, 3, 64, 1 << 20])
    func decodesWhatLibzmqSends(_ stream: StreamFixture, by piece: Int) {
        for (bytes, expected) in [
            (stream.toServer.bytes, stream.messagesToServer), (stream.toClient.bytes, stream.messagesToClient),
        ] {
            let events = decode(bytes, by: piece)
            #expect(events.faults.isEmpty)
            // CURVE hides all of it.
            #expect(events.messages == (stream.name == "curve" ? [] : expected.map { $0.map(\.bytes) }))
            guard case .greeting(let greeting) = events.first else {
                Issue.record("no greeting")
                continue
            }
            let mechanism = ["curve": "CURVE", "plain": "PLAIN"][stream.name] ?? "NULL"
            #expect(greeting.mechanism == mechanism && greeting.major == 3)
            #expect(greeting.isReadable == (mechanism != "CURVE"))
        }
    }

    @Test func readsCommands() throws {
        let heartbeat = decode(try StreamFixture.named("heartbeat_31").toClient.bytes, by: 7).commands
        #expect(heartbeat.first?.socketType == "PULL")
        #expect(heartbeat.contains(.ping(timeToLive: 0, context: [])) && heartbeat.contains(.pong(context: [])))
        let topic = Array("pcf/1/".utf8)
        let plain = decode(try StreamFixture.named("plain").toServer.bytes, by: 7).commands
        #expect(plain.contains { $0.socketType == "PUSH" })
        // A 3.1 subscriber sends commands, a 3.0 one messages: both come out as the same.
        for name in ["pub_sub_31", "sub_30"] {
            let commands = decode(try StreamFixture.named(name).toServer.bytes, by: 7).commands
            #expect(commands.first?.socketType == "SUB")
            #expect(Array(commands.dropFirst()) == [.subscribe(topic: topic), .cancel(topic: topic)])
        }
        #expect(
            decode(Wire.greeting() + [4, 9, 5] + Array("ERROR".utf8) + [2, 0x6E, 0x6F], by: 5).commands == [
                .error(reason: "no")
            ])
        #expect(try ZMTPDecoder().receivingGreeting().minor == 1)
    }

    /// Found by fuzzing: a fault's place was counted from the beginning of the piece that it came in.
    @Test(arguments: [1, 8, 1000])
    func tellsTheSamePlaceOfAFaultInAnyPieces(by piece: Int) {
        // READY of 10 bytes, whose property has no length, ends at byte 64 + 12.
        let bytes = Wire.greeting() + [4, 10, 5] + Array("READY".utf8) + [11, 83, 111, 99] + Wire.message([[65]])
        let places = decode(bytes, by: piece).compactMap {
            if case .fault(let fault) = $0 { fault.offset } else { nil }
        }
        #expect(places == [76])
        // Behind the middle of a stream that looked like a greeting at first.
        let middle = [0xFF, 1, 2, 3, 4, 5, 6, 7, 8, 0] + Wire.message([Array("pcf/1/s1".utf8), [1], [2]]) + [0xF0]
        let later = decode(middle, by: piece, start: .unknown)
            .compactMap { if case .fault(let fault) = $0 { fault.offset } else { nil } }
        #expect(later == [UInt64(middle.count - 1)])
    }

    @Test func acceptsCommandsBetweenParts() throws {
        let ping: [UInt8] = [4, 7, 4] + Array("PING".utf8) + [0, 100]
        let bytes = Wire.greeting() + Wire.ready + [1, 1, 65] + ping + [0, 1, 66]
        let events = decode(bytes, by: 1)
        #expect(events.messages == [[[65], [66]]])
        #expect(events.commands.last == .ping(timeToLive: 100, context: []))
    }

    private static let faulty: [(code: ZMTPFault.Code, bytes: [UInt8])] = [
        (.notZMTP, Array("GET / HTTP/1.1\r\n\r\n".utf8)),
        (.notZMTP, [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7E]),
        (.unsupportedVersion, [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 5, 0, 0]),
        (.invalidFlags, greeted([0x08, 1, 0])),
        (.invalidFlags, greeted([0x05, 1, 0])),
        (.malformedCommand, greeted([0x04, 0])),
        (.malformedCommand, greeted([0x04, 3, 5, 65, 65])),
        (.malformedCommand, greeted([0x04, 7, 5, 0x52, 0x45, 0x41, 0x44, 0x59, 200])),
        (.commandTooLarge, greeted([0x06, 0, 0, 0, 0, 0, 1, 0, 1])),
        (.frameTooLarge, greeted([0x02, 0, 0, 0, 0, 4, 0, 0, 1])),
        (.frameTooLarge, greeted([0x02, 255, 255, 255, 255, 255, 255, 255, 255])),
        (.tooManyParts, greeted(Wire.message([[UInt8]](repeating: [1], count: 65)))),
    ]
    private static func greeted(_ bytes: [UInt8]) -> [UInt8] { Wire.greeting() + bytes }

    @Test(arguments: faulty.indices)
    func namesFaults(_ index: Int) {
        let (code, bytes) = Self.faulty[index]
        for piece in [1, bytes.count] {
            let events = decode(bytes, by: piece)
            #expect(events.faults == [code])
            #expect(events.messages.isEmpty)
        }
    }

    @Test func passesOverWhatIsTooLarge() {
        var decoder = ZMTPDecoder(limits: ZMTPLimits(frameBytes: 300, messageBytes: 400, parts: 4, commandBytes: 64))
        let large = Wire.message([[1], [UInt8](repeating: 2, count: 301), [3]])
        let long = Wire.message([[UInt8](repeating: 2, count: 300), [UInt8](repeating: 2, count: 200)])
        let command: [UInt8] = [4, 65] + [UInt8](repeating: 7, count: 65)
        let good = Wire.message([[9], []])
        let events = decoder.receive(Wire.greeting() + large + good + long + good + command + good)
        #expect(events.messages == [[[9], []], [[9], []], [[9], []]])
        #expect(events.faults == [.frameTooLarge, .messageTooLarge, .commandTooLarge])
        #expect(events.filter(\.isMessageLost).count == 2)
    }

    /// A header that announces much reserves nothing.
    @Test func buffersOnlyWhatCame() {
        var decoder = ZMTPDecoder()
        _ = decoder.receive(Wire.greeting() + [0x02, 0, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3])
        #expect(decoder.bufferedBytes == 3)
    }
}

extension ZMTPDecoder {
    fileprivate consuming func receivingGreeting() throws -> ZMTPGreeting {
        var decoder = self
        _ = decoder.receive(Wire.greeting())
        return try #require(decoder.greeting)
    }
}

extension ZMTPEvent {
    var isMessageLost: Bool { if case .messageLost = self { true } else { false } }
}
