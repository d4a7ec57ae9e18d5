internal import CKernels

/// An axis-aligned box, closed; empty when `low` exceeds `high`.
struct Box: Sendable, Equatable {
    var low: SIMD3<Float>
    var high: SIMD3<Float>

    static let empty = Box(low: SIMD3(repeating: .infinity), high: SIMD3(repeating: -.infinity))

    /// The box around the finite ones of the points, and how many these are.
    static func around(_ points: [SIMD3<Float>]) -> (box: Box, finite: Int) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 6) { bounds in
            let low = bounds.baseAddress!
            let finite = points.withUnsafeBufferPointer { points in
                geometry_bounds(points.floats, Int64(points.count), low, low + 3)
            }
            return (Box(low: SIMD3(low[0], low[1], low[2]), high: SIMD3(low[3], low[4], low[5])), Int(finite))
        }
    }

    @inline(__always)
    mutating func include(_ point: SIMD3<Float>) {
        low.replace(with: point, where: point .< low)
        high.replace(with: point, where: point .> high)
    }

    mutating func include(_ other: Box) {
        low.replace(with: other.low, where: other.low .< low)
        high.replace(with: other.high, where: other.high .> high)
    }

    /// Calls `body` with the bounds, low and high, as three numbers each.
    @inline(__always)
    func withBounds<R>(_ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> R) -> R {
        withUnsafePointer(to: (low, high)) { pair in
            // A vector of three lies in memory as four floats.
            let floats = UnsafeRawPointer(pair).assumingMemoryBound(to: Float.self)
            return body(floats, floats + 4)
        }
    }

    /// Distance from a point outside; 0 inside. May be infinite.
    func distance(to point: SIMD3<Float>) -> Float {
        let below = low - point
        let above = point - high
        var gap = below.replacing(with: above, where: above .> below)
        gap.replace(with: 0, where: gap .< 0)
        return (gap.x * gap.x + gap.y * gap.y + gap.z * gap.z).squareRoot()
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

extension UnsafeBufferPointer<SIMD3<Float>> {
    /// The points as floats, four for each: x y z and padding.
    var floats: UnsafePointer<Float> {
        // An empty buffer has no address; no count of 0 lets one be read.
        UnsafeRawPointer(baseAddress ?? UnsafePointer(bitPattern: 16)!).assumingMemoryBound(to: Float.self)
    }
}
