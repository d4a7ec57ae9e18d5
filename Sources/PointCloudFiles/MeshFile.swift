public import PointClouds

/// Triangle meshes as files: PLY, OBJ and STL, from bytes and to bytes.
///
/// As with `PointCloudFile`, nothing in a file is trusted; indices that name no vertex are refused with their place.
public enum MeshFile {
    public enum Format: String, Sendable, CaseIterable {
        /// Stanford 1.0: element `face` with a list `vertex_indices` or `vertex_index`, of any integer type.
        case ply
        /// Wavefront: `v`, `vn` and `f`; materials, groups, textures, lines and free-form surfaces are passed over.
        case obj
        /// Stereolithography, ascii (one solid or several) and binary.
        case stl

        /// By a file's extension, without the dot, in any case.
        public init?(fileExtension: String) { self.init(rawValue: fileExtension.lowercased()) }
    }

    /// Reads a mesh.
    ///
    /// Polygons are cut into fans from their first corner: concave ones may fold over themselves. STL's corners are
    /// welded where their coordinates are equal, and numbered as they first appear; its facet normals are passed over,
    /// as the corners' order gives them. Vertex normals are taken where each vertex has exactly one: OBJ's hard edges,
    /// where corners of one vertex name different ones, leave the mesh without. A file without faces is a mesh without
    /// triangles.
    /// - Parameters:
    ///   - format: nil looks at the first bytes.
    ///   - origin: subtracted from the coordinates in Double, before they are rounded (see `PointCloudFile.read`).
    /// - Complexity: O(bytes).
    public static func read(
        _ bytes: [UInt8], format: Format? = nil, origin: SIMD3<Double> = .zero
    ) throws(PointCloudFileError) -> TriangleMesh {
        switch try self.format(bytes, format) {
        case .ply: try PLYReader(bytes, origin: origin).readMesh()
        case .obj: try OBJReader.read(bytes, origin: origin)
        case .stl: try STLReader(bytes, origin: origin).read()
        }
    }

    /// Reads a mesh relative to an origin near it, as `PointCloudFile.readCentered` does a cloud.
    public static func readCentered(
        _ bytes: [UInt8], format: Format? = nil
    ) throws(PointCloudFileError) -> (mesh: TriangleMesh, origin: SIMD3<Double>) {
        let format = try self.format(bytes, format)
        let mesh = try read(bytes, format: format)
        let origin = PointCloudFile.suggestedOrigin(for: mesh.vertices)
        return origin == .zero ? (mesh, origin) : (try read(bytes, format: format, origin: origin), origin)
    }

    /// Writes a mesh; what is read back is the same, bit for bit, but for STL: it keeps neither vertex normals nor
    /// vertices that no triangle uses nor repeated ones, and numbers the vertices as they first appear.
    ///
    /// - Parameter encoding: OBJ is always ascii.
    public static func write(
        _ mesh: TriangleMesh, format: Format, encoding: PointCloudFile.Encoding = .binary
    ) -> [UInt8] {
        switch format {
        case .ply: PLYWriter(mesh.cloud, triangles: mesh.triangles).write(encoding)
        case .obj: OBJWriter.write(mesh.cloud, triangles: mesh.triangles)
        case .stl: STLWriter(mesh).write(encoding)
        }
    }

    private static func format(_ bytes: [UInt8], _ given: Format?) throws(PointCloudFileError) -> Format {
        if let given { return given }
        let found = PointCloudFile.Format(sniffing: bytes)
        guard let format = Format(rawValue: found.rawValue) else {
            throw PointCloudFileError(
                .unsupported, expected: "a mesh as ply, obj or stl", found: "what looks like \(found.rawValue)",
                at: .byte(0), advice: "write it in one of these, or name its format")
        }
        return format
    }
}
