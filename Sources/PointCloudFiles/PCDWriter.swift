internal import PointClouds

/// Writes PCD 0.7.
struct PCDWriter {
    private let cloud: PointCloud

    init(_ cloud: PointCloud) { self.cloud = cloud }

    func write(_ encoding: PointCloudFile.Encoding) -> [UInt8] {
        var names = ["x", "y", "z"]
        if cloud.normals != nil { names += ["normal_x", "normal_y", "normal_z"] }
        if cloud.intensities != nil { names.append("intensity") }
        func each(_ word: String) -> String { names.map { _ in word }.joined(separator: " ") }
        let n = cloud.points.count
        // The sizes of a compressed block have 32 bits.
        let encoding = encoding == .compressed && n * names.count > Int(UInt32.max) / 8 ? .binary : encoding
        var out = ByteWriter()
        out.reserve(256 + n * names.count * (encoding == .ascii ? 10 : 4))
        out.text(
            """
            # .PCD v0.7 - Point Cloud Data file format
            VERSION 0.7
            FIELDS \(names.joined(separator: " "))
            SIZE \(each("4"))
            TYPE \(each("F"))
            COUNT \(each("1"))
            WIDTH \(n)
            HEIGHT 1
            VIEWPOINT 0 0 0 1 0 0 0
            POINTS \(n)
            DATA \(Self.kind(encoding))

            """)
        if encoding == .compressed {
            writeCompressed(&out)
            return out.bytes
        }
        for i in 0..<n {
            put(cloud.points[i], encoding, &out, first: true)
            if let normals = cloud.normals { put(normals[i], encoding, &out, first: false) }
            if let intensities = cloud.intensities {
                if encoding == .ascii { out.byte(UInt8(ascii: " ")) }
                put(intensities[i], encoding, &out)
            }
            if encoding == .ascii { out.byte(UInt8(ascii: "\n")) }
        }
        return out.bytes
    }

    private static func kind(_ encoding: PointCloudFile.Encoding) -> String {
        switch encoding {
        case .ascii: "ascii"
        case .compressed: "binary_compressed"
        case .binary, .bigEndian: "binary"
        }
    }

    /// Two sizes, then an LZF block that holds field after field.
    private func writeCompressed(_ out: inout ByteWriter) {
        var plain = ByteWriter()
        for vectors in [cloud.points, cloud.normals ?? []] {
            for axis in 0..<3 { for vector in vectors { plain.float(vector[axis]) } }
        }
        for intensity in cloud.intensities ?? [] { plain.float(intensity) }
        let block = LZF.encode(plain.bytes)
        out.integer(UInt32(block.count))
        out.integer(UInt32(plain.bytes.count))
        out.append(block)
    }

    private func put(
        _ vector: SIMD3<Float>, _ encoding: PointCloudFile.Encoding, _ out: inout ByteWriter, first: Bool
    ) {
        for axis in 0..<3 {
            if encoding == .ascii && !(first && axis == 0) { out.byte(UInt8(ascii: " ")) }
            put(vector[axis], encoding, &out)
        }
    }

    private func put(_ value: Float, _ encoding: PointCloudFile.Encoding, _ out: inout ByteWriter) {
        if encoding == .ascii { out.decimal(value) } else { out.float(value) }
    }
}
