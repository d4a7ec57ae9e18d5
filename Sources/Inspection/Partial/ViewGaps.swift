import ParallelLoops
import PointClouds

/// Taught surface that a scan from one side lacks although its sensor must have seen it.
///
/// A site counts where it faces the sensor, no point of the scan stands before it, and either the scan surrounds it (a hole)
/// or it faces the sensor so fully that only missing material explains its absence (a broken edge). Everything else that the
/// scan lacks is the part's other side.
enum ViewGaps {
    /// Cosine between normal and sensor of sites that count where surrounded, and where not.
    private static let facing: Float = 0.25, fullyFacing: Float = 0.6
    /// Lengths in spacings: nearer is no gap; before a site is who is higher by more; a ray's half width.
    private static let least: Float = 3, before: Float = 4, ray: Float = 2.5
    /// Widening of the ray, since the sensor stands at a finite distance and its direction is known to a few degrees.
    private static let widening: Float = 0.3
    /// Around which a site is surrounded, as a share of the diagonal.
    private static let surroundings: Float = 0.12
    private static let occupiedSectors = 5

    /// - Parameters:
    ///   - aligned: the scan's points in the surface's frame.
    ///   - axis: towards the sensor; where not `isSigned` towards it or away from it, told by the surface's normals.
    /// - Returns: distance to the nearest point of the scan at each site that counts, mm; 0 elsewhere. Shape of `sites`.
    /// - Complexity: O(S log N), and O(N) for each site that the scan lacks.
    static func measure(
        _ aligned: [SIMD3<Float>], along axis: SIMD3<Float>, surface: ReferenceSurface, sites: [Int32], diagonal: Float,
        isSigned: Bool = false, workers: Workers
    ) -> [Float] {
        let sides = surface.project(aligned, workers: workers).sites
        var towards: Float = 0
        for side in sides where side >= 0 { towards += (surface.normals[Int(side)] * axis).sum() }
        let sensor = towards < 0 && !isSigned ? -axis : axis
        let index = NeighborIndex(aligned, workers: workers)
        let step = max(1, aligned.count / 6000)
        let blockers = stride(from: 0, to: aligned.count, by: step).map { aligned[$0] }
        let spacing = surface.spacing
        let width = ray * spacing * max(1, Float(step).squareRoot() / 1.5)
        var gaps = [Float](repeating: 0, count: sites.count)
        gaps.withUnsafeMutableBufferPointer { buffer in
            let gaps = DisjointWrites(buffer)
            workers.run(over: sites.count, by: 256) { range in
                for slot in range {
                    let place = surface.points[Int(sites[slot])], normal = surface.normals[Int(sites[slot])]
                    let cosine = (normal * sensor).sum()
                    guard cosine >= facing else { continue }
                    let gap = index.nearest(to: place).squaredDistance.squareRoot()
                    guard gap > least * spacing, gap.isFinite else { continue }
                    let isOpen = !blockers.contains { point in
                        let offset = point - place
                        let height = (offset * sensor).sum()
                        guard height > before * spacing else { return false }
                        let reach = widening * height + width
                        return (offset * offset).sum() - height * height < reach * reach
                    }
                    guard isOpen else { continue }
                    if cosine >= fullyFacing
                        || isSurrounded(place, normal, index, sides, surface, radius: surroundings * diagonal)
                    {
                        gaps[slot] = gap
                    }
                }
            }
        }
        return gaps
    }

    /// Whether points of the scan on the same side of the wall lie around a place in five of six sectors.
    private static func isSurrounded(
        _ place: SIMD3<Float>, _ normal: SIMD3<Float>, _ index: NeighborIndex, _ sides: [Int32],
        _ surface: ReferenceSurface, radius: Float
    ) -> Bool {
        let (u, v) = normal.tangents
        // Lines at 0, 60 and 120 degrees part the plane into six sectors.
        let lines = [u, 0.5 * u + 0.8660254 * v, -0.5 * u + 0.8660254 * v]
        var occupied: UInt8 = 0
        for point in index.within(radius, of: place) {
            let side = sides[Int(point)]
            guard side >= 0, (surface.normals[Int(side)] * normal).sum() > 0.3 else { continue }
            let offset = index.points[Int(point)] - place
            let height = (offset * normal).sum()
            let lateral = max(0, (offset * offset).sum() - height * height).squareRoot()
            guard abs(height) <= 0.5 * lateral + 2 * surface.spacing else { continue }
            var sector = 0
            for (bit, line) in lines.enumerated() where (offset * line).sum() > 0 { sector |= 1 << bit }
            occupied |= 1 << UInt8(sector)
            if occupied.nonzeroBitCount > occupiedSectors { return true }
        }
        return occupied.nonzeroBitCount >= occupiedSectors
    }
}
