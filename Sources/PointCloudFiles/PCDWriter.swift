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
        var out = ByteWriter()
        out.reserve(256 + n * names.count * (encoding == .binary ? 4 : 10))
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
            DATA \(encoding == .binary ? "binary" : "ascii")

            """)
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

    private func put(
        _ vector: SIMD3<Float>, _ encoding: PointCloudFile.Encoding, _ out: inout ByteWriter, first: Bool
    ) {
        for axis in 0..<3 {
            if encoding == .ascii && !(first && axis == 0) { out.byte(UInt8(ascii: " ")) }
            put(vector[axis], encoding, &out)
        }
    }

    private func put(_ value: Float, _ encoding: PointCloudFile.Encoding, _ out: inout ByteWriter) {
        if encoding == .binary { out.float(value) } else { out.decimal(value) }
    }
}
