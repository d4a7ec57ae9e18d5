internal import PointClouds

/// Writes a line x y z for each point, with the intensity behind it if there is one.
enum XYZWriter {
    static func write(_ cloud: PointCloud, separator: String, names: Bool) -> [UInt8] {
        var out = ByteWriter()
        out.reserve(cloud.points.count * 32)
        if names { out.text(["x", "y", "z"].joined(separator: separator)) }
        if names && cloud.intensities != nil { out.text(separator + "intensity") }
        if names { out.text("\n") }
        for (i, point) in cloud.points.enumerated() {
            for axis in 0..<3 {
                if axis > 0 { out.text(separator) }
                out.decimal(point[axis])
            }
            if let intensity = cloud.intensities?[i] {
                out.text(separator)
                out.decimal(intensity)
            }
            out.text("\n")
        }
        return out.bytes
    }
}
