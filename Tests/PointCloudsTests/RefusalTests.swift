import SeededRandom
import PointCloudFiles
import PointClouds
import Testing

/// Files that are refused, and what the message says.
@Suite struct RefusalTests {
    private static let pcd = "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\n"
    private static let ply =
        "ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\nproperty float z\n"

    static let cases: [(String, PointCloudFile.Format, PointCloudFileError.Code, String)] = [
        ("", .pcd, .header, "line 1"),
        (pcd + "WIDTH 3\nHEIGHT 1\nPOINTS 3\nDATA ascii\n1 2 3\n4 5 6\n", .pcd, .truncated, "found 2, at line"),
        (pcd + "WIDTH 2\nHEIGHT 1\nPOINTS 2\nDATA ascii\n1 2 3\n4 x 6\n", .pcd, .malformed, "found \"x\", at line 11"),
        (pcd + "WIDTH 2\nHEIGHT 1\nPOINTS 2\nDATA ascii\n1 2 3 4\n4 5 6\n", .pcd, .malformed, "at line 10"),
        (pcd + "WIDTH 2\nHEIGHT 1\nPOINTS 3\nDATA ascii\n", .pcd, .header, "WIDTH x HEIGHT"),
        (pcd + "WIDTH -2\nHEIGHT 1\nPOINTS 3\nDATA ascii\n", .pcd, .header, "after WIDTH"),
        (pcd + "WIDTH 9223372036854775807\nHEIGHT 9223372036854775807\nDATA binary\n", .pcd, .tooLarge, "2^31"),
        (pcd + "WIDTH 2000000000\nHEIGHT 1\nDATA binary\nabc", .pcd, .truncated, "24000000000 bytes"),
        (pcd + "WIDTH 2000000000\nHEIGHT 1\nDATA ascii\n1 2 3\n", .pcd, .truncated, "found 1"),
        (pcd + "WIDTH 2\nHEIGHT 1\nDATA zipped\n", .pcd, .unsupported, "\"zipped\""),
        (pcd + "WIDTH 2\nHEIGHT 1\nDATA binary_compressed\nabc", .pcd, .truncated, "8 bytes"),
        (pcd + "WIDTH 2\nHEIGHT 1\nDATA binary_compressed\n\u{1}\0\0\0\u{18}\0\0\0x", .pcd, .malformed, "LZF"),
        ("FIELDS x y\nSIZE 4 4\nTYPE F F\nWIDTH 1\nDATA ascii\n1 2\n", .pcd, .header, "x, y and z"),
        ("FIELDS x y z\nSIZE 4 4 3\nTYPE F F F\nWIDTH 1\nDATA ascii\n", .pcd, .header, "field 3"),
        ("FIELDS x y z\nSIZE 4 4\nTYPE F F F\nWIDTH 1\nDATA ascii\n", .pcd, .header, "3 values of SIZE"),
        ("FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 99999999999\nWIDTH 1\nDATA ascii\n", .pcd, .header, "count"),
        (
            "FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 2\nWIDTH 1\nDATA ascii\n1 2 3 4\n", .pcd, .header,
            "one value"
        ),
        ("plx\n", .ply, .header, "line 1"),
        (ply, .ply, .header, "end_header"),
        (ply + "end_header\n1 2 3\n4 5\n", .ply, .truncated, "number for z"),
        (ply + "end_header\n1 2 3\n4 five 6\n", .ply, .malformed, "\"five\", at line 9"),
        ("ply\nformat binary 1.0\n", .ply, .unsupported, "\"binary\""),
        ("ply\nformat ascii 1.0\nelement face 0\nend_header\n", .ply, .header, "element vertex"),
        ("ply\nformat ascii 1.0\nproperty float x\nend_header\n", .ply, .header, "before its properties"),
        (
            "ply\nformat ascii 1.0\nelement a 99999999999\nelement vertex 1\nproperty float x\nproperty float y\n"
                + "property float z\nend_header\n1 2 3\n", .ply, .header, "properties of element a"
        ),
        (ply.replacing("ascii", with: "binary_little_endian") + "end_header\n0123", .ply, .truncated, "2 vertices"),
        (
            ply.replacing("ascii", with: "binary_big_endian").replacing("vertex 2", with: "vertex 4611686018427387904")
                + "end_header\n0123", .ply, .tooLarge, "2^31"
        ),
        ("1 2 3\n4 5\n", .xyz, .malformed, "the end of the line, at line 2"),
        ("1 2 3 4\n5 6 7\n", .xyz, .malformed, "fourth"),
        ("1 2 3\n4 5 z\n", .csv, .malformed, "\"z\""),
        ("!1 2 3\n", .xyz, .malformed, "line 1"),
    ]

    @Test(arguments: cases.indices)
    func refuses(_ number: Int) {
        let (text, format, code, part) = Self.cases[number]
        let error = #expect(throws: PointCloudFileError.self) {
            _ = try PointCloudFile.read(Array(text.utf8), format: format)
        }
        #expect(error?.code == code, "\(error?.message ?? "")")
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("expected ") == true && error?.message.contains("; ") == true)
    }

    /// Bytes changed, inserted, removed, cut off: read or refused, never a crash.
    @Test func damagedFilesNeverCrash() throws {
        var files: [[UInt8]] = []
        for name in ["ascii.pcd", "binary.pcd", "compressed.pcd", "ascii.ply", "little.ply", "big.ply", "mesh.ply"] {
            files.append(try Fixture.bytes(name))
        }
        let cloud = PointCloud(points: Clouds.surface(60), intensities: (0..<60).map { Float($0) })
        for format in PointCloudFile.Format.allCases where format.holdsClouds {
            files.append(try PointCloudFile.write(cloud, format: format))
        }
        var g = SplitMix64(seed: 2024)
        var refused = 0
        for round in 0..<6000 {
            var bytes = files[round % files.count]
            for _ in 0...g.next(below: 4) {
                // Half of all changes within the header.
                let reach = g.next(below: 2) == 0 ? bytes.count : min(bytes.count, 300)
                guard reach > 0 else { break }
                let at = g.next(below: reach)
                switch g.next(below: 6) {
                case 0: bytes[at] = UInt8(truncatingIfNeeded: g.next())
                case 1: bytes[at] ^= 1 << UInt8(g.next(below: 8))
                case 2: bytes.remove(at: at)
                case 3: bytes.insert(Array("0189-. \nexf".utf8)[g.next(below: 11)], at: at)
                case 4: bytes.removeSubrange(at..<min(bytes.count, at + g.next(below: 40)))
                default: bytes.insert(contentsOf: "9999999999".utf8.prefix(g.next(below: 10)), at: at)
                }
            }
            if g.next(below: 4) == 0 { bytes.removeLast(g.next(below: bytes.count + 1)) }
            do {
                let read = try PointCloudFile.read(bytes)
                #expect(read.points.count <= 2 * bytes.count)
                _ = read.removingInvalid()
            } catch {
                refused += 1
                #expect(error.message.hasPrefix("expected "))
            }
        }
        #expect(refused > 1000)
    }
}
