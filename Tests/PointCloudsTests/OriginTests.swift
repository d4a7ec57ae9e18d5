import PointCloudFiles
import PointClouds
import Testing

/// Coordinates of 1,000,000 mm with detail of 0.01 mm.
@Suite struct OriginTests {
    private static let origin = SIMD3<Double>(1_000_448, -2_000_896, 0)
    /// Steps of 0.01 mm, in hundredths.
    private static let detail = (0..<60).map { SIMD3<Int>($0, 7 * $0 % 60, -3 * $0) }

    private static func text(_ point: SIMD3<Int>) -> String {
        func decimal(_ hundredths: Int) -> String {
            let sign = hundredths < 0 ? "-" : ""
            let digits = String(abs(hundredths) % 100)
            return "\(sign)\(abs(hundredths) / 100).\(digits.count == 1 ? "0" : "")\(digits)"
        }
        return (0..<3).map { decimal(point[$0] + Int(origin[$0]) * 100) }.joined(separator: " ")
    }

    private static let vertices = detail.map(text)

    static let files: [(PointCloudFile.Format, [UInt8])] = [
        (.xyz, Array((vertices.joined(separator: "\n")).utf8)),
        (.obj, Array(vertices.map { "v \($0)\n" }.joined().utf8)),
        (
            .stl,
            Array(
                ("solid a\n"
                    + stride(from: 0, to: 60, by: 3).map { at in
                        "facet normal 0 0 0 outer loop "
                            + vertices[at..<at + 3].map { "vertex \($0)\n" }.joined() + "endloop endfacet\n"
                    }.joined() + "endsolid a\n").utf8)
        ),
        (
            .ply,
            Array(
                ("ply\nformat ascii 1.0\nelement vertex 60\nproperty double x\nproperty double y\nproperty double z\n"
                    + "end_header\n" + vertices.joined(separator: "\n") + "\n").utf8)
        ),
        (.ply, binary("little")), (.ply, binary("big")), (.pcd, pcd("ascii")), (.pcd, pcd("binary")),
    ]

    private static func pcd(_ kind: String) -> [UInt8] {
        let header = "FIELDS x y z\nSIZE 8 8 8\nTYPE F F F\nWIDTH 60\nDATA \(kind)\n"
        let data = kind == "ascii" ? Array(vertices.joined(separator: "\n").utf8) : binary("little").suffix(60 * 24)
        return Array(header.utf8) + data
    }

    private static func binary(_ order: String) -> [UInt8] {
        var bytes = Array(
            ("ply\nformat binary_\(order)_endian 1.0\nelement vertex 60\nproperty double x\nproperty double y\n"
                + "property double z\nend_header\n").utf8)
        for point in detail {
            for axis in 0..<3 {
                let bits = (Double(point[axis] + Int(origin[axis]) * 100) / 100).bitPattern
                bytes += withUnsafeBytes(of: order == "big" ? bits.bigEndian : bits.littleEndian, Array.init)
            }
        }
        return bytes
    }

    @Test(arguments: files.indices)
    func detailSurvives(_ number: Int) throws {
        let (format, bytes) = Self.files[number]
        let cloud = try PointCloudFile.read(bytes, format: format, origin: Self.origin)
        #expect(cloud.points.count == 60)
        for (a, b) in zip(cloud.points, Self.detail) {
            #expect(BruteForce.squared(a, SIMD3<Float>(SIMD3<Double>(b) / 100)) < 1e-14)
        }
        let found = try PointCloudFile.readCentered(bytes, format: format)
        #expect(found.origin == SIMD3(1_000_448, -2_000_896, 0))
        #expect(found.cloud == cloud)
        // Without an origin it is lost.
        #expect(Set(try PointCloudFile.read(bytes, format: format).points.map(\.x)).count < 20)
    }

    @Test func meshesToo() throws {
        let triangles = (0..<20).map { SIMD3<Int32>(3 * $0, 3 * $0 + 1, 3 * $0 + 2) }
        for number in [1, 2, 3] {
            let (format, bytes) = Self.files[number]
            let found = try MeshFile.readCentered(bytes, format: MeshFile.Format(rawValue: format.rawValue))
            #expect(found.origin == Self.origin && found.mesh.vertices.count == 60)
            if format == .stl { #expect(found.mesh.triangles == triangles) }
        }
    }

    @Test func whatIsNearStaysAsItIs() throws {
        let cloud = PointCloud(points: Clouds.surface(100))
        for format in PointCloudFile.Format.allCases where format.holdsClouds {
            let found = try PointCloudFile.readCentered(PointCloudFile.write(cloud, format: format))
            #expect(found.origin == .zero && found.cloud.points == cloud.points)
        }
        #expect(PointCloudFile.suggestedOrigin(for: []) == .zero)
        #expect(PointCloudFile.suggestedOrigin(for: [SIMD3(.nan, 1e9, 0), SIMD3(.infinity, 0, 0)]) == .zero)
    }

    @Test func strayPointsAndTheOrderDoNotDecide() {
        let far = Clouds.surface(99).map { $0 + SIMD3(3e6, 0, -1e5) }
        let stray = far + [SIMD3(1e30, -1e30, 0)] + [SIMD3<Float>](repeating: .zero, count: 40)
        let origin = PointCloudFile.suggestedOrigin(for: stray)
        #expect(origin.y == 0 && abs(origin.x - 3e6) < 1024 && abs(origin.z + 1e5) < 1024)
        #expect(PointCloudFile.suggestedOrigin(for: Clouds.shuffled(stray).points) == origin)
        #expect(PointCloudFile.suggestedOrigin(for: Clouds.surface(99) + [SIMD3(1e30, -1e30, 0)]) == .zero)
    }
}
