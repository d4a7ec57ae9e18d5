import Testing

@testable import FrameProtocol

struct ArrayAdapterTests {
    private func adapter(gap: Duration? = nil) -> ArrayAdapter {
        ArrayAdapter(.init(source: "cam", unit: .meters, gap: gap), session: "s")
    }

    private func bytes<Scalar>(_ values: [Scalar]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

    /// Three points of three floats, under a header.
    private func message(_ header: String) -> [[UInt8]] {
        [Array(header.utf8), bytes([1, 2, 3, 4, 5, 6, 7, 8, 9] as [Float])]
    }

    private func frame(_ adapter: inout ArrayAdapter, _ message: [[UInt8]], at time: UInt64 = 5_000_000) throws -> Frame
    {
        #expect(ArrayAdapter.isArray(message))
        return try FrameDecoder().decode(parts: adapter.message(of: message, unixNanoseconds: time))
    }

    @Test func eachArrayIsAPart() throws {
        var adapter = adapter()
        for index in 0..<2 as Range<UInt64> {
            let frame = try frame(&adapter, message("{\"dtype\": \"float32\", \"shape\": [3, 3]}"))
            let header = frame.header
            #expect(header.source == "cam" && header.session == "s" && header.seq == index)
            #expect(header.partID == "5-\(index + 1)" && header.frameIndex == 0 && header.endOfPart)
            #expect(
                header.captureNanoseconds == 5_000_000
                    && frame.points == [[1000, 2000, 3000], [4000, 5000, 6000], [7000, 8000, 9000]])
            let ending = adapter.end(unixNanoseconds: 0)
            #expect(!adapter.isPartOpen && ending == nil)
        }
    }

    @Test func arraysUpToASilenceAreAPart() throws {
        var adapter = adapter(gap: .seconds(1))
        let sent = message("{\"dtype\":\"<f4\",\"shape\":[3,3]}")
        let first = try frame(&adapter, sent), second = try frame(&adapter, sent, at: 9_000_000)
        #expect(adapter.isPartOpen)
        let ending = adapter.end(unixNanoseconds: 10)
        let end = try FrameDecoder().decode(parts: #require(ending))
        #expect([first, second, end].map(\.header.partID) == ["5-1", "5-1", "5-1"])
        #expect([first, second, end].map(\.header.frameIndex) == [0, 1, 2])
        #expect([first, second, end].map(\.header.seq) == [0, 1, 2])
        #expect([first, second, end].map(\.header.endOfPart) == [false, false, true] && end.points.isEmpty)
        let another = adapter.end(unixNanoseconds: 11)
        #expect(!adapter.isPartOpen && another == nil)
        let next = try frame(&adapter, sent)
        #expect(next.header.partID == "5-2" && next.header.frameIndex == 0 && next.header.seq == 3)
    }

    /// Numbers beyond x, y and z are passed over, an organised cloud is read row by row.
    @Test func rowsOfMoreNumbersAndOrganisedClouds() throws {
        var adapter = adapter()
        let values: [Int16] = (0..<2 * 3 * 5).map { Int16($0) }
        let frame = try frame(
            &adapter, [Array("{\"htype\":[\"array-1.0\"],\"type\":\"int16\",\"shape\":[2,3,5]}".utf8), bytes(values)])
        #expect(frame.header.points == 6 && frame.header.pointStep == 10)
        #expect(frame.points.first == [0, 1000, 2000] && frame.points.last == [25_000, 26_000, 27_000])
    }

    @Test func framesOfPSIAreCounted() throws {
        var adapter = adapter(gap: .seconds(1))
        func psi(_ number: Int) -> [[UInt8]] {
            message(
                "{\"htype\":\"array-1.0\",\"type\":\"float32\",\"shape\":[3,3],\"frame\":\(number),\"endianess\":\"little\"}"
            )
        }
        let headers = try [7, 8, 11, 3].map { try frame(&adapter, psi($0)).header }
        #expect(headers.map(\.seq) == [0, 1, 4, 0])
        #expect(headers.map(\.frameIndex) == [0, 1, 4, 0])
        #expect(headers.map(\.session) == ["s", "s", "s", "s-1"])
        #expect(headers[2].partID != headers[3].partID)
    }

    @Test(arguments: [
        ("{\"shape\":[3,3]}", FrameRefusal.Reason.missingKey, "\"dtype\""),
        ("{\"dtype\":\">f4\",\"shape\":[3,3]}", .unknownDtype, "as NumPy writes it"),
        ("{\"dtype\":\"complex64\",\"shape\":[3,3]}", .unknownDtype, "\"complex64\""),
        ("{\"dtype\":\"<f4\"}", .missingKey, "[N, 3]"), ("{\"dtype\":\"<f4\",\"shape\":[9]}", .invalidValue, "[N, 3]"),
        ("{\"dtype\":\"<f4\",\"shape\":[3,2]}", .invalidValue, "[N, 3]"),
        ("{\"dtype\":\"<f4\",\"shape\":[4,3]}", .sizeMismatch, "48"),
        ("{\"dtype\":\"<f4\",\"shape\":[65536,65536,3]}", .tooManyPoints, "points"),
        ("{\"htype\":\"array-2.0\",\"type\":\"float32\",\"shape\":[3,3]}", .unknownSchema, "array-1.0"),
        (
            "{\"htype\":\"array-1.0\",\"type\":\"float32\",\"shape\":[3,3],\"endianess\":\"big\"}", .unknownDtype,
            "little"
        ),
        ("{\"dtype\":\"<f4\",\"dtype\":\"<f4\",\"shape\":[3,3]}", .duplicateKey, "byte"),
        ("{\"dtype\":", .malformedHeader, "byte"),
    ])
    func whatIsNoArrayIsRefused(header: String, reason: FrameRefusal.Reason, part: String) {
        var adapter = adapter(gap: .seconds(1))
        let refusal = #expect(throws: FrameRefusal.self) {
            _ = try adapter.message(of: message(header), unixNanoseconds: 5_000_000)
        }
        #expect(refusal?.reason == reason && refusal?.message.contains(part) ?? false, "\(refusal?.message ?? "")")
        #expect(refusal?.source == "cam" && refusal?.session == "s" && refusal?.partID == "5-1" && refusal?.seq == 0)
        // Its place in the part is taken: the part is known to lack it.
        let end = adapter.end(unixNanoseconds: 5).flatMap { try? FrameDecoder().decode(parts: $0) }
        #expect(end?.header.frameIndex == 1 && end?.header.partID == "5-1")
    }

    @Test func otherMessagesAreRefused() {
        var adapter = adapter()
        let header = Array("{\"dtype\":\"<f4\",\"shape\":[0,3]}".utf8)
        #expect(throws: FrameRefusal.self) { _ = try adapter.message(of: [header], unixNanoseconds: 0) }
        #expect(throws: FrameRefusal.self) { _ = try adapter.message(of: [header, [], []], unixNanoseconds: 0) }
        let cut = #expect(throws: FrameRefusal.self) {
            _ = try adapter.message(of: [header], discardedBytes: 9, unixNanoseconds: 0)
        }
        #expect(cut?.reason == .frameTooLarge)
        #expect(!ArrayAdapter.isArray([Array("pcf/1/cam".utf8), header]) && !ArrayAdapter.isArray([]))
    }
}
