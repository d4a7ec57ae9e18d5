@inline(__always)
func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { a.x * b.x + a.y * b.y + a.z * b.z }

@inline(__always)
func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

@inline(__always)
func length(_ a: SIMD3<Double>) -> Double { dot(a, a).squareRoot() }

/// `a` at unit length; zero stays zero.
@inline(__always)
func normalized(_ a: SIMD3<Double>) -> SIMD3<Double> {
    let size = length(a)
    return size > 0 ? a / size : .zero
}

/// Two unit directions that make a right-handed frame with the unit direction `n`.
func frame(along n: SIMD3<Double>) -> (u: SIMD3<Double>, v: SIMD3<Double>) {
    let size = n.replacing(with: -n, where: n .< 0)
    let least: SIMD3<Double> =
        size.x <= size.y && size.x <= size.z ? [1, 0, 0] : size.y <= size.z ? [0, 1, 0] : [0, 0, 1]
    let u = normalized(cross(n, least))
    return (u, cross(n, u))
}

/// An axis-aligned box.
struct Bounds {
    var low = SIMD3<Double>(repeating: .infinity)
    var high = SIMD3<Double>(repeating: -.infinity)

    init(_ points: some Sequence<SIMD3<Double>>) { for point in points { include(point) } }

    mutating func include(_ point: SIMD3<Double>) {
        low = pointwiseMin(low, point)
        high = pointwiseMax(high, point)
    }

    func grown(by margin: Double) -> Bounds {
        var box = self
        box.low -= margin
        box.high += margin
        return box
    }

    func meets(_ other: Bounds) -> Bool { all(low .<= other.high) && all(high .>= other.low) }

    var diagonal: Double { low.x <= high.x ? length(high - low) : 0 }
    var middle: SIMD3<Double> { (low + high) / 2 }
}
