/// An axis-aligned box, closed; empty when `low` exceeds `high`.
struct Box: Sendable, Equatable {
    var low: SIMD3<Float>
    var high: SIMD3<Float>

    static let empty = Box(low: SIMD3(repeating: .infinity), high: SIMD3(repeating: -.infinity))

    @inline(__always)
    mutating func include(_ point: SIMD3<Float>) {
        low.replace(with: point, where: point .< low)
        high.replace(with: point, where: point .> high)
    }

    mutating func include(_ other: Box) {
        low.replace(with: other.low, where: other.low .< low)
        high.replace(with: other.high, where: other.high .> high)
    }

    /// Length of the diagonal; 0 when empty. May be infinite for boxes near the limits of Float.
    var diagonal: Float {
        let size = high - low
        guard size.x >= 0 else { return 0 }
        return (size.x * size.x + size.y * size.y + size.z * size.z).squareRoot()
    }
}

/// The squared distance as every routine here computes it: so that results agree to the last bit.
///
/// Rounding is monotone, hence the distance to a box computed in the same order of operations never exceeds the
/// computed distance to a point inside: pruning by boxes is exact in Float, ties included.
@inline(__always)
func squaredDistance(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
    let d = a - b
    return d.x * d.x + d.y * d.y + d.z * d.z
}

extension SIMD3<Float> {
    /// No coordinate is infinite or NaN.
    @inline(__always)
    var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }

    /// Strictly before `other` by x, then y, then z.
    @inline(__always)
    func precedes(_ other: SIMD3<Float>) -> Bool {
        if x != other.x { return x < other.x }
        if y != other.y { return y < other.y }
        return z < other.z
    }
}
