import Inspection

extension HeatMapInput {
    /// The heat map as a point cloud: PLY, binary, little-endian.
    ///
    /// For each vertex `float x y z` in mm, `uchar red green blue` after `colorScale`, `float score`, and, where the
    /// part was registered, `float deviation` in mm. The points of the part come first; the rest, from the vertex that
    /// a comment names, are surface that the part lacks. Points with coordinates that are not finite are left out.
    /// - Complexity: O(n).
    public func ply() -> [UInt8] {
        let scale = colorScale
        let kept = map.points.indices.filter { map.points[$0].isFinite }
        let ownCount = kept.reduce(0) { map.isMissing($1) ? $0 : $0 + 1 }
        let hasDeviations = !map.deviations.isEmpty
        var lines = [
            "ply", "format binary_little_endian 1.0", "comment Scanward heat map", "comment part \(comment(partID))",
            "comment part_type \(comment(partType))", "comment evaluation \(comment(evaluation))",
            "comment score \(score) threshold \(threshold)", "comment unit mm",
            "comment origin \(coordinateOrigin.x) \(coordinateOrigin.y) \(coordinateOrigin.z)",
            "comment frame \(comment(frameID))",
            "comment missing surface from vertex \(ownCount)", "element vertex \(kept.count)", "property float x",
            "property float y", "property float z", "property uchar red", "property uchar green", "property uchar blue",
            "property float score",
        ]
        if hasDeviations { lines.append("property float deviation") }
        lines.append("end_header\n")
        var file = Array(lines.joined(separator: "\n").utf8)
        file.reserveCapacity(file.count + kept.count * (hasDeviations ? 23 : 19))
        for index in kept {
            let point = map.points[index]
            let score = map.score(index)
            let color = map.isMissing(index) ? ColorScale.missing : scale.color(score)
            append(point.x, to: &file)
            append(point.y, to: &file)
            append(point.z, to: &file)
            file.append(color.red)
            file.append(color.green)
            file.append(color.blue)
            append(score, to: &file)
            if hasDeviations { append(index < map.deviations.count ? map.deviations[index] : .nan, to: &file) }
        }
        return file
    }

    private func append(_ value: Float, to file: inout [UInt8]) {
        let bits = value.bitPattern
        for shift: UInt32 in [0, 8, 16, 24] { file.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }

    /// One line of printable ASCII, so that a name from outside cannot add to the header.
    private func comment(_ text: String) -> String {
        String(text.prefix(200).unicodeScalars.map { (32..<127).contains($0.value) ? Character($0) : "?" })
    }
}
