/// A small box around points, in any orientation: what a defect or a part measures.
///
/// Starts from the principal axes, then turns the box about each of its axes to the least rectangle around the points'
/// shadow, as long as the volume falls. Not always the least of all boxes, but never larger than that of the principal
/// axes. It depends on the set of points, not on their order.
public struct OrientedBoundingBox: Sendable, Equatable {
    /// In mm.
    public let center: SIMD3<Float>
    /// Unit vectors, right-handed, in descending order of extent.
    public let axes: [SIMD3<Float>]
    /// Full lengths along the axes, mm.
    public let extent: SIMD3<Float>

    /// Points that are not finite are left out; of no points at all the box is empty, at the origin.
    /// - Complexity: O(n) for most clouds.
    public init(_ points: [SIMD3<Float>]) {
        let ordered = MortonOrder(points, workers: .one).indices.map { SIMD3<Double>(points[Int($0)]) }
        guard !ordered.isEmpty else {
            center = .zero
            axes = [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
            extent = .zero
            return
        }
        let centroid = ordered.reduce(.zero, +) / Double(ordered.count)
        let relative = ordered.map { $0 - centroid }
        var frame = Self.principalAxes(relative)
        var best = Self.volume(relative, frame)
        for round in 0..<6 {
            let candidate = Self.turned(frame, about: round % 3, relative)
            let volume = Self.volume(relative, candidate)
            // Flat sets have no volume: they are turned in their plane by area.
            if volume < best { (frame, best) = (candidate, volume) }
        }
        let spans = frame.map { Self.span(relative, $0) }
        let order = [0, 1, 2].sorted { (spans[$0].1 - spans[$0].0, -$0) > (spans[$1].1 - spans[$1].0, -$1) }
        var sorted = order.map { Self.withPositiveLargest(frame[$0]) }
        sorted[2] = cross(sorted[0], sorted[1])
        var middle = centroid
        for k in order { middle += frame[k] * (spans[k].0 + spans[k].1) / 2 }
        center = SIMD3<Float>(middle)
        axes = sorted.map { SIMD3<Float>($0) }
        extent = SIMD3<Float>(
            SIMD3(
                spans[order[0]].1 - spans[order[0]].0, spans[order[1]].1 - spans[order[1]].0,
                spans[order[2]].1 - spans[order[2]].0))
    }

    private static func principalAxes(_ points: [SIMD3<Double>]) -> [SIMD3<Double>] {
        var (squares, products) = (SIMD3<Double>.zero, SIMD3<Double>.zero)
        for p in points {
            squares += p * p
            products += SIMD3(p.x * p.y, p.x * p.z, p.y * p.z)
        }
        typealias Lanes = SymmetricEigen.Lanes
        let eigen = SymmetricEigen(
            xx: Lanes(repeating: squares.x), xy: Lanes(repeating: products.x), xz: Lanes(repeating: products.y),
            yy: Lanes(repeating: squares.y), yz: Lanes(repeating: products.z), zz: Lanes(repeating: squares.z))
        let (u, v) = (eigen.vectors.2, eigen.vectors.1)
        let first = SIMD3(u.x[0], u.y[0], u.z[0])
        let second = SIMD3(v.x[0], v.y[0], v.z[0])
        return [first / length(first), second / length(second), cross(first, second) / length(cross(first, second))]
    }

    private static func span(_ points: [SIMD3<Double>], _ axis: SIMD3<Double>) -> (Double, Double) {
        var (low, high) = (Double.infinity, -Double.infinity)
        for p in points {
            let d = dot(p, axis)
            low = min(low, d)
            high = max(high, d)
        }
        return (low, high)
    }

    /// With every edge at least a millionth of the longest: so that of flat boxes the least area wins.
    private static func volume(_ points: [SIMD3<Double>], _ frame: [SIMD3<Double>]) -> Double {
        let edges = frame.map { axis in
            let (low, high) = span(points, axis)
            return high - low
        }
        let least = max(1e-6 * (edges.max() ?? 0), .leastNormalMagnitude)
        return edges.reduce(1) { $0 * max($1, least) }
    }

    /// The frame turned about one of its axes to the least rectangle around the projection along it.
    private static func turned(
        _ frame: [SIMD3<Double>], about axis: Int, _ points: [SIMD3<Double>]
    ) -> [SIMD3<Double>] {
        let (u, v) = (frame[(axis + 1) % 3], frame[(axis + 2) % 3])
        let hull = ConvexHull2D.hull(of: points.map { SIMD2(dot($0, u), dot($0, v)) })
        let direction = ConvexHull2D.leastRectangle(around: hull)
        var turned = frame
        turned[(axis + 1) % 3] = direction.x * u + direction.y * v
        turned[(axis + 2) % 3] = direction.x * v - direction.y * u
        return turned
    }

    private static func withPositiveLargest(_ v: SIMD3<Double>) -> SIMD3<Double> {
        let magnitude = v.replacing(with: -v, where: v .< 0)
        let largest = [0, 1, 2].max { magnitude[$0] < magnitude[$1] } ?? 0
        return v[largest] < 0 ? -v : v
    }
}
