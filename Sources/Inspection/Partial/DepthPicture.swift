import ParallelLoops
import PointClouds

/// What a sensor saw, as it saw it: each point by where its ray passes a plane before the eye, and by its distance.
///
/// Rays at even steps fill the picture evenly, however steep the surface is, so that in it a gap is told from a slope.
struct DepthPicture: Sendable {
    let eye: SIMD3<Float>
    private let axis: SIMD3<Float>
    private let u: SIMD3<Float>, v: SIMD3<Float>
    /// Distance from the eye to the plane: that of the points' centroid, mm.
    private let plane: Float
    /// Places in the plane, mm, z = 0.
    private let index: NeighborIndex
    private let depths: [Float]
    /// Mean distance of neighbouring points in the plane, mm.
    let spacing: Float

    init(_ points: [SIMD3<Float>], from eye: SIMD3<Float>, workers: Workers) {
        self.eye = eye
        let offset = SIMD3<Float>(points.centroid) - eye
        plane = max(offset.norm, .leastNormalMagnitude)
        axis = offset / plane
        (u, v) = axis.tangents
        var places: [SIMD3<Float>] = [], depths: [Float] = []
        for point in points {
            let ray = point - eye, depth = max((ray * axis).sum(), 1e-3 * plane)
            places.append(SIMD3((ray * u).sum(), (ray * v).sum(), 0) * (plane / depth))
            depths.append(depth)
        }
        self.depths = depths
        index = NeighborIndex(places, workers: workers)
        let near = index.nearestOfAll(min(9, max(1, places.count)), workers: workers)
        let reaches = places.indices.map { near.squaredDistances[($0 + 1) * near.size - 1] }.sorted()
        // Eight others within r: a point takes pi r² / 8.
        spacing = reaches.isEmpty ? 0 : (reaches[reaches.count / 2] * .pi / 8).squareRoot()
    }

    /// What the picture holds around a place in space; distances in the plane, in spacings, infinite where there is nothing.
    struct Sight {
        /// To the nearest ray that ends on the same surface: there, or just before or behind it.
        var same = Float.infinity
        /// To the nearest ray that ends on something before it.
        var nearer = Float.infinity
    }

    /// - Parameters:
    ///   - tolerance: how far apart along the ray two points are the same surface, mm.
    ///   - reach: how far to look, in spacings.
    /// - Returns: `nil` for a place beside or behind the eye.
    func sight(of place: SIMD3<Float>, tolerance: Float, reach: Float) -> Sight? {
        let ray = place - eye, depth = (ray * axis).sum()
        guard depth > 1e-3 * plane, spacing > 0 else { return nil }
        let at = SIMD3((ray * u).sum(), (ray * v).sum(), 0) * (plane / depth)
        var sight = Sight()
        for i in index.within(reach * spacing, of: at) {
            let offset = index.points[Int(i)] - at, distance = (offset * offset).sum().squareRoot()
            let behind = depths[Int(i)] - depth
            if behind < -tolerance {
                sight.nearer = min(sight.nearer, distance)
            } else if behind <= tolerance + distance {
                // At a slope of 45 degrees and less the surface beside it counts.
                sight.same = min(sight.same, distance)
            }
        }
        return Sight(same: sight.same / spacing, nearer: sight.nearer / spacing)
    }
}
