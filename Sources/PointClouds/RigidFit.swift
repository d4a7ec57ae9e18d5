/// The rigid motion that takes given points nearest to given others.
enum RigidFit {
    /// Least squares over all pairs (Horn 1987: the quaternion is the eigenvector of the greatest eigenvalue); nil with
    /// fewer than three pairs.
    static func leastSquares(_ source: [SIMD3<Double>], _ target: [SIMD3<Double>]) -> RigidTransform? {
        guard source.count >= 3, source.count == target.count else { return nil }
        let n = Double(source.count)
        let from = source.reduce(.zero, +) / n
        let to = target.reduce(.zero, +) / n
        var (sx, sy, sz) = (SIMD3<Double>.zero, SIMD3<Double>.zero, SIMD3<Double>.zero)
        for (p, q) in zip(source, target) {
            let a = p - from
            let b = q - to
            sx += a.x * b
            sy += a.y * b
            sz += a.z * b
        }
        // Component order w, x, y, z.
        let matrix = [
            sx.x + sy.y + sz.z, sy.z - sz.y, sz.x - sx.z, sx.y - sy.x,
            sy.z - sz.y, sx.x - sy.y - sz.z, sx.y + sy.x, sz.x + sx.z,
            sz.x - sx.z, sx.y + sy.x, sy.y - sx.x - sz.z, sy.z + sz.y,
            sx.y - sy.x, sz.x + sx.z, sy.z + sz.y, sz.z - sx.x - sy.y,
        ]
        let q = JacobiEigen(matrix, size: 4).vectors[3]
        let turn = RigidTransform(quaternion: SIMD4(q[1], q[2], q[3], q[0]))
        return RigidTransform(rotation: turn.rotation, translation: to - turn.rotation * from)
    }

    /// From three pairs: takes one triangle's centroid and axes onto the other's; nil where one is nearly a line.
    ///
    /// Ten times cheaper than least squares, and good enough to be checked.
    static func triangles(
        _ s: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>), _ t: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>)
    ) -> RigidTransform? {
        guard let a = axes(s.0, s.1, s.2), let b = axes(t.0, t.1, t.2) else { return nil }
        let rotation = b.transpose * a
        let from = SIMD3<Double>(s.0 + s.1 + s.2) / 3
        let to = SIMD3<Double>(t.0 + t.1 + t.2) / 3
        return RigidTransform(rotation: rotation, translation: to - rotation * from)
    }

    /// Unit vectors along the first side, in the plane, and across it, as rows.
    private static func axes(_ a: SIMD3<Float>, _ b: SIMD3<Float>, _ c: SIMD3<Float>) -> Matrix3? {
        let side = SIMD3<Double>(b - a)
        let other = SIMD3<Double>(c - a)
        let normal = cross(side, other)
        let (across, along) = (length(normal), length(side))
        guard across > 0.1 * along * length(other), across > 0 else { return nil }
        let x = side / along
        let z = normal / across
        return Matrix3(rows: x, cross(z, x), z)
    }
}
