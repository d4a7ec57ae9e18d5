/// Eigenvalues and eigenvectors of four symmetric 3 x 3 matrices at a time, by cyclic Jacobi rotations in Double.
///
/// A fixed number of sweeps and no branches: the result for a matrix does not depend on its neighbours in the vector.
/// Six sweeps reach the rounding of Double from any start (three to five do; convergence is quadratic). The closed form
/// by arc cosine would lose half of the digits where two eigenvalues are close, and with them the curvature on edges.
struct SymmetricEigen {
    typealias Lanes = SIMD4<Double>

    /// Eigenvalues, ascending.
    private(set) var values: (Lanes, Lanes, Lanes)
    /// Unit eigenvectors in the same order.
    private(set) var vectors: (SIMDVector, SIMDVector, SIMDVector)

    /// One vector of three components for each lane.
    struct SIMDVector {
        var x: Lanes
        var y: Lanes
        var z: Lanes
    }

    /// The matrix is [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]].
    @inline(__always)
    init(xx: Lanes, xy: Lanes, xz: Lanes, yy: Lanes, yz: Lanes, zz: Lanes) {
        var (a, b, c) = (xx, yy, zz)
        var (ab, ac, bc) = (xy, xz, yz)
        let one = Lanes(repeating: 1)
        let zero = Lanes.zero
        var u = SIMDVector(x: one, y: zero, z: zero)
        var v = SIMDVector(x: zero, y: one, z: zero)
        var w = SIMDVector(x: zero, y: zero, z: one)
        for _ in 0..<6 {
            Self.rotate(&a, &b, &ab, &ac, &bc, &u, &v)
            Self.rotate(&a, &c, &ac, &ab, &bc, &u, &w)
            Self.rotate(&b, &c, &bc, &ab, &ac, &v, &w)
        }
        Self.order(&a, &b, &u, &v)
        Self.order(&b, &c, &v, &w)
        Self.order(&a, &b, &u, &v)
        values = (a, b, c)
        vectors = (u, v, w)
    }

    /// Makes `pq` zero by a rotation of axes p and q; `pr` and `qr` are the entries against the third axis.
    @inline(__always)
    private static func rotate(
        _ pp: inout Lanes, _ qq: inout Lanes, _ pq: inout Lanes, _ pr: inout Lanes, _ qr: inout Lanes,
        _ p: inout SIMDVector, _ q: inout SIMDVector
    ) {
        // tan of the smaller angle: t = 2 pq / (d + sign(d) sqrt(d^2 + 4 pq^2)); 0 where nothing is left to do.
        let d = qq - pp
        let twice = pq + pq
        let root = (d * d + twice * twice).squareRoot()
        let divisor = d + root.replacing(with: -root, where: d .< 0)
        let t = (twice / divisor).replacing(with: 0, where: divisor .== 0)
        let cosine = 1 / (t * t + 1).squareRoot()
        let sine = t * cosine
        pp -= t * pq
        qq += t * pq
        pq = .zero
        (pr, qr) = (cosine * pr - sine * qr, sine * pr + cosine * qr)
        (p.x, q.x) = (cosine * p.x - sine * q.x, sine * p.x + cosine * q.x)
        (p.y, q.y) = (cosine * p.y - sine * q.y, sine * p.y + cosine * q.y)
        (p.z, q.z) = (cosine * p.z - sine * q.z, sine * p.z + cosine * q.z)
    }

    @inline(__always)
    private static func order(_ a: inout Lanes, _ b: inout Lanes, _ u: inout SIMDVector, _ v: inout SIMDVector) {
        let wrong = b .< a
        exchange(&a, &b, wrong)
        exchange(&u.x, &v.x, wrong)
        exchange(&u.y, &v.y, wrong)
        exchange(&u.z, &v.z, wrong)
    }

    @inline(__always)
    private static func exchange(_ a: inout Lanes, _ b: inout Lanes, _ mask: SIMDMask<SIMD4<Int64>>) {
        (a, b) = (a.replacing(with: b, where: mask), b.replacing(with: a, where: mask))
    }
}
