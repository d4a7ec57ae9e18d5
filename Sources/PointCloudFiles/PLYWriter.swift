internal import PointClouds

/// Writes PLY 1.0.
struct PLYWriter {
    private let cloud: PointCloud
    private let attributes: PointAttributes
    private let triangles: [SIMD3<Int32>]?

    /// - Parameter triangles: nil writes no element face.
    /// - Precondition: colours and scalars are as many as the points.
    init(_ cloud: PointCloud, _ attributes: PointAttributes = .none, triangles: [SIMD3<Int32>]? = nil) {
        let n = cloud.points.count
        precondition(attributes.colors == nil || attributes.colors?.count == n, "one colour for each point")
        precondition(attributes.scalars.allSatisfy { $0.values.count == n }, "one value of each scalar for each point")
        self.cloud = cloud
        self.attributes = attributes
        self.triangles = triangles
    }

    func write(_ encoding: PointCloudFile.Encoding) -> [UInt8] {
        var scalars = attributes.scalars
        if let intensities = cloud.intensities { scalars.insert(("intensity", intensities), at: 0) }
        var out = ByteWriter(bigEndian: encoding == .bigEndian)
        let values = 3 + (cloud.normals == nil ? 0 : 3) + scalars.count
        out.reserve(
            1024 + cloud.points.count * (values * (encoding == .ascii ? 10 : 4) + 12) + 16 * (triangles?.count ?? 0))
        writeHeader(encoding, scalars.map(\.name), &out)
        var first = true
        func put(_ value: Float) {
            if encoding != .ascii { return out.float(value) }
            if !first { out.byte(UInt8(ascii: " ")) }
            first = false
            out.decimal(value)
        }
        for i in cloud.points.indices {
            first = true
            for axis in 0..<3 { put(cloud.points[i][axis]) }
            if let normal = cloud.normals?[i] {
                for axis in 0..<3 { put(normal[axis]) }
            }
            if let color = attributes.colors?[i] {
                for channel in 0..<3 {
                    if encoding == .ascii { out.text(" \(color[channel])") } else { out.byte(color[channel]) }
                }
            }
            for scalar in scalars { put(scalar.values[i]) }
            if encoding == .ascii { out.byte(UInt8(ascii: "\n")) }
        }
        for triangle in triangles ?? [] {
            if encoding == .ascii {
                out.text("3 \(triangle.x) \(triangle.y) \(triangle.z)\n")
            } else {
                out.byte(3)
                for corner in 0..<3 { out.integer(UInt32(bitPattern: triangle[corner])) }
            }
        }
        return out.bytes
    }

    private func writeHeader(_ encoding: PointCloudFile.Encoding, _ scalars: [String], _ out: inout ByteWriter) {
        let format =
            switch encoding {
            case .ascii: "ascii"
            case .bigEndian: "binary_big_endian"
            case .binary, .compressed: "binary_little_endian"
            }
        out.text("ply\nformat \(format) 1.0\n")
        out.text("element vertex \(cloud.points.count)\n")
        var names = ["x", "y", "z"]
        if cloud.normals != nil { names += ["nx", "ny", "nz"] }
        for name in names { out.text("property float \(name)\n") }
        if attributes.colors != nil {
            for name in ["red", "green", "blue"] { out.text("property uchar \(name)\n") }
        }
        for name in scalars { out.text("property float \(Self.word(name))\n") }
        if let triangles {
            out.text("element face \(triangles.count)\nproperty list uchar int vertex_indices\n")
        }
        out.text("end_header\n")
    }

    /// A name that cannot break the header: other characters become underscores.
    private static func word(_ name: String) -> String {
        let word = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
        return word.isEmpty ? "_" : word
    }
}
