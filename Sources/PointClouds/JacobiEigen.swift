/// Eigenvalues and eigenvectors of one small symmetric matrix, by cyclic Jacobi rotations in Double.
struct JacobiEigen {
    let size: Int
    /// Ascending.
    private(set) var values: [Double]
    /// Unit eigenvectors in the same order, each of `size` components.
    private(set) var vectors: [[Double]]

    /// - Parameter matrix: by rows; only its symmetric part counts. A matrix that is not finite gives zeros and unit
    ///   axes.
    init(_ matrix: [Double], size n: Int) {
        size = n
        var a = matrix
        for i in 0..<n {
            for j in 0..<i {
                let mean = (a[n * i + j] + a[n * j + i]) / 2
                (a[n * i + j], a[n * j + i]) = (mean, mean)
            }
        }
        if !a.allSatisfy(\.isFinite) { a = [Double](repeating: 0, count: n * n) }
        var v = [Double](repeating: 0, count: n * n)
        for i in 0..<n { v[n * i + i] = 1 }
        for _ in 0..<30 {
            var off = 0.0
            var whole = 0.0
            for i in 0..<n {
                for j in 0..<n {
                    whole += a[n * i + j] * a[n * i + j]
                    if i != j { off += a[n * i + j] * a[n * i + j] }
                }
            }
            if off <= 1e-32 * whole { break }
            for p in 0..<n {
                for q in p + 1..<max(n, p + 1) { Self.rotate(&a, &v, n, p, q) }
            }
        }
        let order = (0..<n).sorted { (a[n * $0 + $0], $0) < (a[n * $1 + $1], $1) }
        values = order.map { a[n * $0 + $0] }
        vectors = order.map { column in (0..<n).map { v[n * $0 + column] } }
    }

    private static func rotate(_ a: inout [Double], _ v: inout [Double], _ n: Int, _ p: Int, _ q: Int) {
        let pq = a[n * p + q]
        if pq == 0 { return }
        let half = (a[n * q + q] - a[n * p + p]) / (2 * pq)
        // An infinite quotient: the entry is too small to matter.
        let t = half.isFinite ? (half < 0 ? -1 : 1) / (abs(half) + (half * half + 1).squareRoot()) : 0
        let cosine = 1 / (t * t + 1).squareRoot()
        let sine = t * cosine
        for k in 0..<n {
            let (kp, kq) = (a[n * k + p], a[n * k + q])
            a[n * k + p] = cosine * kp - sine * kq
            a[n * k + q] = sine * kp + cosine * kq
        }
        for k in 0..<n {
            let (pk, qk) = (a[n * p + k], a[n * q + k])
            a[n * p + k] = cosine * pk - sine * qk
            a[n * q + k] = sine * pk + cosine * qk
        }
        for k in 0..<n {
            let (kp, kq) = (v[n * k + p], v[n * k + q])
            v[n * k + p] = cosine * kp - sine * kq
            v[n * k + q] = sine * kp + cosine * kq
        }
    }
}
