import SeededRandom
@testable import PointCloudFiles
import PointClouds
import Testing

@Suite struct FileTests {
    @Test(arguments: ["ascii.pcd", "binary.pcd", "ascii.ply", "little.ply", "big.ply"])
    func readsWhatOpen3DWrote(_ name: String) throws {
        let cloud = try PointCloudFile.read(Fixture.bytes(name))
        let expected = try Fixture.points("few.f32")
        let normals = try Fixture.points("few.normals.f32")
        #expect(cloud.points.count == 40)
        for (a, b) in zip(cloud.points, expected) {
            // Open3D writes some ascii files with six digits.
            #expect(BruteForce.squared(a, b) <= (name.hasPrefix("ascii") ? 1e-6 : 0))
        }
        if name == "big.ply" {
            #expect(cloud.intensities == (0..<40).map { Float($0 - 20) })
        } else {
            let found = try #require(cloud.normals)
            for (a, b) in zip(found, normals) { #expect(BruteForce.squared(a, b) < 1e-8) }
        }
    }

    @Test func readsCompressed() throws {
        let cloud = try PointCloudFile.read(Fixture.bytes("compressed.pcd"), format: .pcd)
        #expect(cloud.points == (try Fixture.points("repeated.f32")))
    }

    /// What repeats gets smaller, what does not grows by a thirty-second at most, and both come back.
    @Test func compressedBlocksHoldTheirBytes() throws {
        var g = SplitMix64(seed: 12)
        for n in [0, 1, 2, 3, 4, 31, 32, 33, 264, 265, 300, 8192, 20_000] {
            let random = (0..<n).map { _ in UInt8(g.next(below: 256)) }
            let few = (0..<n).map { _ in UInt8(g.next(below: 2)) }
            let same = [UInt8](repeating: 7, count: n)
            for bytes in [random, few, same, random + few + random] {
                let encoded = LZF.encode(bytes)
                #expect(encoded.count <= bytes.count + (bytes.count + 31) / 32)
                #expect(try LZF.decode(encoded[...], count: bytes.count) == bytes)
            }
            if n > 300 { #expect(LZF.encode(same).count < n / 50) }
        }
    }

    @Test func skipsFacesOfAMesh() throws {
        let cloud = try PointCloudFile.read(Fixture.bytes("mesh.ply"))
        #expect(cloud.points.count == 8 && cloud.points.contains(SIMD3(2, 3, 4)))
    }

    @Test(arguments: [
        (PointCloudFile.Format.pcd, PointCloudFile.Encoding.ascii), (.pcd, .binary), (.pcd, .compressed),
        (.ply, .ascii),
        (.ply, .binary), (.ply, .bigEndian), (.xyz, .ascii), (.csv, .ascii),
    ])
    func roundTrips(_ format: PointCloudFile.Format, _ encoding: PointCloudFile.Encoding) throws {
        var cloud = PointCloud(points: Clouds.surface(500) + [SIMD3(1e-30, -1e20, 0.1), SIMD3(-0.0, 16_777_216, 3)])
        cloud.intensities = cloud.points.indices.map { Float($0) / 7 }
        if format == .pcd || format == .ply { cloud.normals = cloud.points.map { $0 / 3 } }
        let bytes = try PointCloudFile.write(cloud, format: format, encoding: encoding)
        #expect(try PointCloudFile.read(bytes) == cloud)
        #expect(try PointCloudFile.read(bytes, format: format) == cloud)
        let empty = PointCloud(points: [])
        let nothing = try PointCloudFile.write(empty, format: format, encoding: encoding)
        #expect(try PointCloudFile.read(nothing, format: format).points.isEmpty)
    }

    @Test func writesColorsAndScalars() throws {
        let cloud = PointCloud(points: [SIMD3(1, 2, 3), SIMD3(4.5, 5, 6)])
        let attributes = PointAttributes(
            colors: [SIMD3(255, 0, 7), SIMD3(1, 2, 3)], scalars: [("anomaly score\n", [0.25, 1])])
        let text = try PointCloudFile.write(cloud, format: .ply, encoding: .ascii, attributes: attributes)
        #expect(
            String(decoding: text, as: UTF8.self) == """
                ply
                format ascii 1.0
                element vertex 2
                property float x
                property float y
                property float z
                property uchar red
                property uchar green
                property uchar blue
                property float anomaly_score_
                end_header
                1 2 3 255 0 7 0.25
                4.5 5 6 1 2 3 1

                """)
        let binary = try PointCloudFile.write(cloud, format: .ply, attributes: attributes)
        #expect(binary.count == 205 + 2 * 19)
        #expect(try PointCloudFile.read(binary).points == cloud.points)
    }

    @Test func readsEveryFieldTypeOfPCD() throws {
        var bytes = Array(
            """
            VERSION 0.7
            FIELDS a x _ y n z intensity
            SIZE 1 8 2 4 4 2 1
            TYPE U F I I F U I
            COUNT 1 1 3 1 2 1 1
            WIDTH 2
            HEIGHT 1
            DATA binary

            """.utf8)
        for (x, y, z, intensity) in [(1.5, Int32(-7), UInt16(65535), Int8(-3)), (-0.25, 9, 4, 5)] {
            bytes.append(200)
            withUnsafeBytes(of: x.bitPattern.littleEndian) { bytes += $0 }
            bytes += [9, 9, 9, 9, 9, 9]
            withUnsafeBytes(of: y.littleEndian) { bytes += $0 }
            bytes += [UInt8](repeating: 1, count: 8)
            withUnsafeBytes(of: z.littleEndian) { bytes += $0 }
            bytes.append(UInt8(bitPattern: intensity))
        }
        let cloud = try PointCloudFile.read(bytes)
        #expect(cloud.points == [SIMD3(1.5, -7, 65535), SIMD3(-0.25, 9, 4)])
        #expect(cloud.intensities == [-3, 5])
    }

    @Test(arguments: [
        "1 2 3\n4 5 6\n", "1,2,3\n4,5,6", "1\t2\t3\r\n4\t5\t6\r\n", "# made by hand\n1 2 3\n\n// more\n 4 5 6\n",
        "x,y,z\n1,2,3\n4,5,6\n", "2\n1 2 3\n4 5 6\n", "1;2;3\n4;5;6\n", "1 2 3 9 8\n4 5 6 7 8 9 10\n",
        "\"X\" \"Y\"\n1 2 3\n4 5 6",
        "1.0e0 +2 3.\n.4e1 50e-1 0.06E+2\n", "1 , 2 , 3\n4, 5 ,6\n", "\u{feff}1 2 3\n4 5 6\n",
    ])
    func readsText(_ text: String) throws {
        #expect(try PointCloudFile.read(Array(text.utf8)).points == [SIMD3(1, 2, 3), SIMD3(4, 5, 6)])
    }

    @Test func fourthOfFourColumnsIsTheIntensity() throws {
        let cloud = try PointCloudFile.read(Array("1 2 3 0.5\n4 5 6 1\n".utf8), format: .xyz)
        #expect(cloud.intensities == [0.5, 1])
    }

    @Test func numbersAreRoundedCorrectly() throws {
        var g = SplitMix64(seed: 6)
        var text = ""
        var expected: [Float] = []
        for _ in 0..<3000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: g.next()))
            if value.isFinite {
                text += "\(value) 0 0\n"
                expected.append(value)
            }
        }
        text +=
            "123456789012345678901234567890 nan -inf\n0.1000000000000000055511151231257827021181583404541015625 0 0\n"
        let points = try PointCloudFile.read(Array(text.utf8)).points
        #expect(points.dropLast(2).map(\.x) == expected)
        #expect(points[expected.count].x == 1.2345679e29 && points[expected.count].y.isNaN)
        #expect(points[expected.count].z == -.infinity && points[expected.count + 1].x == 0.1)
    }
}
