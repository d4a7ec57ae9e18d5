import ParallelLoops
import PointClouds

/// Taught surface that a scan from one side lacks although its sensor must have seen it.
///
/// A site counts where it faces the sensor and nothing stands before it, neither of the scan nor of the taught surface, also
/// from places a few degrees beside the one that the sensor is taken to be at. Everything else that the scan lacks is the
/// part's other side, or lies in a shadow.
enum ViewGaps {
    /// Cosine between normal and line of sight of sites that count.
    private static let facing: Float = 0.35
    /// Lengths in spacings: nearer is no gap where the sensor looks straight on; edge of a cell of the depth picture.
    static let least: Float = 3
    private static let cell: Float = 2
    /// How uncertain the sensor's direction is, degrees.
    private static let uncertainty = 4.0

    /// - Parameters:
    ///   - scan: the scan's points, by an index in its own frame.
    ///   - pose: from there to the surface's frame.
    ///   - eye: the sensor, in the scan's frame.
    ///   - sites: points of the surface, not on its borders.
    /// - Returns: at each site that counts the distance to the nearest point of the scan in units of what a good scan
    ///   leaves open there; 0 elsewhere. Shape of `sites`.
    /// - Complexity: O((N + M + S) + S log N) for N points, M of the surface, S sites.
    static func measure(
        _ scan: NeighborIndex, at pose: RigidTransform, from eye: SIMD3<Float>, surface: ReferenceSurface,
        occluders: [SIMD3<Float>], sites: [Int32], workers: Workers
    ) -> [Float] {
        let back = pose.inverse
        let places = sites.map { back.apply(surface.points[Int($0)]) }
        let normals = sites.map { back.rotate(surface.normals[Int($0)]) }
        let all = scan.points + occluders.map { back.apply($0) }
        let spacing = surface.spacing
        let center = scan.points.reduce(.zero, +) / Float(max(1, scan.points.count))
        var isOpen = [Bool](repeating: true, count: sites.count)
        let (u, v) = ((eye - center) / (eye - center).norm).tangents
        for axis in [nil, u, -u, v, -v] {
            let place = axis.map { axis in
                center
                    + SIMD3<Float>(
                        RigidTransform(axis: SIMD3<Double>(axis), degrees: uncertainty).apply(SIMD3<Double>(eye - center)))
            } ?? eye
            let picture = DepthPicture(all, from: place, towards: center, cell: cell * spacing)
            for i in sites.indices where isOpen[i] {
                let sight = place - places[i]
                let cosine = (normals[i] * sight).sum() / sight.norm
                isOpen[i] = cosine >= facing && picture.shows(places[i], slope: cosine, spacing: spacing)
            }
        }
        var gaps = [Float](repeating: 0, count: sites.count)
        gaps.withUnsafeMutableBufferPointer { [isOpen] buffer in
            let gaps = DisjointWrites(buffer)
            workers.run(over: sites.count, by: 256) { range in
                for i in range where isOpen[i] {
                    let sight = eye - places[i]
                    let cosine = max(facing, (normals[i] * sight).sum() / sight.norm)
                    let distance = scan.nearest(to: places[i]).squaredDistance.squareRoot()
                    guard distance.isFinite else { continue }
                    // At a slant the scan's points lie farther apart.
                    gaps[i] = distance / (spacing * (0.5 + 0.5 / cosine))
                }
            }
        }
        return gaps
    }
}

/// The nearest surface in each direction from a place.
struct DepthPicture {
    private let eye: SIMD3<Float>, axis: SIMD3<Float>, u: SIMD3<Float>, v: SIMD3<Float>
    /// Cells for a unit of the tangent of the angle from the axis.
    private let scale: Float
    private let low: SIMD2<Int>, size: SIMD2<Int>
    private var depths: [Float]

    init(_ points: [SIMD3<Float>], from eye: SIMD3<Float>, towards center: SIMD3<Float>, cell: Float) {
        let distance = (center - eye).norm
        (self.eye, axis) = (eye, (center - eye) / distance)
        (u, v) = axis.tangents
        scale = distance / cell
        var low = SIMD2(Int.max, Int.max), high = SIMD2(Int.min, Int.min)
        var cells: [(SIMD2<Int>, Float)] = []
        cells.reserveCapacity(points.count)
        for point in points {
            let sight = point - eye, depth = (sight * axis).sum()
            guard depth > 0.05 * distance else { continue }
            let place = SIMD2(
                Int(((sight * u).sum() / depth * scale).rounded(.down)),
                Int(((sight * v).sum() / depth * scale).rounded(.down)))
            low = pointwiseMin(low, place)
            high = pointwiseMax(high, place)
            cells.append((place, depth))
        }
        self.low = low
        size = cells.isEmpty ? .zero : high &- low &+ 1
        depths = [Float](repeating: .infinity, count: size.x * size.y)
        for (place, depth) in cells {
            let at = (place.y - low.y) * size.x + place.x - low.x
            depths[at] = min(depths[at], depth)
        }
    }

    /// Whether nothing stands before a surface point, in its cell and those around it.
    ///
    /// - Parameter slope: cosine between its normal and the line of sight: the surface itself comes nearer beside it.
    func shows(_ point: SIMD3<Float>, slope: Float, spacing: Float) -> Bool {
        let sight = point - eye, depth = (sight * axis).sum()
        guard depth > 0 else { return false }
        let place = SIMD2(
            Int(((sight * u).sum() / depth * scale).rounded(.down)),
            Int(((sight * v).sum() / depth * scale).rounded(.down)))
        let rise = max(0, 1 - slope * slope).squareRoot() / slope
        let margin = spacing * (2 + 4 * rise)
        for y in max(low.y, place.y - 1)...max(low.y, place.y + 1) where y < low.y + size.y {
            for x in max(low.x, place.x - 1)...max(low.x, place.x + 1) where x < low.x + size.x {
                if depths[(y - low.y) * size.x + x - low.x] < depth - margin { return false }
            }
        }
        return true
    }
}
