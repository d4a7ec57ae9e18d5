import FrameProtocol
import Testing

struct FrameRefusalTests {
    /// A message that is refused for exactly this reason, and limits under which it is.
    static func example(_ reason: FrameRefusal.Reason) -> (parts: [[UInt8]], limits: FrameLimits) {
        var parts = Messages.message()
        var limits = FrameLimits()
        switch reason {
        case .tooFewParts: parts.removeLast()
        case .frameTooLarge: limits.frameBytes = parts.reduce(0) { $0 + $1.count } - 1
        case .malformedTopic: parts[0] = Array("pcf/1/s 1".utf8)
        case .unknownSchema: parts = Messages.message(["schema": "\"pcf/2\""])
        case .headerTooLarge: parts[1] += [UInt8](repeating: 0x20, count: 64 << 10)
        case .malformedHeader: parts[1].removeLast()
        case .duplicateKey:
            parts[1] = Array((Messages.header().dropLast() + ", \"fr\\u0061me_index\": 1}").utf8)
        case .missingKey: parts = Messages.message(["end_of_part": nil])
        case .invalidValue: parts = Messages.message(["frame_index": "-1"])
        case .topicMismatch: parts[0] = Array("pcf/1/s2".utf8)
        case .unknownUnit: parts = Messages.message(["unit": "\"cm\""])
        case .unknownEncoding: parts = Messages.message(["encoding": "\"draco\""])
        case .unknownDtype:
            parts = Messages.message(["fields": Messages.fields(("x", 0, "<f4"), ("y", 4, ">f4"), ("z", 8, "<f4"))])
        case .missingField: parts = Messages.message(["fields": Messages.fields(("x", 0, "<f4"), ("y", 4, "<f4"))])
        case .duplicateField:
            parts = Messages.message([
                "fields": Messages.fields(("x", 0, "<f4"), ("y", 4, "<f4"), ("x", 8, "<f4"))
            ])
        case .overlappingFields:
            parts = Messages.message(["fields": Messages.fields(("x", 0, "<f4"), ("y", 3, "<f4"), ("z", 8, "<f4"))])
        case .fieldOutsideRecord:
            parts = Messages.message([
                "fields": Messages.fields(("x", 0, "<f4"), ("y", 4, "<f4"), ("z", 4_294_967_295, "<f4"))
            ])
        case .tooManyPoints: limits.points = 1
        case .sizeMismatch: parts[2].removeLast()
        case .checksumMismatch: parts[2][5] ^= 1
        }
        return (parts, limits)
    }

    /// Part 2 is not there because it was too large to be taken in: that is said, not that it was not sent.
    @Test func whatWasDiscardedMadeItTooLarge() throws {
        let parts = Messages.message()
        let bytes = parts.reduce(0) { $0 + $1.count }
        let refusal = try #require(throws: FrameRefusal.self) {
            try FrameDecoder().decode(parts: Array(parts[..<2]), discardedBytes: 70 << 20)
        }
        #expect(refusal.reason == .frameTooLarge && refusal.source == "s1")
        #expect(refusal.message.contains("found \(bytes - parts[2].count + (70 << 20)), of which"))
        // Nor is a message whole whose further parts were let go.
        #expect(try FrameDecoder().decode(parts: parts, discardedBytes: 100).points.count == 2)
        #expect(throws: FrameRefusal.self) {
            try FrameDecoder(limits: FrameLimits(frameBytes: bytes + 99)).decode(parts: parts, discardedBytes: 100)
        }
    }

    @Test(arguments: FrameRefusal.Reason.allCases)
    func namesTheReason(_ reason: FrameRefusal.Reason) throws {
        let (parts, limits) = Self.example(reason)
        let refusal = try #require(throws: FrameRefusal.self) {
            try FrameDecoder(limits: limits).decode(parts: parts)
        }
        #expect(refusal.reason == reason)
        #expect(refusal.message.contains("expected") && refusal.message.contains("found"))
        #expect(refusal.message.contains("; "), "what to do is missing: \(refusal.message)")
        #expect(refusal.source == (reason == .malformedTopic ? nil : reason == .topicMismatch ? "s2" : "s1"))
        let isHeaderRead = ![.tooFewParts, .frameTooLarge, .malformedTopic, .headerTooLarge].contains(reason)
        #expect(refusal.session == (isHeaderRead ? "a1b2" : nil))
        #expect(refusal.partID == (isHeaderRead ? "P-1" : nil))
        #expect(refusal.seq == (isHeaderRead ? 7 : nil))
    }

    @Test func acceptsTheSameMessageUnchanged() throws {
        #expect(try FrameDecoder().decode(parts: Messages.message()).points.count == 2)
    }

    /// Each required key left out.
    @Test(arguments: Messages.keys.map(\.0))
    func requires(_ key: String) throws {
        let refusal = try #require(throws: FrameRefusal.self) {
            try FrameDecoder().decode(parts: Messages.message([key: String?.none]))
        }
        #expect(refusal.reason == .missingKey)
        #expect(refusal.message.contains("\"\(key)\""))
    }

    /// Keys with values of a wrong type or out of range.
    @Test(arguments: [
        ("source", "\"\"", FrameRefusal.Reason.invalidValue), ("source", "\"a/b\"", .invalidValue),
        ("source", "1", .invalidValue), ("session", "\"\"", .invalidValue),
        ("session", "\"\(String(repeating: "a", count: 65))\"", .invalidValue), ("part_id", "\"\"", .invalidValue),
        ("part_id", "\"\(String(repeating: "\u{e4}", count: 129))\"", .invalidValue),
        ("part_id", "null", .invalidValue),
        ("seq", "18446744073709551616", .invalidValue), ("seq", "1.0", .invalidValue), ("seq", "1e3", .invalidValue),
        ("seq", "\"1\"", .invalidValue), ("seq", "-0", .invalidValue), ("frame_index", "4294967296", .invalidValue),
        ("end_of_part", "1", .invalidValue), ("end_of_part", "\"true\"", .invalidValue),
        ("t_capture_ns", "1.5e18", .invalidValue), ("t_send_ns", "null", .invalidValue),
        ("frames_total", "true", .invalidValue), ("part_type", "3", .invalidValue), ("clock", "\"gps\"", .invalidValue),
        ("unit", "null", .unknownUnit), ("unit", "\"MM\"", .unknownUnit), ("encoding", "null", .unknownEncoding),
        ("points", "-2", .invalidValue), ("point_step", "{}", .invalidValue), ("is_dense", "0", .invalidValue),
        ("crc32", "-1", .invalidValue), ("crc32", "\"0x1234\"", .invalidValue), ("user", "[]", .invalidValue),
        ("fields", "{}", .invalidValue), ("fields", "[1]", .invalidValue), ("fields", "[]", .missingField),
        ("fields", "[{\"name\": \"x\", \"offset\": 0}]", .missingKey),
        ("fields", "[{\"name\": \"x\", \"offset\": -1, \"dtype\": \"<f4\"}]", .invalidValue),
        ("height", "1", .missingKey), ("width", "2", .missingKey), ("pose", "[]", .invalidValue),
        ("pose", "{\"t\": [0, 0, 0]}", .missingKey), ("pose", "{\"q\": [0, 0, 0, 1]}", .missingKey),
        ("pose", "{\"t\": [0, 0], \"q\": [0, 0, 0, 1]}", .invalidValue),
        ("pose", "{\"t\": [0, 0, 0], \"q\": [0, 0, 0, 0]}", .invalidValue),
        ("pose", "{\"t\": [0, 0, 1e999], \"q\": [0, 0, 0, 1]}", .invalidValue),
        ("pose", "{\"t\": [0, 0, \"1\"], \"q\": [0, 0, 0, 1]}", .invalidValue),
        ("pose", "{\"t\": [0, 0, 0], \"t\": [0, 0, 0], \"q\": [0, 0, 0, 1]}", .duplicateKey),
        ("user", "{\"a\": {\"b\": 1, \"b\": 1}}", .duplicateKey), ("schema", "1", .unknownSchema),
    ])
    func checksTypesAndRanges(_ key: String, _ value: String, _ reason: FrameRefusal.Reason) throws {
        let refusal = try #require(throws: FrameRefusal.self) {
            try FrameDecoder().decode(parts: Messages.message([key: value]))
        }
        #expect(refusal.reason == reason, "\(refusal.message)")
        #expect(refusal.source == "s1")
    }

    @Test func checksTheOrganisedSize() throws {
        let refusal = try #require(throws: FrameRefusal.self) {
            try FrameDecoder().decode(parts: Messages.message(["height": "4294967295", "width": "4294967295"]))
        }
        #expect(refusal.reason == .sizeMismatch)
        #expect(try FrameDecoder().decode(parts: Messages.message(["height": "2", "width": "1"])).header.height == 2)
    }

    @Test(arguments: ["pcf/2/s1", "pcf/10/s1"])
    func tellsAnotherVersionByItsTopic(_ topic: String) throws {
        var parts = Messages.message()
        parts[0] = Array(topic.utf8)
        let refusal = try #require(throws: FrameRefusal.self) { try FrameDecoder().decode(parts: parts) }
        #expect(refusal.reason == .unknownSchema && refusal.source == "s1")
    }

    @Test(arguments: [
        "", "pcf", "pcf/1/", "pcf/1/a/b", "pcf//s1", "pcf/1x/s1", "PCF/1/s1", "pcf/1/\u{e4}", " pcf/1/s1",
    ])
    func refusesOtherTopics(_ topic: String) throws {
        var parts = Messages.message()
        parts[0] = Array(topic.utf8)
        let refusal = try #require(throws: FrameRefusal.self) { try FrameDecoder().decode(parts: parts) }
        #expect(refusal.reason == .malformedTopic)
    }

    /// Of a header that breaks off, what was complete before is still told.
    @Test func identifiesABrokenHeader() throws {
        var parts = Messages.message()
        let text = String(decoding: parts[1], as: UTF8.self)
        let cut = try #require(text.range(of: "\"frame_index\""))
        parts[1] = Array(text[..<cut.lowerBound].utf8)
        let refusal = try #require(throws: FrameRefusal.self) { try FrameDecoder().decode(parts: parts) }
        #expect(refusal.reason == .malformedHeader)
        #expect(refusal.session == "a1b2" && refusal.seq == 7 && refusal.partID == "P-1")

        // A part_id that stands twice names no part.
        parts[1] = Array((Messages.header().dropLast() + ", \"part_id\": \"P-2\"}").utf8)
        let twice = try #require(throws: FrameRefusal.self) { try FrameDecoder().decode(parts: parts) }
        #expect(twice.reason == .duplicateKey && twice.partID == nil && twice.seq == 7)
    }

    /// Nothing that a sender writes reaches a log unescaped or at full length.
    @Test func quotesWhatItShows() throws {
        let unit = "\"\\u001b[31m\\n\(String(repeating: "x", count: 1000))\""
        let refusal = try #require(throws: FrameRefusal.self) {
            try FrameDecoder().decode(parts: Messages.message(["unit": unit]))
        }
        #expect(refusal.message.count < 300)
        #expect(refusal.message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
}
