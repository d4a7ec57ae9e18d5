import FrameProtocol
import Testing

struct FrameEncoderTests {
    private func header() -> FrameHeader {
        FrameHeader(
            source: "cam.1_-", session: "s\"\\/\u{1F600}", seq: .max, partID: "Teil \u{e4}", frameIndex: 3,
            endOfPart: true, captureNanoseconds: .max)
    }

    @Test func readsBackWhatItWrote() throws {
        var header = header()
        header.framesTotal = 4
        header.partType = "bracket"
        header.sendNanoseconds = 5
        header.clock = .device
        header.unit = .meters
        (header.height, header.width) = (1, 2)
        header.isDense = true
        header.pose = FramePose(translation: [0.1, -1e-300, 5], quaternion: [0, 0, 0, 1])
        header.user = "{\"a\" : [1,\t2]}"
        let points: [SIMD3<Float>] = [[1.5, -2, 3], [0.25, 5, 6]]
        let parts = try FrameEncoder().encode(header, points: points, intensities: [7, 8])
        let frame = try FrameDecoder().decode(parts: parts)
        header.points = 2
        header.pointStep = 16
        header.fields = FrameField.packed(["x", "y", "z", "intensity"], as: .float32)
        header.crc32 = Checksum.crc32(parts[2])
        #expect(frame.header == header)
        #expect(frame.points == [[1600, -2000, 8000], [350, 5000, 11000]])
        #expect(frame.intensities == [7, 8] && frame.unknownKeys.isEmpty && frame.droppedNonFinite == 0)
    }

    @Test func writesRecordsOfAnyLayout() throws {
        var header = header()
        header.points = 1
        header.pointStep = 7
        header.fields = [
            FrameField(name: "z", offset: 0, dtype: .int16), FrameField(name: "x", offset: 2, dtype: .uint8),
            FrameField(name: "y", offset: 3, dtype: .int32),
        ]
        let parts = try FrameEncoder().encode(header, records: [0xFE, 0xFF, 200, 0, 0, 1, 0])
        #expect(try FrameDecoder().decode(parts: parts).points == [[200, 65536, -2]])
    }

    @Test func refusesWhatADecoderWould() throws {
        func reason(_ change: (inout FrameHeader) -> Void, records: [UInt8] = []) -> FrameRefusal.Reason? {
            var header = header()
            change(&header)
            do {
                _ = try FrameEncoder().encode(header, records: records)
                return nil
            } catch { return error.reason }
        }
        #expect(reason { _ in } == nil)
        #expect(reason { $0.source = "a/b" } == .malformedTopic)
        #expect(reason { $0.partID = "" } == .invalidValue)
        // Names go through tables, files and databases.
        for control in ["a\u{0}b", "\u{1F}", "\u{1B}[2J", "\n", "\u{7F}", "\u{9B}"] {
            #expect(reason { $0.partID = control } == .invalidValue)
            #expect(reason { $0.session = control } == .invalidValue)
            #expect(reason { $0.partType = control } == .invalidValue)
        }
        #expect(reason { $0.user = "{\"a\": 1, \"a\": 2}" } == .duplicateKey)
        #expect(reason { $0.user = "{}, \"seq\": 1" } == .duplicateKey)
        #expect(reason { $0.user = "{" } == .malformedHeader)
        #expect(reason { $0.user = "{\"a\": \"\(String(repeating: "x", count: 70_000))\"}" } == .headerTooLarge)
        #expect(reason { $0.pose = FramePose(translation: [0, 0, .nan], quaternion: [0, 0, 0, 1]) } == .invalidValue)
        #expect(reason { $0.points = 1 } == .sizeMismatch)
        #expect(reason({ $0.fields.removeLast() }) == .missingField)
    }
}
