/// A 3 x 3 matrix in Double, by rows.
public struct Matrix3: Sendable, Equatable {
    public var rows: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)

    public init(rows a: SIMD3<Double>, _ b: SIMD3<Double>, _ c: SIMD3<Double>) { rows = (a, b, c) }

    public static let identity = Matrix3(rows: SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1))

    public static func == (a: Matrix3, b: Matrix3) -> Bool { a.rows == b.rows }

    public var transpose: Matrix3 {
        let (a, b, c) = rows
        return Matrix3(rows: SIMD3(a.x, b.x, c.x), SIMD3(a.y, b.y, c.y), SIMD3(a.z, b.z, c.z))
    }

    public var determinant: Double { dot(rows.0, cross(rows.1, rows.2)) }

    @inlinable
    public static func * (m: Matrix3, v: SIMD3<Double>) -> SIMD3<Double> {
        let (a, b, c) = (m.rows.0 * v, m.rows.1 * v, m.rows.2 * v)
        return SIMD3(a.x + a.y + a.z, b.x + b.y + b.z, c.x + c.y + c.z)
    }

    public static func * (a: Matrix3, b: Matrix3) -> Matrix3 {
        let (p, q, r) = b.rows
        func row(_ v: SIMD3<Double>) -> SIMD3<Double> { v.x * p + v.y * q + v.z * r }
        return Matrix3(rows: row(a.rows.0), row(a.rows.1), row(a.rows.2))
    }
}

func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { a.x * b.x + a.y * b.y + a.z * b.z }

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

func length(_ a: SIMD3<Double>) -> Double { dot(a, a).squareRoot() }
