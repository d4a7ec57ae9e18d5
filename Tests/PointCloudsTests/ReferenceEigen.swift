/// Eigenvalues and the smallest eigenvector of a symmetric 3 x 3 matrix in Double, by classical Jacobi rotations: a plain
/// reference (Golub and Van Loan, Matrix Computations, algorithm 8.5.1).
struct ReferenceEigen {
    /// Ascending.
    let values: [Double]
    /// Unit eigenvector of the least.
    let smallest: SIMD3<Double>

    /// The covariance of points, mean taken off first.
    init(covarianceOf points: [SIMD3<Float>]) {
        let exact = points.map { SIMD3<Double>($0) }
        let mean = exact.reduce(.zero, +) / Double(exact.count)
        var m = [[Double]](repeating: [0, 0, 0], count: 3)
        for p in exact {
            let d = p - mean
            for i in 0..<3 { for j in 0..<3 { m[i][j] += d[i] * d[j] / Double(exact.count) } }
        }
        self.init(m)
    }

    init(_ matrix: [[Double]]) {
        var a = matrix
        var v: [[Double]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        for _ in 0..<60 {
            var (p, q) = (0, 1)
            for (i, j) in [(0, 2), (1, 2)] where abs(a[i][j]) > abs(a[p][q]) { (p, q) = (i, j) }
            if a[p][q] == 0 { break }
            let tau = (a[q][q] - a[p][p]) / (2 * a[p][q])
            let t = (tau >= 0 ? 1 : -1) / (abs(tau) + (1 + tau * tau).squareRoot())
            let c = 1 / (1 + t * t).squareRoot()
            let s = t * c
            for k in 0..<3 { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
            for k in 0..<3 { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
            for k in 0..<3 { (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]) }
        }
        let order = [0, 1, 2].sorted { a[$0][$0] < a[$1][$1] }
        values = order.map { max(0, a[$0][$0]) }
        smallest = SIMD3(v[0][order[0]], v[1][order[0]], v[2][order[0]])
    }

    /// IMRNet's eq. 2 with eps a share of the trace.
    static func curvature(_ values: [Double], _ relativeEpsilon: Double) -> Double {
        let sum = values[0] + values[1] + values[2]
        return sum > 0 ? values[0] / (values[0] + values[1] + relativeEpsilon * sum) : 0
    }

    /// How far the smallest eigenvalue stands from the next, as a share of the greatest: a perturbation of the matrix by
    /// e times its norm turns the eigenvector by about e over this.
    static func gap(_ values: [Double]) -> Double { values[2] > 0 ? (values[1] - values[0]) / values[2] : 0 }
}
