import FrameProtocol
import Testing

/// Frames written by NumPy, with expected points from NumPy and SciPy (tools/reference/frames.py).
struct FrameFixture: Decodable, Sendable, CustomTestStringConvertible {
    struct File: Decodable {
        var tool: String
        var cases: [FrameFixture]
    }

    var name: String
    var parts: [Hex]
    var points: Hex
    var dropped: Int
    var intensities: Hex?

    var testDescription: String { name }

    static func all() throws -> [FrameFixture] { try fixture("frames", as: File.self).cases }
}

struct FrameDecoderTests {
    @Test(arguments: try FrameFixture.all())
    func readsWhatNumPyWrites(_ expected: FrameFixture) throws {
        let frame = try FrameDecoder().decode(parts: expected.parts.map(\.bytes))
        let points = frame.points.flatMap { [$0.x, $0.y, $0.z] }
        let reference = expected.points.floats
        #expect(points.count == reference.count)
        // Both compute in Double and round once; with a pose the sums may differ in their last bit.
        for (value, other) in zip(points, reference) {
            if frame.header.pose == nil {
                #expect(value == other)
            } else {
                #expect(abs(value - other) <= max(abs(other) * 1.2e-7, 1e-4))
            }
        }
        #expect(frame.droppedNonFinite == expected.dropped)
        #expect(frame.intensities == expected.intensities?.floats)
        #expect(frame.header.seq == .max)
        #expect(frame.header.partID == "Stück-0001")
    }

    @Test func readsEveryOptionalKey() throws {
        let fixture = try #require(try FrameFixture.all().first { $0.name == "organised, with everything" })
        let frame = try FrameDecoder().decode(parts: fixture.parts.map(\.bytes))
        let header = frame.header
        #expect(header.source == "line-1.left" && header.session == "9f3c" && header.frameIndex == 2)
        #expect(header.endOfPart == false && header.framesTotal == 3 && header.partType == "bracket")
        #expect(header.captureNanoseconds == 1_763_961_234_567_890_123)
        #expect(header.sendNanoseconds == 1_763_961_234_567_990_123)
        #expect(header.clock == .ptp && header.unit == .millimeters && header.isDense == true)
        #expect(header.points == 36 && header.pointStep == 31 && header.height == 4 && header.width == 9)
        #expect(header.fields.count == 10)
        #expect(header.fields.last == FrameField(name: "t_offset_ns", offset: 27, dtype: .uint32))
        #expect(header.user == #"{"order": "A-17", "nested": [1, {"\u00e4": null}]}"#)
        #expect(frame.unknownKeys == ["shiny"])
    }

    @Test func countsWhatItIgnores() throws {
        let fields =
            #"[{"name":"x","offset":0,"dtype":"<f4","a":1},{"name":"y","offset":4,"dtype":"<f4","a":2},"#
            + #"{"name":"z","offset":8,"dtype":"<f4","b":3}]"#
        let pose = #"{"t":[0,0,0],"q":[0,0,0,1],"frame":"cell"}"#
        var parts = Messages.message(["fields": fields, "pose": pose, "new": "[]", "other": "null"])
        parts += [[1, 2, 3], []]
        let frame = try FrameDecoder().decode(parts: parts)
        #expect(frame.ignoredParts == 2)
        #expect(frame.unknownKeys == ["new", "other", "fields[].a", "fields[].b", "pose.frame"])
        #expect(frame.points == [[1, 2, 3], [4, 5, 6]])
    }

    /// As many unknown keys as 64 KiB hold, in a field, in all fields, in the pose or in the header: the first 64 are named.
    @Test(arguments: ["field", "fields", "pose", "header"])
    func namesFewOfThousandsOfUnknownKeys(_ place: String) throws {
        let keys = (0..<5000).map { ",\"k\($0)\":0" }
        func field(_ name: String, _ offset: Int, _ more: String = "") -> String {
            #"{"name":"\#(name)","offset":\#(offset),"dtype":"|u1"\#(more)}"#
        }
        let floats = (0..<3).map { #"{"name":"\#(["x", "y", "z"][$0])","offset":\#($0 * 4),"dtype":"<f4"}"# }
        var changes: [String: String?] = [:]
        switch place {
        case "field":
            changes["point_step"] = "13"
            changes["fields"] = "[" + (floats + [field("a", 12, keys.joined())]).joined(separator: ",") + "]"
        case "fields":
            changes["point_step"] = "1012"
            let many = (0..<1000).map { field("f\($0)", 12 + $0, keys[$0]) }
            changes["fields"] = "[" + (floats + many).joined(separator: ",") + "]"
        case "pose": changes["pose"] = #"{"t":[0,0,0],"q":[0,0,0,1]\#(keys.joined())}"#
        default: for number in 0..<5000 { changes["k\(number)"] = "0" }
        }
        changes["points"] = "0"
        changes["crc32"] = "0"
        var parts = Messages.message(changes)
        parts[2] = []
        #expect(parts[1].count > 40_000 && parts[1].count <= 64 << 10)
        let frame = try FrameDecoder().decode(parts: parts)
        #expect(frame.unknownKeys.count == 64 && Set(frame.unknownKeys).count == 64)
        let prefix = ["pose": "pose.k", "header": "k"][place] ?? "fields[].k"
        #expect(frame.unknownKeys.allSatisfy { $0.hasPrefix(prefix) })
    }

    @Test func acceptsAHeaderOnlyEnd() throws {
        var parts = Messages.message(["points": "0", "crc32": "0"])
        parts[2] = []
        let frame = try FrameDecoder().decode(parts: parts)
        #expect(frame.points.isEmpty && frame.header.endOfPart && frame.intensities == nil)
    }

    @Test func dropsWhatOverflowsInMillimeters() throws {
        let values: [Float] = [1, 2, 3, 3e38, 0, 0]
        var parts = Messages.message(["unit": "\"m\""])
        parts[2] = values.withUnsafeBytes { Array($0) }
        parts[1] = Array(Messages.header(["unit": "\"m\"", "crc32": "\(Checksum.crc32(parts[2]))"]).utf8)
        let frame = try FrameDecoder().decode(parts: parts)
        #expect(frame.points == [[1000, 2000, 3000]] && frame.droppedNonFinite == 1)
    }

    @Test func normalisesAQuaternionOfAnyLength() throws {
        // A quarter turn about z, once near the least Double, once near the largest.
        for scale in [Double.leastNonzeroMagnitude, 1e-200, 3.0, 1e308] {
            let pose = "{\"t\": [10, 20, 30], \"q\": [0, 0, \(scale), \(scale)]}"
            let frame = try FrameDecoder().decode(parts: Messages.message(["pose": pose]))
            for (point, expected) in zip(frame.points, [SIMD3<Float>(8, 21, 33), SIMD3<Float>(5, 24, 36)]) {
                let difference = point - expected
                #expect((difference * difference).sum() < 1e-10)
            }
        }
    }

    @Test func computesTheChecksumOfZlib() {
        #expect(Checksum.crc32(Array("123456789".utf8)) == 0xCBF4_3926)  // the check value of CRC-32/ISO-HDLC
        #expect(Checksum.crc32([]) == 0)
    }
}
