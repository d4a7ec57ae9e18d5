extension SIMD3<Float> {
    func dotProduct(_ other: Self) -> Float { (self * other).sum() }

    func crossProduct(_ o: Self) -> Self {
        [y * o.z - z * o.y, z * o.x - x * o.z, x * o.y - y * o.x]
    }

    var norm: Float { dotProduct(self).squareRoot() }

    /// Length 1, or nil where the length is 0 or not a number.
    var unit: Self? {
        let length = norm
        return length.isFinite && length > 1e-12 ? self / length : nil
    }

    var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}
