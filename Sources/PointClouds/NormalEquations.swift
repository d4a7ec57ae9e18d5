/// The normal equations of a point-to-plane fit: six unknowns, a rotation vector and a translation.
///
/// For a residual r = n . (p - q) with weight w, and J = [p x n, n], it gathers sum(w J J^T) and sum(w J r).
struct NormalEquations {
    /// A motion that lowers the residuals.
    struct Step {
        /// Its direction is the axis, its length the angle in radians.
        var rotation: SIMD3<Double>
        var translation: SIMD3<Double>
        /// Root mean square of how far it moves the points along the normals, mm: sliding does not count.
        var normalMotion: Double
    }

    /// The upper triangle of the 6 x 6 matrix, by rows.
    private var matrix = [Double](repeating: 0, count: 21)
    private var vector = [Double](repeating: 0, count: 6)
    private(set) var count = 0
    private var weights = 0.0
    private(set) var squaredResiduals = 0.0

    mutating func add(_ p: SIMD3<Double>, _ n: SIMD3<Double>, residual: Double, weight: Double) {
        let turn = cross(p, n)
        let (a, b, c, d, e, f) = (turn.x, turn.y, turn.z, n.x, n.y, n.z)
        matrix.withUnsafeMutableBufferPointer { m in
            let (wa, wb, wc) = (weight * a, weight * b, weight * c)
            let (wd, we, wf) = (weight * d, weight * e, weight * f)
            m[0] += wa * a
            m[1] += wa * b
            m[2] += wa * c
            m[3] += wa * d
            m[4] += wa * e
            m[5] += wa * f
            m[6] += wb * b
            m[7] += wb * c
            m[8] += wb * d
            m[9] += wb * e
            m[10] += wb * f
            m[11] += wc * c
            m[12] += wc * d
            m[13] += wc * e
            m[14] += wc * f
            m[15] += wd * d
            m[16] += wd * e
            m[17] += wd * f
            m[18] += we * e
            m[19] += we * f
            m[20] += wf * f
        }
        vector.withUnsafeMutableBufferPointer { v in
            let wr = weight * residual
            v[0] += a * wr
            v[1] += b * wr
            v[2] += c * wr
            v[3] += d * wr
            v[4] += e * wr
            v[5] += f * wr
        }
        count += 1
        weights += weight
        squaredResiduals += residual * residual
    }

    mutating func add(_ other: NormalEquations) {
        for i in 0..<21 { matrix[i] += other.matrix[i] }
        for i in 0..<6 { vector[i] += other.vector[i] }
        count += other.count
        weights += other.weights
        squaredResiduals += other.squaredResiduals
    }

    /// The motion that lowers the residuals most, by Cholesky; nil if the matrix is not positive definite or not finite.
    ///
    /// - Parameters:
    ///   - reach: a typical distance from the centre of rotation (mm): with the rotation measured as the motion it makes
    ///     there, the six unknowns are of one size.
    ///   - damping: added to the diagonal, as a share of its mean. Directions in which the part slides over itself (a
    ///     bottle about its axis) have next to no weight of their own, and stay where they are.
    func solve(reach: Double, damping: Double) -> Step? {
        let scale = [1 / reach, 1 / reach, 1 / reach, 1, 1, 1]
        var a = [Double](repeating: 0, count: 36)
        var next = 0
        for i in 0..<6 {
            for j in i..<6 {
                a[6 * j + i] = matrix[next] * scale[i] * scale[j]
                next += 1
            }
        }
        let mean = (0..<6).reduce(0.0) { $0 + a[7 * $1] } / 6
        guard mean > 0, mean.isFinite else { return nil }
        for i in 0..<6 { a[7 * i] += damping * mean }
        for j in 0..<6 {
            for i in j..<6 {
                var sum = a[6 * i + j]
                for k in 0..<j { sum -= a[6 * i + k] * a[6 * j + k] }
                if i == j {
                    guard sum > 1e-14 * mean else { return nil }
                    a[7 * j] = sum.squareRoot()
                } else {
                    a[6 * i + j] = sum / a[7 * j]
                }
            }
        }
        var x = (0..<6).map { -vector[$0] * scale[$0] }
        for i in 0..<6 {
            for k in 0..<i { x[i] -= a[6 * i + k] * x[k] }
            x[i] /= a[7 * i]
        }
        for i in stride(from: 5, through: 0, by: -1) {
            for k in i + 1..<max(6, i + 1) { x[i] -= a[6 * k + i] * x[k] }
            x[i] /= a[7 * i]
        }
        guard x.allSatisfy(\.isFinite) else { return nil }
        // x A x / sum(w), of the matrix without its damping.
        var squared = 0.0
        next = 0
        for i in 0..<6 {
            for j in i..<6 {
                squared += (i == j ? 1 : 2) * matrix[next] * scale[i] * scale[j] * x[i] * x[j]
                next += 1
            }
        }
        return Step(
            rotation: SIMD3(x[0], x[1], x[2]) / reach, translation: SIMD3(x[3], x[4], x[5]),
            normalMotion: (max(0, squared) / weights).squareRoot())
    }
}
