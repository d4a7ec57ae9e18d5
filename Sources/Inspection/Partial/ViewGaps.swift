import ParallelLoops
import PointClouds

/// Surface of one side that another scan lacks although its sensor must have seen it.
///
/// A site counts where it faces the sensor and neither what the scan saw nor what else is known stands before it; its gap is
/// how far beside it, in the sensor's own picture, the nearest ray ended on such surface. Rays that went through to what lies
/// behind do not count.
enum ViewGaps {
    /// Cosine between normal and ray of sites that count: steeper ones return nothing.
    static let facing: Float = 0.35
    /// Along the ray, in spacings of the surface and as a share of the diagonal, within which it is the same surface.
    private static let depthSpacings: Float = 3, depthShare: Float = 0.01
    /// In spacings of the picture: how far is looked, and within which something nearer hides.
    static let reach: Float = 14
    private static let blocking: Float = 2.5

    /// - Parameters:
    ///   - side: the known one.
    ///   - pose: from its frame to that of the scan.
    ///   - sites: of the side's surface.
    ///   - reach: how far is looked, in spacings of the picture.
    ///   - occluders: other known sides with their poses: what stands before a site though the scan did not return it, as at
    ///     grazing angles.
    /// - Returns: for each of the known side's sites the gap in spacings of the scan's picture, at most `reach`; 0 where the sensor
    ///   need not have seen it. Shape of `sites`.
    static func measure(
        of side: SeenSide, sites: [Int32], at pose: RigidTransform, in scan: SeenSide, reach: Float = reach,
        occluders: [DepthPicture], workers: Workers
    ) -> [Float] {
        let picture = scan.picture
        let tolerance = tolerance(side)
        var gaps = [Float](repeating: 0, count: sites.count)
        gaps.withUnsafeMutableBufferPointer { buffer in
            let gaps = DisjointWrites(buffer)
            workers.run(over: sites.count, by: 256) { range in
                for slot in range {
                    let site = Int(sites[slot])
                    guard side.weights[site] > 0 else { continue }
                    let place = pose.apply(side.surface.points[site])
                    let ray = picture.eye - place
                    guard (pose.rotate(side.surface.normals[site]) * ray).sum() >= facing * ray.norm else { continue }
                    guard let sight = picture.sight(of: place, tolerance: tolerance, reach: reach),
                        sight.nearer >= blocking, sight.same > 1
                    else { continue }
                    let isHidden = occluders.contains {
                        ($0.sight(of: place, tolerance: tolerance, reach: blocking)?.nearer ?? .infinity) < blocking
                    }
                    if !isHidden { gaps[slot] = min(sight.same, reach) }
                }
            }
        }
        return gaps
    }

    /// Within which two points on a ray are the same surface, mm.
    private static func tolerance(_ side: SeenSide) -> Float {
        max(depthSpacings * side.surface.spacing, depthShare * side.diagonal)
    }

    /// Whether a sensor had a free sight of a place, and nothing was there.
    static func looksThrough(_ side: SeenSide, at place: SIMD3<Float>) -> Bool {
        guard side.sensor != nil,
            let sight = side.picture.sight(of: place, tolerance: tolerance(side), reach: unseen + 1)
        else { return false }
        return sight.nearer >= blocking && sight.same > unseen
    }

    /// The gap that a handful of sites have: single ones stand at edges, and are chance.
    static func width(_ gaps: [Float]) -> Float {
        let widest = gaps.filter { $0 > 0 }.sorted(by: >)
        return widest.count >= least ? widest[least - 1] : 0
    }
    static let least = 5

    /// Share of sites with a gap wider than chance leaves.
    static func unseenShare(_ gaps: [Float]) -> Double {
        Double(gaps.count { $0 > unseen }) / Double(max(1, gaps.count))
    }
    static let unseen: Float = 5
}
