public import PointClouds

/// Coordinates far from the origin, as from a scanner in the frame of a hall or a survey.
extension PointCloudFile {
    /// Reads a cloud relative to an origin near it, so that its detail survives the rounding to Float.
    ///
    /// Clouds within 8,192 mm of the file's own origin come as they are, with an origin of zero.
    /// - Returns: the cloud, and the origin to add to its points, in Double, for the file's own coordinates. It depends
    ///   on the set of points only, not on their order.
    /// - Complexity: O(bytes); a file that needs an origin is read twice.
    public static func readCentered(
        _ bytes: [UInt8], format: Format? = nil
    ) throws(PointCloudFileError) -> (cloud: PointCloud, origin: SIMD3<Double>) {
        let format = format ?? Format(sniffing: bytes)
        let cloud = try read(bytes, format: format)
        let origin = suggestedOrigin(for: cloud.points)
        return origin == .zero ? (cloud, origin) : (try read(bytes, format: format, origin: origin), origin)
    }

    /// The origin that `readCentered` takes, from points as read without one: rounded, but in the right place.
    ///
    /// On each axis the median, rounded to a multiple of 1,024 mm: a whole number of mm that Float holds exactly, so
    /// that coordinates near it that were Floats in the file are moved without any error. 0 where the median is within
    /// 8,192 mm, beyond which Float steps by 0.001 mm and more. The median, because stray returns and those marked as
    /// missing by 0, 0, 0 must not decide. Points that are not finite are left out.
    /// - Complexity: O(n); O(n log n) if any coordinate is beyond 8,192 mm.
    public static func suggestedOrigin(for points: [SIMD3<Float>]) -> SIMD3<Double> {
        var origin = SIMD3<Double>.zero
        for axis in 0..<3 {
            func isFar(_ point: SIMD3<Float>) -> Bool { abs(point[axis]) > near && point[axis].isFinite }
            guard points.contains(where: isFar) else { continue }
            var values = Array(
                points.lazy.filter { $0 != .zero && $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }.map { $0[axis] })
            values.sort()
            guard !values.isEmpty else { continue }
            let median = values[(values.count - 1) / 2]
            if abs(median) > near { origin[axis] = (Double(median) / step).rounded() * step }
        }
        return origin
    }

    private static let near: Float = 8192
    private static let step = 1024.0
}

extension TriangleMesh {
    /// The vertices with their normals.
    var cloud: PointCloud { PointCloud(points: vertices, normals: vertexNormals) }
}
