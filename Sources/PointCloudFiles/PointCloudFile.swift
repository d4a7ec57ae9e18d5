public import PointClouds

/// Point clouds as files: PCD, PLY and plain text, from bytes and to bytes.
///
/// Nothing in a file is trusted: sizes are checked against the bytes that are there before anything is allocated.
public enum PointCloudFile {
    public enum Format: String, Sendable, CaseIterable {
        /// Point Cloud Library 0.7: ascii, binary, binary_compressed.
        case pcd
        /// Stanford 1.0: ascii, binary of both byte orders.
        case ply
        /// Text: x y z in each line, between blanks, tabs, commas or semicolons.
        case xyz
        /// The same, written with commas and a line of names.
        case csv

        /// By a file's extension, without the dot, in any case: txt, asc, pts and xyz are `xyz`.
        public init?(fileExtension: String) {
            switch fileExtension.lowercased() {
            case "pcd": self = .pcd
            case "ply": self = .ply
            case "csv": self = .csv
            case "xyz", "txt", "asc", "pts", "xyzn": self = .xyz
            default: return nil
            }
        }
    }

    public enum Encoding: Sendable {
        case ascii
        /// Little endian.
        case binary
    }

    /// Reads a cloud; points that are not finite are kept (`PointCloud.removingInvalid` drops them).
    ///
    /// Taken are x, y, z, the normals (`normal_x` or `nx`, ...) and `intensity`; everything else is passed over.
    /// In text files a fourth column is the intensity if there are exactly four.
    /// - Parameter format: nil looks at the first bytes.
    /// - Complexity: O(bytes).
    public static func read(
        _ bytes: [UInt8], format: Format? = nil
    ) throws(PointCloudFileError) -> PointCloud {
        switch format ?? sniff(bytes) {
        case .pcd: try PCDReader(bytes).read()
        case .ply: try PLYReader(bytes).read()
        case .xyz, .csv: try XYZReader(bytes).read()
        }
    }

    /// Writes a cloud, its normals and intensities; text formats are always ascii.
    ///
    /// - Parameter attributes: what else to write for each point, in PLY only.
    public static func write(
        _ cloud: PointCloud, format: Format, encoding: Encoding = .binary, attributes: PointAttributes = .none
    ) -> [UInt8] {
        switch format {
        case .pcd: PCDWriter(cloud).write(encoding)
        case .ply: PLYWriter(cloud, attributes).write(encoding)
        case .xyz: XYZWriter.write(cloud, separator: " ", names: false)
        case .csv: XYZWriter.write(cloud, separator: ",", names: true)
        }
    }

    private static func sniff(_ bytes: [UInt8]) -> Format {
        let start = String(decoding: bytes.prefix(16), as: UTF8.self)
        if start.hasPrefix("ply\n") || start.hasPrefix("ply\r") { return .ply }
        for mark in ["# .PCD", "VERSION", "FIELDS"] where start.hasPrefix(mark) { return .pcd }
        return .xyz
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
