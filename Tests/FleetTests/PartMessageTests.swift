import SeededRandom
import Testing

@testable import Fleet

struct PartMessageTests {
    @Test func pointsComeBackBitForBit() throws {
        var points = bowl(30_000)
        points += [SIMD3(.nan, -.infinity, -0), SIMD3(.leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e-30)]
        let compressed = PointCompression.compress(points)
        let back = try PointCompression.decompress(compressed, count: points.count)
        #expect(zip(points, back).allSatisfy { a, b in (0..<3).allSatisfy { a[$0].bitPattern == b[$0].bitPattern } })
        #expect(back.count == points.count)
        // Half of what they are; each byte costs bandwidth (docs/scaling.md). Noise stays as it is.
        #expect(compressed.count < 6 * points.count)
        let noise = noise(1000)
        #expect(PointCompression.compress(noise).count <= 12 * noise.count + 60)
        #expect(try PointCompression.decompress(PointCompression.compress(noise), count: 1000) == noise)
        #expect(PointCompression.compress([]).isEmpty)
        #expect(try PointCompression.decompress([], count: 0).isEmpty)
    }

    @Test(arguments: [0, 1, 500, 30_000]) func aMessageComesBack(count: Int) throws {
        let points = bowl(count)
        let message = PartMessage(ticket: ticket(), points: points)
        let back = try PartMessage(whole: message.encoded())
        #expect(back == message)
        #expect(back.ticket.points == count)
        #expect(try back.points() == points)
    }

    @Test func whatDoesNotFitComesInChunks() throws {
        let message = PartMessage(ticket: ticket(), points: bowl(30_000))
        let (small, none) = try message.encoded(limit: 1 << 20)
        #expect(none.isEmpty)
        #expect(try PartMessage.Received(small).message(chunks: []) == message)
        let limit = 20_000
        let (head, chunks) = try message.encoded(limit: limit)
        #expect(chunks.count > 3)
        #expect(([head] + chunks).allSatisfy { $0.count <= limit - PartMessage.margin })
        let received = try PartMessage.Received(head)
        #expect(received.chunks == chunks.count)
        #expect(try received.message(chunks: chunks) == message)
        // What is only part of it, or in another order, or another part's, is none.
        #expect(throws: FleetError.self) { try received.message(chunks: Array(chunks.dropLast())) }
        var swapped = chunks
        swapped.swapAt(0, 1)
        #expect(throws: FleetError.self) { try received.message(chunks: swapped) }
        let other = try PartMessage(ticket: ticket(), points: bowl(30_000, seed: 2)).encoded(limit: limit).chunks
        #expect(throws: FleetError.self) { try received.message(chunks: [other[0]] + chunks.dropFirst()) }
        #expect(throws: FleetError.self) { try PartMessage(whole: head) }
    }

    @Test func aTicketThatFitsNowhereIsRefusedInASentence() throws {
        var large = ticket()
        large.user = String(repeating: "x", count: 10_000)
        let message = PartMessage(ticket: large, points: bowl(10))
        let error = #expect(throws: FleetError.self) { try message.encoded(limit: 8_000) }
        #expect(error?.message.contains("max_payload of 8000") == true)
    }

    /// Every byte is under the checksum, or is checked by itself: no change goes unseen, and none crashes.
    @Test func aChangedByteIsSeen() throws {
        let message = PartMessage(ticket: ticket(), points: bowl(40))
        let bytes = try message.encoded()
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x20
            #expect(throws: FleetError.self, "byte \(place)") { try PartMessage(whole: changed) }
        }
        for count in 0..<bytes.count {
            #expect(throws: FleetError.self, "\(count) bytes") { try PartMessage(whole: Array(bytes[..<count])) }
        }
        #expect(throws: FleetError.self) { try PartMessage(whole: bytes + [0]) }
    }

    @Test func noiseIsRefusedInSentences() throws {
        var random = SplitMix64(seed: 5)
        for round in 0..<2_000 {
            var noise = (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if round % 2 == 0, noise.count > 4 { noise.replaceSubrange(0..<4, with: PartMessage.magic) }
            let error = #expect(throws: FleetError.self) { try PartMessage.Received(noise) }
            #expect(error?.message.hasPrefix("expected ") == true)
            #expect(throws: FleetError.self) { try FleetAnswer(noise) }
            #expect(throws: FleetError.self) { try WorkerReport(noise) }
        }
    }

    /// Sizes that the header only claims are not allocated for.
    @Test func aBombIsRefused() {
        let claims = [UInt8](repeatElement([1, 3, 0, 0, 0], count: 12).joined())
        let error = #expect(throws: FleetError.self) {
            try PointCompression.decompress(
                claims + [UInt8](repeating: 7, count: 36), count: PointCompression.maximumPoints)
        }
        #expect(error?.message.contains("cannot hold them") == true)
        #expect(throws: FleetError.self) { try PointCompression.decompress(claims, count: 10) }
        let large = [UInt8](repeatElement([0, 255, 255, 255, 255], count: 12).joined())
        #expect(throws: FleetError.self) { try PointCompression.decompress(large, count: 10) }
        #expect(throws: FleetError.self) { try PointCompression.decompress([], count: -1) }
        #expect(throws: FleetError.self) { try PointCompression.decompress([], count: .max) }
        #expect(throws: FleetError.self) { try PointCompression.decompress([1], count: 0) }
        // More points than were said.
        let compressed = PointCompression.compress(bowl(100))
        #expect(throws: FleetError.self) { try PointCompression.decompress(compressed, count: 99) }
        #expect(throws: FleetError.self) { try PointCompression.decompress(compressed, count: 101) }
    }

    @Test(arguments: ["result id", "model", "threshold", "points", "times", "schema"])
    func aTicketWithAWrongFieldIsRefused(field: String) throws {
        var wrong = PartMessage(ticket: ticket(), points: [])
        switch field {
        case "result id": wrong.ticket.resultID = "../../etc/passwd"
        case "model": wrong.ticket.model.id = "mug"
        case "threshold": wrong.ticket.model.threshold = -1
        case "points": wrong.ticket.points = -5
        case "times": wrong.ticket.firstCaptureNs = 5_000
        default: wrong.ticket.schema = "fleet-part/2"
        }
        let bytes = try wrong.encoded()
        let error = #expect(throws: FleetError.self) { try PartMessage(whole: bytes) }
        #expect(error?.message.hasPrefix("expected ") == true)
    }

    /// Of a file that a power cut tore, whose part it was can mostly be told.
    @Test func aTornPartTellsItsTicket() throws {
        let bytes = try PartMessage(ticket: ticket(), points: bowl(500)).encoded()
        let torn = Array(bytes.prefix(bytes.count / 2))
        #expect(throws: FleetError.self) { try PartMessage(whole: torn) }
        #expect(PartMessage.ticket(ofTorn: torn)?.partID == "part 7")
        for length in [0, 3, 24, 100] { #expect(PartMessage.ticket(ofTorn: Array(bytes.prefix(length))) == nil) }
        var other = torn
        other[0] = 0
        #expect(PartMessage.ticket(ofTorn: other) == nil)
    }

    @Test func answersComeBack() throws {
        for content: FleetAnswer.Content in [
            .verdict(Array(#"{"schema":"verdict/1"}"#.utf8)), .returned("the model is not there"),
            .abandoned(deaths: 3),
        ] {
            let answer = FleetAnswer(resultID: "ab", worker: "w1", content: content)
            #expect(try FleetAnswer(answer.encoded()) == answer)
        }
        var seen = FleetAnswer(resultID: "ab", worker: "w1", content: .verdict([1]))
        seen.hasCloud = true
        #expect(try FleetAnswer(seen.encoded()) == seen)
        let bare = try FleetAnswer(resultID: "ab", worker: "w1", content: .verdict([])).encoded()
        #expect(throws: FleetError.self) { try FleetAnswer(bare) }
    }
}
