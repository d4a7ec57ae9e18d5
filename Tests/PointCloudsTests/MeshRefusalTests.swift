import PointCloudFiles
import PointClouds
import Testing

/// Mesh files that are refused, and what the message says.
@Suite struct MeshRefusalTests {
    private static let ply =
        "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
    private static let list = "element face 1\nproperty list uchar int vertex_indices\nend_header\n"
    private static let points = "0 0 0\n1 0 0\n0 1 0\n"
    private static let vertices = "v 0 0 0\nv 1 0 0\nv 0 1 0\n"
    private static let facet =
        "facet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\n"
    /// A header and the number of triangles.
    private static func stl(_ count: [UInt8]) -> [UInt8] { [UInt8](repeating: 32, count: 80) + count }

    static let cases: [([UInt8], MeshFile.Format, PointCloudFileError.Code, String)] =
        binary + text.map { (Array($0.0.utf8), $0.1, $0.2, $0.3) }

    private static let text: [(String, MeshFile.Format, PointCloudFileError.Code, String)] = [
        (vertices + "f 1 2 4\n", .obj, .malformed, "among 3 vertices, from 1 or backwards from -1, found 4, at line 4"),
        (vertices + "f 1 2 0\n", .obj, .malformed, "found 0, at line 4"),
        (vertices + "f 1 2 -4\n", .obj, .malformed, "found -4, at line 4"),
        (vertices + "f 1 2 3\nf 1 2 \\\n9 3\nf 1 2 3\n", .obj, .malformed, "found 9, at line 6"),
        (vertices + "f 1 2 99999999999\n", .obj, .malformed, "found 99999999999"),
        (vertices + "f 1 2 9999999999999999999999\n", .obj, .malformed, "the number of a vertex"),
        (vertices + "vn 0 0 1\nf 1//1 2//1 3//2\n", .obj, .malformed, "among 1 normals"),
        (vertices + "vn 0 0 1\nf 1//0 2//1 3//1\n", .obj, .malformed, "found 0"),
        (vertices + "f 1 2\n", .obj, .malformed, "three corners or more, found 2, at line 4"),
        (vertices + "f\n", .obj, .malformed, "found 0, at line 4"),
        (vertices + "f 1 2 x\n", .obj, .malformed, "\"x\", at line 4"),
        (vertices + "f 1 2 3.5\n", .obj, .malformed, "a corner, found \"3.5\""),
        (vertices + "f 1,2,3\n", .obj, .malformed, "a corner"),
        (vertices + "f 1/1/1/1 2 3\n", .obj, .malformed, "a corner"),
        ("v 1 2\n", .obj, .malformed, "three coordinates, found the end of the line, at line 1"),
        ("v 1 2 z\n", .obj, .malformed, "\"z\""),
        ("vn 1 2\nv 1 2 3\n", .obj, .malformed, "components of a normal"),
        ("v1 1 2 3\n", .obj, .malformed, "a keyword of OBJ, found \"v1\", at line 1"),
        ("\r\n\n1 2 3\n", .obj, .malformed, "a keyword of OBJ, found \"1\", at line 3"),
        (ply + list + points + "3 0 1 3\n", .ply, .malformed, "in 0..<3, found 3.0, at line 13"),
        (ply + list + points + "3 0 1 -1\n", .ply, .malformed, "found -1.0"),
        (ply + list + points + "3 0 1 1.5\n", .ply, .malformed, "found 1.5"),
        (ply + list + points + "3 0 1 nan\n", .ply, .malformed, "found nan"),
        (ply + list + points + "2 0 1\n", .ply, .malformed, "three corners or more, found 2, at line 13"),
        (ply + list + points + "3.5 0 1 2\n", .ply, .malformed, "fits in the file"),
        (ply + list + points + "999999999 0 1 2\n", .ply, .malformed, "fits in the file"),
        (ply + list + points + "3 0 1\n", .ply, .truncated, "a number for vertex_indices"),
        (ply + list.replacing("face 1", with: "face 999999999") + points + "3 0 1 2\n", .ply, .truncated, "at line 14"),
        (ply + list.replacing("int", with: "float") + points + "3 0 1 2\n", .ply, .header, "vertex_indices of whole"),
        (
            ply + list.replacing("vertex_indices", with: "corners") + points + "3 0 1 2\n", .ply, .header,
            "vertex_indices"
        ),
        (
            ply + "element face 1\nproperty int vertex_indices\nend_header\n" + points + "3\n", .ply, .header,
            "a list vertex_indices"
        ),
        (ply + "element face 9\nend_header\n" + points, .ply, .header, "vertex_indices"),
        (
            ply + "element tristrips 1\nproperty list int int vertex_indices\nend_header\n" + points, .ply,
            .unsupported,
            "tristrips"
        ),
        ("solid a\n", .stl, .truncated, "\"facet\", found the end of the file, at line 2"),
        ("solid a\n" + facet, .stl, .truncated, "\"facet\""),
        (
            "solid a\n" + facet.replacing("endloop", with: "vertex 1 1 0\nendloop"), .stl, .malformed,
            "\"endloop\", found \"vertex\", at line 7"
        ),
        (
            "solid a\n" + facet.replacing("vertex 1 0 0", with: "vertex 1 0"), .stl, .malformed,
            "three coordinates, found \"vertex\", at line 6"
        ),
        ("solid a\n" + facet.replacing("0 0 1", with: "0 0"), .stl, .malformed, "\"outer\", found \"loop\""),
        ("solid a\n" + facet.replacing("normal 0", with: "normal , 0"), .stl, .malformed, "components of a normal"),
        ("solid a\n" + facet.prefix(56), .stl, .truncated, "the end of the file"),
        ("solid a\nendsolid a\nfacet", .stl, .malformed, "\"solid\", found \"facet\", at line 3"),
        ("facet normal 0 0 1\n", .stl, .truncated, "84 bytes, found 19 bytes, at byte 19"),
    ]

    private static let binary: [([UInt8], MeshFile.Format, PointCloudFileError.Code, String)] = [
        ([], .stl, .truncated, "found 0 bytes, at byte 0"),
        (stl([]), .stl, .truncated, "found 80 bytes, at byte 80"),
        (stl([1, 0, 0, 0]) + [UInt8](repeating: 0, count: 49), .stl, .truncated, "1 triangles of 50 bytes, found 49"),
        (stl([255, 255, 255, 255]) + [UInt8](repeating: 0, count: 50), .stl, .truncated, "4294967295 triangles"),
        (stl([1, 0, 0, 0]) + [UInt8](repeating: 0, count: 100), .stl, .malformed, "as byte 80 says, found 100 bytes"),
        (
            Array("solid of bytes".utf8) + stl([3, 0, 0, 0]).dropFirst(14) + [UInt8](repeating: 0, count: 100), .stl,
            .truncated, "3 triangles of 50 bytes, found 100 bytes, at byte 184"
        ),
        (face([3, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]), .ply, .malformed, "in 0..<3, found 3.0, at byte 206"),
        (face([2, 0, 0, 0, 0, 1, 0, 0, 0]), .ply, .malformed, "three corners or more, found 2, at byte 205"),
        (face([3, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0]), .ply, .malformed, "fits in the 11 bytes left, found 3.0"),
        (face([]), .ply, .truncated, "1 bytes of vertex_indices"),
    ]

    private static func face(_ bytes: [UInt8]) -> [UInt8] {
        Array((ply.replacing("ascii", with: "binary_little_endian") + list).utf8) + [UInt8](repeating: 0, count: 36)
            + bytes
    }

    @Test(arguments: cases.indices)
    func refuses(_ number: Int) {
        let (bytes, format, code, part) = Self.cases[number]
        let error = #expect(throws: PointCloudFileError.self) { _ = try MeshFile.read(bytes, format: format) }
        #expect(error?.code == code, "\(error?.message ?? "")")
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("expected ") == true && error?.message.contains("; ") == true)
    }

    @Test func aCloudIsNoSTL() {
        let error = #expect(throws: PointCloudFileError.self) {
            _ = try PointCloudFile.write(PointCloud(points: [SIMD3(1, 2, 3)]), format: .stl)
        }
        #expect(error?.code == .unsupported && error?.message.contains("pcd, ply, obj, xyz or csv") == true)
        #expect(PointCloudFile.Format.allCases.filter { !$0.holdsClouds } == [.stl])
    }

    @Test func textIsNoMesh() {
        let error = #expect(throws: PointCloudFileError.self) { _ = try MeshFile.read(Array("1 2 3\n".utf8)) }
        #expect(error?.code == .unsupported && error?.message.contains("looks like xyz") == true)
    }
}
