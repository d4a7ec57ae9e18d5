import PointClouds

/// From where a scan was made, told from its points alone: a sensor that stands still meets each ray's first surface only,
/// so that from its place no point lies behind another.
struct ViewDirection: Sendable {
    /// Unit vector towards the sensor, or away from it: the points do not tell which.
    let axis: SIMD3<Float>
    /// Share of the points in cells of the picture along `axis` that hold surface at two depths.
    let hiddenShare: Double

    /// A scan from one side has hardly a point behind another; a whole part has half of them.
    static let largestHiddenShare = 0.12
    private static let directionCount = 256
    /// Edge of a cell in spacings, and the depth that cannot be slope alone as a share of the diagonal.
    private static let cell: Float = 2, depth: Float = 0.06
    /// Points that are looked at, at most.
    private static let sampleCount = 3000

    var isOneSided: Bool { hiddenShare < Self.largestHiddenShare }

    /// - Complexity: 256 passes over at most 6,000 points.
    init(of points: [SIMD3<Float>], spacing: Float) {
        let step = max(1, points.count / Self.sampleCount)
        let sample = stride(from: 0, to: points.count, by: step).map { points[$0] }
        let low = sample.reduce(sample[0]) { $0.replacing(with: $1, where: $1 .< $0) }
        let high = sample.reduce(sample[0]) { $0.replacing(with: $1, where: $1 .> $0) }
        let diagonal = (high - low).norm
        let size = max(Self.cell * spacing * Float(step).squareRoot(), diagonal / 200)
        var best = (axis: SIMD3<Float>(0, 0, 1), share: 2.0)
        for number in 0..<Self.directionCount {
            let axis = SIMD3<Float>(Self.spiral(number, of: 2 * Self.directionCount))
            let share = Self.hidden(sample, along: axis, cell: size, depth: Self.depth * diagonal)
            if share < best.share { best = (axis, share) }
        }
        axis = best.axis
        hiddenShare = best.share
    }

    /// Unit vectors spread evenly by a golden spiral from z = 1 down to -1; the first half is the upper one.
    static func spiral(_ number: Int, of count: Int) -> SIMD3<Double> {
        let z = 1 - (2 * Double(number) + 1) / Double(count)
        let turn = RigidTransform(axis: SIMD3(0, 0, 1), degrees: 137.50776405003785 * Double(number))
        return turn.apply(SIMD3<Double>((1 - z * z).squareRoot(), 0, z))
    }

    private static func hidden(_ points: [SIMD3<Float>], along axis: SIMD3<Float>, cell: Float, depth: Float) -> Double
    {
        let (u, v) = axis.tangents
        var cells: [SIMD2<Int32>: [Float]] = [:]
        cells.reserveCapacity(points.count)
        for point in points {
            let key = SIMD2(
                Int32(((point * u).sum() / cell).rounded(.down)), Int32(((point * v).sum() / cell).rounded(.down)))
            cells[key, default: []].append((point * axis).sum())
        }
        // A steep slope spreads over the depths between; surface behind other surface leaves them empty.
        let hidden = cells.values.reduce(0) { sum, heights in
            let sorted = heights.sorted()
            let hasGap = zip(sorted, sorted.dropFirst()).contains { $1 - $0 > depth }
            return sum + (hasGap ? sorted.count : 0)
        }
        return Double(hidden) / Double(points.count)
    }
}

extension SIMD3<Float> {
    var norm: Float { (self * self).sum().squareRoot() }

    /// Two unit vectors that stand on this one and on each other.
    var tangents: (SIMD3<Float>, SIMD3<Float>) {
        let other = abs(x) < 0.6 ? SIMD3<Float>(1, 0, 0) : SIMD3<Float>(0, 1, 0)
        let u = cross(other), unit = u / u.norm
        return (unit, cross(unit))
    }

    func cross(_ b: SIMD3<Float>) -> SIMD3<Float> {
        SIMD3(y * b.z - z * b.y, z * b.x - x * b.z, x * b.y - y * b.x)
    }
}
