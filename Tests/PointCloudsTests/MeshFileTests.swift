import PointCloudFiles
import PointClouds
import Testing

@Suite struct MeshFileTests {
    @Test(arguments: [
        "trimesh.binary.ply", "trimesh.ascii.ply", "trimesh.obj", "open3d.binary.ply", "open3d.ascii.ply", "open3d.obj",
    ])
    func readsWhatOthersWrote(_ name: String) throws {
        let reference = try MeshReference.ring()
        let bytes = try Fixture.bytes("meshes/ring.\(name)")
        let mesh = try MeshFile.read(bytes)
        #expect(mesh.triangles == reference.triangles)
        // Open3D writes text with six digits: 5e-5 on each axis.
        let tolerance: Float = name.hasPrefix("open3d") && !name.contains("binary") ? 8e-9 : 0
        for (a, b) in zip(mesh.vertices, reference.points) { #expect(BruteForce.squared(a, b) <= tolerance) }
        #expect(mesh.vertices.count == reference.vertices.count)
        #expect((mesh.vertexNormals != nil) == name.hasPrefix("open3d"))
        for (a, b) in zip(mesh.vertexNormals ?? [], try MeshReference.vertexNormals()) {
            #expect(BruteForce.squared(a, b) < 1e-10)
        }
        let cloud = try PointCloudFile.read(bytes)
        #expect(cloud.points == mesh.vertices && cloud.normals == mesh.vertexNormals)
    }

    @Test(arguments: ["trimesh.binary.stl", "trimesh.ascii.stl", "open3d.binary.stl"])
    func readsSTLOfOthers(_ name: String) throws {
        let reference = try MeshReference.ring().mesh()
        let bytes = try Fixture.bytes("meshes/ring.\(name)")
        let mesh = try MeshFile.read(bytes)
        #expect(mesh.corners == reference.corners)
        #expect(mesh.vertices.count == reference.vertices.count && mesh.vertexNormals == nil)
        #expect(try PointCloudFile.read(bytes, format: .stl).points == mesh.vertices)
    }

    static let mesh = try! TriangleMesh(
        vertices: [
            SIMD3(0.1, 1e-30, -1e20), SIMD3(-0.0, 16_777_216, 3), SIMD3(1 / 3, .nan, -.infinity), SIMD3(5, 6, 7),
        ],
        triangles: [SIMD3(0, 1, 2), SIMD3(3, 1, 0), SIMD3(2, 2, 2)],
        vertexNormals: [SIMD3(0, 0, 1), SIMD3(0.6, 0.8, -0.0), SIMD3(1, 0, 0), SIMD3(-1, 0, 0)])

    static func bits(_ vectors: [SIMD3<Float>]?) -> [[UInt32]]? {
        vectors.map { $0.map { v in (0..<3).map { v[$0].isNaN ? 0x7fc0_0000 : v[$0].bitPattern } } }
    }

    @Test(arguments: [
        (MeshFile.Format.ply, PointCloudFile.Encoding.ascii), (.ply, .binary), (.ply, .bigEndian), (.obj, .ascii),
        (.stl, .ascii), (.stl, .binary),
    ])
    func roundTripsBitForBit(_ format: MeshFile.Format, _ encoding: PointCloudFile.Encoding) throws {
        let mesh = Self.mesh
        let bytes = MeshFile.write(mesh, format: format, encoding: encoding)
        for again in [try MeshFile.read(bytes, format: format), try MeshFile.read(bytes)] {
            #expect(again.triangles == mesh.triangles)
            #expect(Self.bits(again.vertices) == Self.bits(mesh.vertices))
            #expect(Self.bits(again.vertexNormals) == (format == .stl ? nil : Self.bits(mesh.vertexNormals)))
        }
        let ring = try MeshReference.ring().mesh()
        let back = try MeshFile.read(MeshFile.write(ring, format: format, encoding: encoding), format: format)
        #expect(back.corners == ring.corners && (format == .stl || back == ring))
        let empty = MeshFile.write(try TriangleMesh(vertices: [], triangles: []), format: format, encoding: encoding)
        #expect(try MeshFile.read(empty, format: format).triangles.isEmpty)
    }

    @Test func writesBinarySTLByteForByte() throws {
        let mesh = try TriangleMesh(vertices: TriangleMeshTests.square, triangles: [SIMD3(0, 1, 2), SIMD3(0, 2, 3)])
        let bytes = MeshFile.write(mesh, format: .stl)
        #expect(bytes.count == 84 + 100 && !bytes.starts(with: Array("solid".utf8)))
        #expect(Array(bytes[80..<84]) == [2, 0, 0, 0])
        // The normal 0 0 1, then the first corner.
        #expect(Array(bytes[84..<108]) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 63] + [UInt8](repeating: 0, count: 12))
        let text = MeshFile.write(mesh, format: .stl, encoding: .ascii)
        #expect(
            String(decoding: text, as: UTF8.self).hasPrefix(
                "solid mesh\nfacet normal 0 0 1\n outer loop\n  vertex 0 0 0\n"))
    }

    @Test func binarySTLMayStartWithSolid() throws {
        var bytes = MeshFile.write(try MeshReference.ring().mesh(), format: .stl)
        bytes.replaceSubrange(0..<12, with: Array("solid facet ".utf8))
        #expect(try MeshFile.read(bytes).corners == MeshReference.ring().mesh().corners)
        // A trailer of a few bytes is passed over.
        #expect(try MeshFile.read(bytes + [1, 2, 3], format: .stl).triangles.count == MeshReference.ring().faces.count)
    }

    @Test func readsSeveralSolids() throws {
        let one =
            "solid a b\n facet normal 0 0 -1.#IND\nouter loop vertex 0 0 0 vertex 1 0 0\r\n"
            + "vertex 0 1 0\nendloop\n endfacet\nendsolid a b\n"
        let mesh = try MeshFile.read(Array((one + one.uppercased() + "solid\nendsolid").utf8))
        #expect(mesh.vertices == [SIMD3(0, 0, 0), SIMD3(1, 0, 0), SIMD3(0, 1, 0)])
        #expect(mesh.triangles == [SIMD3(0, 1, 2), SIMD3(0, 1, 2)])
    }

    @Test func readsEveryKindOfCornerOfOBJ() throws {
        let text = """
            # a comment \\
            that goes on
            mtllib a.mtl
            v 0 0 0
            v 1 0 0 0.5
            v 1 1 0 255 0 0 # red
            v 0 1 0\r
            vt 0 0
            vn 0 0 1
            g one
            usemtl red
            s off
            f 1 2 3
            f 1/1 2/1 3/1
            f 1//1 2//1 \\
            3//1
            f 1/1/1 2/1/1 3/1/1 4/1/1
            f -4 -3 -2
            f +1/ 5 3 # behind the face
            l 1 2
            p 1
            v 7 8 9
            """
        let mesh = try MeshFile.read(Array(text.utf8))
        #expect(mesh.vertices.count == 5 && mesh.vertices[4] == SIMD3(7, 8, 9))
        let first = SIMD3<Int32>(0, 1, 2)
        #expect(mesh.triangles == [first, first, first, first, SIMD3(0, 2, 3), first, SIMD3(0, 4, 2)])
        #expect(mesh.vertexNormals == nil)
    }

    @Test func normalsOfOBJAreTakenWhereEachVertexHasOne() throws {
        let vertices = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\n"
        func normals(_ rest: String) throws -> [SIMD3<Float>]? {
            try MeshFile.read(Array((vertices + rest).utf8)).vertexNormals
        }
        let up = SIMD3<Float>(0, 0, 1)
        #expect(try normals("vn 0 0 1\nf 1//1 2//1 3//1\nf 2//1 4//1 3//1\n") == [up, up, up, up])
        #expect(try normals("vn 0 0 1\nvn 0 0 1\nf 1//1 2//1 3//1\nf 2//2 4//2 3//2\n") == [up, up, up, up])
        // A hard edge, and a vertex without any.
        #expect(try normals("vn 0 0 1\nvn 1 0 0\nf 1//1 2//1 3//1\nf 2//2 4//2 3//2\n") == nil)
        #expect(try normals("vn 0 0 1\nf 1//1 2//1 3//1\nf 2//1 4 3//1\n") == nil)
        // By number, faces or not.
        let four = "vn 1 0 0\nvn 2 0 0\nvn 3 0 0\nvn 4 0 0\n"
        #expect(try normals(four)?.map(\.x) == [1, 2, 3, 4])
        #expect(try normals(four + "f 1 2 3\n")?.map(\.x) == [1, 2, 3, 4])
        #expect(try normals(four + "f 1 2 3\nf 4//1 2//2 3//3\n") == nil)
        #expect(try normals(four + "f 1//4 2//3 3//2\nf 4//1 2//3 3//2\n")?.map(\.x) == [4, 3, 2, 1])
    }

    @Test(arguments: ["char", "uchar", "short", "ushort", "int", "uint"])
    func readsFacesOfEveryIntegerType(_ type: String) throws {
        let header =
            "element vertex 4\nproperty float x\nproperty float y\nproperty float z\nelement face 2\n"
            + "property uchar flags\nproperty list \(type) \(type) vertex_index\n"
            + "property list uchar float more\nend_header\n"
        let expected = [SIMD3<Int32>(0, 1, 2), SIMD3(3, 2, 1), SIMD3(3, 1, 0)]
        let text = "ply\nformat ascii 1.0\n" + header + "0 0 0\n1 0 0\n1 1 0\n0 1 0\n9 3 0 1 2 1 0.5\n9 4 3 2 1 0 0\n"
        #expect(try MeshFile.read(Array(text.utf8)).triangles == expected)
        let size = type.hasSuffix("char") ? 1 : type.hasSuffix("short") ? 2 : 4
        for big in [false, true] {
            func number(_ value: Int, _ size: Int) -> [UInt8] {
                let little = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
                return big ? little.reversed() : little
            }
            var bytes = Array("ply\nformat binary_\(big ? "big" : "little")_endian 1.0\n\(header)".utf8)
            bytes += [UInt8](repeating: 0, count: 48)
            for (corners, more) in [([0, 1, 2], 1), ([3, 2, 1, 0], 0)] {
                bytes += [9] + number(corners.count, size) + corners.flatMap { number($0, size) }
                bytes += [UInt8(more)] + [UInt8](repeating: 7, count: 4 * more)
            }
            #expect(try MeshFile.read(bytes).triangles == expected)
            #expect(try PointCloudFile.read(bytes).points.count == 4)
        }
    }

    @Test func facesMayComeBeforeTheirVertices() throws {
        let text =
            "ply\nformat ascii 1.0\nelement face 1\nproperty list uchar int vertex_indices\nelement vertex 3\n"
            + "property float x\nproperty float y\nproperty float z\nend_header\n3 0 1 2\n0 0 0\n1 0 0\n0 1 0\n"
        #expect(try MeshFile.read(Array(text.utf8)).area == 0.5)
    }

    @Test func cloudsInOBJ() throws {
        let cloud = PointCloud(points: Clouds.surface(100), normals: Clouds.surface(100, seed: 8))
        #expect(try PointCloudFile.read(PointCloudFile.write(cloud, format: .obj)) == cloud)
        let plain = PointCloud(points: cloud.points)
        #expect(try PointCloudFile.read(PointCloudFile.write(plain, format: .obj), format: .obj) == plain)
    }

    @Test func formatsByExtensionAndByContent() throws {
        #expect(PointCloudFile.Format(fileExtension: "OBJ") == .obj)
        #expect(PointCloudFile.Format(fileExtension: "Stl") == .stl)
        #expect(MeshFile.Format(fileExtension: "STL") == .stl && MeshFile.Format(fileExtension: "pcd") == nil)
        // What XYZ is, although its names start as OBJ's keywords do.
        for text in ["g x y\n1 2 3\n", "v x y\n1 2 3\n", "solid,y,z\n1 2 3\n"] {
            #expect(try PointCloudFile.read(Array(text.utf8)).points == [SIMD3(1, 2, 3)])
        }
        #expect(try PointCloudFile.read(Array("\u{feff}# by hand\no part\nv 1 2 3\n".utf8)).points == [SIMD3(1, 2, 3)])
    }
}
