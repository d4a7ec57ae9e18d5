internal import PointClouds

/// Writes STL: every triangle by its corners, with its unit normal (zero where it has none).
struct STLWriter {
    private let mesh: TriangleMesh

    init(_ mesh: TriangleMesh) { self.mesh = mesh }

    func write(_ encoding: PointCloudFile.Encoding) -> [UInt8] {
        encoding == .ascii ? text() : binary()
    }

    private func binary() -> [UInt8] {
        var out = ByteWriter()
        out.reserve(84 + 50 * mesh.triangles.count)
        // Not "solid": other programs take that for text.
        let title = "binary STL, mm"
        out.text(title + String(repeating: " ", count: 80 - title.utf8.count))
        out.integer(UInt32(mesh.triangles.count))
        for (triangle, normal) in zip(mesh.triangles, mesh.triangleNormals()) {
            for axis in 0..<3 { out.float(normal[axis]) }
            for corner in 0..<3 {
                let vertex = mesh.vertices[Int(triangle[corner])]
                for axis in 0..<3 { out.float(vertex[axis]) }
            }
            // The attribute byte count, which means nothing.
            out.byte(0)
            out.byte(0)
        }
        return out.bytes
    }

    private func text() -> [UInt8] {
        var out = ByteWriter()
        out.reserve(32 + 256 * mesh.triangles.count)
        out.text("solid mesh\n")
        for (triangle, normal) in zip(mesh.triangles, mesh.triangleNormals()) {
            out.text("facet normal")
            out.decimals(normal)
            out.text("\n outer loop\n")
            for corner in 0..<3 {
                out.text("  vertex")
                out.decimals(mesh.vertices[Int(triangle[corner])])
                out.text("\n")
            }
            out.text(" endloop\nendfacet\n")
        }
        out.text("endsolid mesh\n")
        return out.bytes
    }
}
