import ParallelLoops
import PointClouds

/// Distance of a registered part to the taught surface, and of the surface to the part, in mm.
enum DeviationChannel {
    struct Measurement: Sendable {
        /// Signed distance of each part point, averaged over its near neighbours; outward positive. Shape [N].
        var deviations: [Float]
        /// The same, averaged over three: noisier, but a narrow groove keeps its depth. What regions tell in mm. Shape [N].
        var depths: [Float]
        /// Lateral distance from each site of the template to the part. Shape [S].
        var gaps: [Float]
    }

    /// Neighbours (the point included) over which a distance is averaged: cuts the scanner's noise to a third and
    /// keeps a groove three spacings wide.
    static let smoothing = 9

    /// - Parameters:
    ///   - aligned: the part's points in the taught frame.
    ///   - registration: from where it arrived to there.
    static func measure(
        _ part: PreparedPart, aligned: [SIMD3<Float>], registration: RigidTransform, surface: ReferenceSurface,
        sites: [Int32], workers: Workers
    ) -> Measurement {
        let projection = surface.project(aligned, workers: workers)
        let gaps =
            sites.isEmpty
            ? []
            : surface.gaps(
                at: sites, to: part.index, registration: registration, projection: projection, workers: workers)
        return Measurement(
            deviations: part.smoothed(projection.values, over: smoothing),
            depths: part.smoothed(projection.values, over: 3), gaps: gaps)
    }
}
