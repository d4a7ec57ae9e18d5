public import PointClouds

/// Point clouds as files: PCD, PLY, OBJ, STL and plain text, from bytes and to bytes.
///
/// Nothing in a file is trusted: sizes are checked against the bytes that are there before anything is allocated.
/// `MeshFile` reads and writes the triangles too, where a format has them.
public enum PointCloudFile {
    public enum Format: String, Sendable, CaseIterable {
        /// Point Cloud Library 0.7: ascii, binary, binary_compressed.
        case pcd
        /// Stanford 1.0: ascii, binary of both byte orders.
        case ply
        /// Wavefront: the vertices of a mesh, or points alone.
        case obj
        /// Stereolithography, ascii and binary: the distinct corners of triangles. Read only: it has no points of their
        /// own.
        case stl
        /// Text: x y z in each line, between blanks, tabs, commas or semicolons.
        case xyz
        /// The same, written with commas and a line of names.
        case csv

        /// By a file's extension, without the dot, in any case: txt, asc, pts and xyz are `xyz`.
        public init?(fileExtension: String) {
            switch fileExtension.lowercased() {
            case "pcd": self = .pcd
            case "ply": self = .ply
            case "obj": self = .obj
            case "stl": self = .stl
            case "csv": self = .csv
            case "xyz", "txt", "asc", "pts", "xyzn": self = .xyz
            default: return nil
            }
        }

        /// Whether a cloud can be written in it: all but `stl`, which knows points as corners of triangles only.
        public var holdsClouds: Bool { self != .stl }
    }

    public enum Encoding: Sendable, CaseIterable {
        case ascii
        /// Little endian.
        case binary
        /// PCD's `binary_compressed`; formats without one are written as `binary`.
        case compressed
        /// PLY's `binary_big_endian`; formats without one are written as `binary`.
        case bigEndian
    }

    /// Reads a cloud; points that are not finite are kept (`PointCloud.removingInvalid` drops them).
    ///
    /// Taken are x, y, z, the normals (`normal_x` or `nx`, ...; OBJ's where each vertex has one) and `intensity`;
    /// everything else is passed over. In text files a fourth column is the intensity if there are exactly four.
    /// Of an STL file come its distinct corners, in the order in which they first appear.
    /// - Parameters:
    ///   - format: nil looks at the first bytes.
    ///   - origin: subtracted from the coordinates, in Double, before they are rounded to Float: at 1,000,000 mm Float
    ///     steps by 0.06 mm, and the detail of a part that lies there is kept only so (`readCentered` finds one).
    /// - Complexity: O(bytes).
    public static func read(
        _ bytes: [UInt8], format: Format? = nil, origin: SIMD3<Double> = .zero
    ) throws(PointCloudFileError) -> PointCloud {
        switch format ?? Format(sniffing: bytes) {
        case .pcd: try PCDReader(bytes, origin: origin).read()
        case .ply: try PLYReader(bytes, origin: origin).read()
        case .obj: try OBJReader.read(bytes, origin: origin).cloud
        case .stl: try STLReader(bytes, origin: origin).read().cloud
        case .xyz, .csv: try XYZReader(bytes, origin: origin).read()
        }
    }

    /// Writes a cloud, its normals (PCD, PLY, OBJ) and intensities (all but OBJ); text formats are always ascii.
    ///
    /// - Parameter attributes: what else to write for each point, in PLY only.
    /// - Throws: `unsupported` for `stl`, and for nothing else (`Format.holdsClouds`): triangles without area would
    ///   look empty to every other program, and a file without triangles would lose the cloud unsaid.
    public static func write(
        _ cloud: PointCloud, format: Format, encoding: Encoding = .binary, attributes: PointAttributes = .none
    ) throws(PointCloudFileError) -> [UInt8] {
        switch format {
        case .pcd: return PCDWriter(cloud).write(encoding)
        case .ply: return PLYWriter(cloud, attributes).write(encoding)
        case .obj: return OBJWriter.write(cloud)
        case .stl:
            throw PointCloudFileError(
                .unsupported, expected: "a format that holds points (pcd, ply, obj, xyz or csv)",
                found: "stl, which holds triangles only", at: .byte(0),
                advice: "choose one of these, or write a mesh with MeshFile")
        case .xyz: return XYZWriter.write(cloud, separator: " ", names: false)
        case .csv: return XYZWriter.write(cloud, separator: ",", names: true)
        }
    }
}

/// What is written for each point beside its coordinates, normal and intensity.
public struct PointAttributes: Sendable {
    /// Red, green, blue. Shape [N].
    public var colors: [SIMD3<UInt8>]?
    /// Named values, written as `float`. Names are letters, digits and underscores. Each of shape [N].
    public var scalars: [(name: String, values: [Float])]

    public init(colors: [SIMD3<UInt8>]? = nil, scalars: [(name: String, values: [Float])] = []) {
        self.colors = colors
        self.scalars = scalars
    }

    public static let none = PointAttributes()
}
