import Inspection
import Testing

@testable import HeatMaps

@Suite struct PLYTests {
    /// Header lines, and the body after them.
    private func parts(_ file: [UInt8]) throws -> (header: [String], body: ArraySlice<UInt8>) {
        let mark = Array("end_header\n".utf8)
        let end = try #require((0..<file.count - mark.count + 1).first { Array(file[$0..<$0 + mark.count]) == mark })
        let header = String(decoding: file[..<end], as: UTF8.self).split(separator: "\n").map(String.init)
        return (header, file[(end + mark.count)...])
    }

    private func float(_ body: ArraySlice<UInt8>, _ offset: Int) -> Float {
        let at = body.startIndex + offset
        return Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(body[at + $1]) << (8 * UInt32($1)) })
    }

    @Test func everyField() throws {
        let map = ScoreMap(
            points: [[1.5, -2, 3], [.nan, 0, 0], [4, 5, 6]], partPointCount: 2, fused: [12, 1, 8], channels: [:],
            deviations: [0.25, 0, -3])
        let (header, body) = try parts(Samples.input(map, partID: "P-17").ply())
        #expect(header[0] == "ply" && header[1] == "format binary_little_endian 1.0")
        #expect(header.contains("comment part P-17") && header.contains("comment unit mm"))
        #expect(header.contains("comment missing surface from vertex 1"))
        #expect(
            header.drop { !$0.hasPrefix("element") } == [
                "element vertex 2", "property float x", "property float y", "property float z", "property uchar red",
                "property uchar green", "property uchar blue", "property float score", "property float deviation",
            ])
        #expect(body.count == 2 * 23)
        #expect([0, 4, 8].map { float(body, $0) } == [1.5, -2, 3])
        #expect(Array(body[body.startIndex + 12..<body.startIndex + 15]) == [0x80, 0x00, 0x26])
        #expect(float(body, 15) == 12 && float(body, 19) == 0.25)
        #expect([23, 27, 31].map { float(body, $0) } == [4, 5, 6])
        let missing = ColorScale.missing
        #expect(
            Array(body[body.startIndex + 35..<body.startIndex + 38]) == [missing.red, missing.green, missing.blue])
        #expect(float(body, 38) == 8 && float(body, 42) == -3)
    }

    @Test func withoutRegistrationThereIsNoDeviation() throws {
        let (header, body) = try parts(Samples.input(Samples.holedSphere(100)).ply())
        #expect(!header.contains("property float deviation"))
        #expect(body.count == 100 * 19)
    }

    @Test func namesCannotAddToTheHeader() throws {
        let (header, _) = try parts(
            Samples.input(Samples.hotSphere(3), partID: "x\nelement vertex 9\r\nend_header\u{e9}").ply())
        #expect(header.count { $0.hasPrefix("element") } == 1)
        #expect(header.contains("comment part x?element vertex 9??end_header?"))
    }
}
