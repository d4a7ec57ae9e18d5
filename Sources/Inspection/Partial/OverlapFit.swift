import ParallelLoops
import PointClouds

/// How well a pose lays a scan onto a surface that it shares only in part.
struct OverlapFit: Sendable, Equatable {
    /// Share of the scan's surface that lies on the other one, with the same tangent plane.
    var lying = 0.0
    /// Share that lies beside it: over or under known surface, but not on it.
    var conflicting = 0.0
    /// Of what lies on the other surface, whichever way it faces, the share that faces the same way: both were seen from outside.
    var agreement = 0.0

    /// More overlap is better; surface that contradicts what is known speaks against a pose. Half, since edges and what
    /// lies behind a step do so rightly.
    var score: Double { lying - 0.5 * conflicting }

    /// Lengths in spacings: how far off a plane still lies on it, how far beside a point its plane counts.
    private static let tight: Float = 0.5, lateral: Float = 1.5
    /// How far off counts as contradiction, as a share of the diagonal.
    private static let reach: Float = 0.03
    private static let normalCosine: Float = 0.8

    /// - Complexity: O(n log M) for the scan's sample of n.
    static func of(
        _ scan: SeenSide, at pose: RigidTransform, on surface: ReferenceSurface, diagonal: Float, workers: Workers
    ) -> OverlapFit {
        let moved = pose.apply(scan.sample)
        let (indices, squared) = surface.index.nearest(of: moved, workers: workers)
        let spacing = surface.spacing
        var lying = 0, conflicting = 0, averted = 0
        for i in moved.indices where indices[i] >= 0 {
            let site = Int(indices[i]), normal = surface.normals[site]
            let height = abs(((moved[i] - surface.points[site]) * normal).sum())
            let beside = max(0, squared[i] - height * height).squareRoot()
            guard beside <= lateral * spacing, height <= reach * diagonal else { continue }
            let cosine = (pose.rotate(scan.sampleNormals[i]) * normal).sum()
            if height <= tight * spacing && cosine >= normalCosine {
                lying += 1
            } else if height <= tight * spacing && cosine <= -normalCosine {
                averted += 1
            } else if height > tight * spacing && cosine > 0 {
                conflicting += 1
            }
        }
        let count = Double(max(1, moved.count))
        return OverlapFit(
            lying: Double(lying) / count, conflicting: Double(conflicting) / count,
            agreement: Double(lying) / Double(max(1, lying + averted)))
    }
}
