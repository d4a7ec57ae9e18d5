import FrameProtocol
import TestCaptures
import Testing

struct CaptureDecoderTests {
    private func decode(
        _ packets: [CapturePacket], limits: CaptureLimits = CaptureLimits()
    ) -> (messages: [CaptureMessage], statistics: CaptureStatistics) {
        var decoder = CaptureDecoder(limits: limits)
        var messages = packets.flatMap { decoder.receive($0) }
        messages += decoder.finish()
        #expect(decoder.bufferedBytes == 0)
        return (messages, decoder.statistics)
    }

    @Test(arguments: [LinkType.ethernet, .linuxSLL2, .null, .raw])
    func decodesAConnection(_ type: LinkType) throws {
        let messages = try (0..<6).map { try Messages.frame(seq: $0, points: 200) }
        var connection = ConnectionBuilder()
        connection.builder.linkType = type
        connection.open()
        connection.send(Wire.greeting(), by: 10)
        connection.send(Wire.greeting(), reversed: true, by: 10)
        connection.send(Wire.ready)
        connection.send(messages.flatMap(Wire.message), by: 1000)
        connection.close()
        let (found, statistics) = decode(connection.packets)
        #expect(found.map(\.parts) == messages && found.allSatisfy { $0.isFrame })
        #expect(found.first?.flow == connection.builder.flow)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.timestampNanoseconds <= $1.timestampNanoseconds })
        let listed = try #require(statistics.connections.first)
        #expect(statistics.connections.count == 1 && listed.client == PacketBuilder.client)
        #expect(listed.toServer.frames == 6 && listed.toServer.socketType == "PUSH" && listed.mechanism == "NULL")
        #expect(listed.toServer.bytes == UInt64(64 + Wire.ready.count + messages.flatMap(Wire.message).count))
        #expect(statistics.frames == 6 && statistics.explanation == nil && statistics.total.gaps == 0)
    }

    /// Promise 12 of the reliability page: lost, reordered and repeated segments.
    @Test(arguments: [0.0, 0.001, 0.01, 0.05, 0.36])
    func recoversWhatIsWhollyPresent(_ loss: Double) throws {
        var generator = SeededGenerator(seed: 12)
        let messages = try (0..<1000).map { try Messages.frame(seq: UInt64($0), points: 250) }
        var connection = ConnectionBuilder()
        connection.open()
        let opening = Wire.greeting() + Wire.ready
        connection.send(opening)
        let handshake = connection.packets.count
        let stream = messages.flatMap(Wire.message)
        connection.send(stream)
        var lost: Set<Int> = []
        var order: [(Double, CapturePacket)] = []
        for (index, packet) in connection.packets.enumerated() {
            if index >= handshake, Double.random(in: 0..<1, using: &generator) < loss {
                lost.insert(index - handshake)
                continue
            }
            let copies = Double.random(in: 0..<1, using: &generator) < 0.01 ? 2 : 1
            for _ in 0..<copies { order.append((Double(index) + Double.random(in: 0..<64, using: &generator), packet)) }
        }
        order.sort { $0.0 < $1.0 }
        var present: [[[UInt8]]] = []
        var place = 0
        for message in messages {
            let end = place + Wire.message(message).count
            if (place / 1448...(end - 1) / 1448).allSatisfy({ !lost.contains($0) }) { present.append(message) }
            place = end
        }
        let (found, statistics) = decode(order.map(\.1))
        #expect(found.map(\.parts) == present)
        #expect(statistics.repeatedBytes > 0)
        #expect(statistics.total.gapBytes == UInt64(lost.count * 1448) || lost.contains((stream.count - 1) / 1448))
    }

    @Test func beginsMidStream() throws {
        let messages = try (0..<10).map { try Messages.frame(seq: $0, points: 200) }
        var connection = ConnectionBuilder()
        connection.open()
        connection.send(Wire.greeting() + Wire.ready)
        connection.send(messages.flatMap(Wire.message), by: 500)
        let (found, statistics) = decode(Array(connection.packets.dropFirst(5)))
        #expect(found.count >= 8 && found.map(\.parts) == Array(messages.suffix(found.count)))
        #expect(statistics.total.resynchronizations == 1 && statistics.explanation == nil)
    }

    @Test func countsACutPacketAsAGap() throws {
        let messages = try (0..<4).map { try Messages.frame(seq: $0, points: 100) }
        var connection = ConnectionBuilder()
        connection.open()
        connection.send(Wire.greeting() + Wire.ready)
        for message in messages { connection.send(Wire.message(message), by: 65000) }
        connection.packets[4].bytes.removeLast(100)
        let (found, statistics) = decode(connection.packets)
        #expect(found.map(\.parts) == [messages[0]] + messages[2...])
        #expect(statistics.cutPackets == 1 && statistics.total.gapBytes == 100 && statistics.total.lostMessages == 1)
    }

    @Test func holdsItsMemoryBound() throws {
        var limits = CaptureLimits()
        limits.bufferedBytes = 10_000
        var decoder = CaptureDecoder(limits: limits)
        var messages = 0
        for port in UInt16(1000)..<1020 {
            var connection = ConnectionBuilder()
            connection.ports = (port, 5555)
            connection.time += Int64(port) * 1_000_000_000
            connection.open()
            connection.send(Wire.greeting() + Wire.ready)
            // Never finished: 2000 bytes of 3000.
            connection.send(Array(Wire.message(try Messages.frame(points: 250)).prefix(2000)))
            for packet in connection.packets {
                messages += decoder.receive(packet).count
                #expect(decoder.bufferedBytes <= 10_000)
            }
        }
        #expect(messages == 0 && decoder.statistics.total.lostMessages >= 14)
        #expect(decoder.statistics.lossCounts == [.forgotten: decoder.statistics.total.lostMessages])
        #expect(decoder.statistics.losses.first?.sentence.contains(": forgotten to hold a limit; cost frame 0") == true)
        // The same with segments that wait behind one that is missing.
        var greatest = 0
        for port in UInt16(2000)..<2020 {
            var connection = ConnectionBuilder()
            connection.ports = (port, 5555)
            connection.time += Int64(port) * 1_000_000_000
            connection.open()
            connection.send(Wire.greeting() + Wire.ready)
            connection.send(Wire.message(try Messages.frame(points: 250)), by: 400)
            connection.packets.remove(at: 4)
            for packet in connection.packets {
                messages += decoder.receive(packet).count
                greatest = max(greatest, decoder.bufferedBytes)
                #expect(decoder.bufferedBytes <= 10_000)
            }
        }
        #expect(messages == 0 && greatest > 9000 && decoder.statistics.lossCounts[.missingBytes, default: 0] >= 16)
        _ = decoder.finish()
        #expect(decoder.bufferedBytes == 0)
    }

    /// What waits behind a hole, or for a stream's beginning, is due by the capture's time, whoever's packets bring it.
    @Test(arguments: [true, false])
    func whatWaitsIsDueThoughItsScannerPauses(_ isSYNSeen: Bool) throws {
        let messages = try (0..<3).map { try Messages.frame(seq: $0, points: 200) }
        var paused = ConnectionBuilder()
        paused.open()
        paused.send(Wire.greeting() + Wire.ready)
        for message in messages { paused.send(Wire.message(message), by: 1000) }
        if isSYNSeen { paused.packets.remove(at: 4) } else { paused.packets.removeFirst(3) }
        var other = ConnectionBuilder()
        other.ports = (40002, 5555)
        other.time = paused.time
        other.interval = 1_000_000_000
        other.open()
        other.send([UInt8](repeating: 0xFF, count: 13), by: 1)
        var decoder = CaptureDecoder()
        var found: [[[UInt8]]] = []
        for packet in paused.packets { found += decoder.receive(packet).map(\.parts) }
        #expect(found.isEmpty)
        // One wrong time stamp makes nothing due.
        var wrong = other.packets[0]
        wrong.timestampNanoseconds += 3600_000_000_000
        #expect(decoder.receive(wrong).isEmpty)
        var due: [Int] = []
        for (second, packet) in other.packets.enumerated() {
            let given = decoder.receive(packet)
            if !given.isEmpty { due.append(second) }
            found += given.map(\.parts)
        }
        #expect(found == (isSYNSeen ? Array(messages[1...]) : messages))
        // 10 s for a missing segment, 1 s for a beginning; a second's step, and the lower of two packets' times.
        #expect(due.count == 1 && (isSYNSeen ? 10...13 : 1...4).contains(due.first ?? 0))
        #expect(decoder.finish().isEmpty)
    }

    // MARK: Explanations

    private func explanation(_ build: (inout ConnectionBuilder) -> Void) -> String {
        var connection = ConnectionBuilder()
        build(&connection)
        return decode(connection.packets).statistics.explanation ?? "none"
    }

    @Test func explainsWhyThereIsNoFrame() throws {
        #expect(decode([]).statistics.explanation == "The capture holds no packets.")
        let udp = explanation {
            $0.builder.protocolNumber = 17
            $0.open()
        }
        #expect(udp.contains("None of the capture's 2 packets is TCP") && udp.contains("2: not TCP"))
        #expect(udp.contains("over ipc is recorded at the monitor: `scanward record FOLDER --bind ENDPOINT`"))
        let idle = explanation { $0.open() }
        #expect(idle.contains("carried no data"))
        let http = explanation {
            $0.open()
            $0.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        }
        #expect(http.contains("10.0.0.1:40001 -> 10.0.0.2:5555: not ZMTP") && http.contains("check the port"))
        let curve = try StreamFixture.named("curve")
        let hidden = explanation {
            $0.open()
            $0.send(curve.toServer.bytes)
            $0.send(curve.toClient.bytes, reversed: true)
        }
        #expect(hidden.contains("CURVE hides topic and part boundaries: such a capture cannot be replayed"))
        #expect(hidden.contains("10.0.0.2:5555: ZMTP CURVE, \(curve.toServer.bytes.count) bytes there"))
        #expect(hidden.contains("`scanward record FOLDER --bind ENDPOINT --curve-secret FILE --allow-list FILE`"))
        let strange = explanation {
            $0.open()
            $0.send(Wire.greeting("\u{1B}[2J"))
        }
        #expect(strange.contains(#"ZMTP "\u{1b}[2J""#) && strange.contains(#""\u{1b}[2J" hides topic"#))
        #expect(!strange.contains("\u{1B}"))
        let silent = explanation {
            $0.open()
            $0.send(Wire.greeting() + Wire.ready)
        }
        #expect(silent.contains("sent no message") && silent.contains("ZMTP NULL, PUSH to ?"))
        let other = explanation {
            $0.open()
            $0.send(Wire.greeting() + Wire.ready + Wire.message([Array("Hello".utf8)]))
        }
        #expect(other.contains("begins with \"Hello\", expected a topic pcf/1/<source>"))
        let middle = explanation { $0.send([UInt8](repeating: 5, count: 3000)) }
        #expect(middle.contains("begins in the middle"))
    }

    /// A peer says what it likes of itself: little of it is kept, and none of it reaches a terminal as it is.
    @Test func keepsLittleOfWhatAPeerCallsItself() throws {
        let type = [UInt8](repeating: 0x1B, count: 40_000)
        let body =
            [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + PacketBuilder.bigEndian(UInt32(type.count))
            + type
        var connection = ConnectionBuilder()
        connection.open()
        connection.send(Wire.greeting() + [6] + PacketBuilder.bigEndian(UInt64(body.count)) + body)
        let statistics = decode(connection.packets).statistics
        #expect(statistics.connections.first?.toServer.socketType?.utf8.count == 16)
        let text = try #require(statistics.explanation)
        #expect(text.contains(#", "\u{1b}\u{1b}"#) && !text.contains("\u{1B}") && text.count < 1000)
    }

    // MARK: Captures of others

    @Test(.enabled(if: SharedCaptures.arePresent, "captures of others are not beside this package"))
    func decodesOthersPushCapture() throws {
        let (messages, statistics) = decode(try SharedCaptures.packets("push.pcap"))
        #expect(statistics.packets == 23)
        #expect(messages.map(\.parts) == [[[0x80, 0x04, 0x4B, 0x32, 0x2E]]])
        #expect(messages.first?.flow.description == "172.19.0.3:9999 -> 172.19.0.5:45138")
        #expect(statistics.total.faults.isEmpty && statistics.total.gaps == 0)
        #expect(statistics.explanation?.contains("are not frames") == true)
    }

    @Test(.enabled(if: SharedCaptures.arePresent, "captures of others are not beside this package"))
    func decodesOthersThreePatterns() throws {
        let (messages, statistics) = decode(try SharedCaptures.packets("req-pub-push.pcap"))
        #expect(statistics.packets == 79 && statistics.total.faults.isEmpty && statistics.total.gaps == 0)
        func parts(_ flow: String) -> [[String]] {
            messages.filter { $0.flow.description == flow }
                .map { $0.parts.map { String(decoding: $0, as: UTF8.self) } }
        }
        #expect(parts("172.19.0.5:58784 -> 172.19.0.2:5555") == [["", "Hello"]])
        #expect(parts("172.19.0.2:5555 -> 172.19.0.5:58784") == [["", "World"]])
        let times = parts("172.19.0.4:12345 -> 172.19.0.6:33626")
        #expect(times == (10...19).map { ["WAKTU Fri Sep 19 12:03:\($0) 2025"] })
        let pushed = messages.filter { $0.flow.source.port == 9999 }
        #expect(pushed.map(\.parts) == [[[0x80, 0x04, 0x4B, 0x54, 0x2E]]] && messages.count == 13)
        let types = statistics.connections.map { [$0.toServer.socketType, $0.toClient.socketType] }
        #expect(Set(types) == [["REQ", "REP"], ["SUB", "PUB"], ["PULL", "PUSH"]])
    }
}
