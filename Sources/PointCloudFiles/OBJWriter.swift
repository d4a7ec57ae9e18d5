internal import PointClouds

/// Writes Wavefront OBJ: all `v`, all `vn`, then `f` with the normal of the same number.
enum OBJWriter {
    static func write(_ cloud: PointCloud, triangles: [SIMD3<Int32>] = []) -> [UInt8] {
        var out = ByteWriter()
        out.reserve(cloud.points.count * (cloud.normals == nil ? 32 : 64) + triangles.count * 24)
        for point in cloud.points { put("v", point, &out) }
        for normal in cloud.normals ?? [] { put("vn", normal, &out) }
        for triangle in triangles {
            out.text("f")
            for corner in 0..<3 {
                let number = "\(Int(triangle[corner]) + 1)"
                out.text(cloud.normals == nil ? " \(number)" : " \(number)//\(number)")
            }
            out.byte(UInt8(ascii: "\n"))
        }
        return out.bytes
    }

    private static func put(_ keyword: String, _ vector: SIMD3<Float>, _ out: inout ByteWriter) {
        out.text(keyword)
        out.decimals(vector)
        out.byte(UInt8(ascii: "\n"))
    }
}
