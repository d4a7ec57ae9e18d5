import ParallelLoops
import PointClouds

/// Brings an arriving part into the taught frame.
enum Alignment {
    /// Registers `part` to `surface` by ICP from two starts: as it arrived, and with its centroid moved onto the
    /// surface's. The better fit is kept, the first on a tie.
    static func register(_ part: PreparedPart, to surface: ReferenceSurface, workers: Workers) -> Registration {
        let shift = mean(surface.points) - mean(part.points)
        let starts = [RigidTransform(translation: shift), RigidTransform.identity]
        var options = IterativeClosestPoint.Options()
        options.inlierDistance = inlierDistance(surface.spacing)
        options.workers = workers
        let results = starts.map { start in
            IterativeClosestPoint.pointToPlane(
                source: part.points, target: surface.index, targetNormals: surface.normals, initial: start,
                options: options)
        }
        return results[1].isBetter(than: results[0]) ? results[1] : results[0]
    }

    /// Farther than this from the surface, a point does not speak for the registration: mm.
    static func inlierDistance(_ spacing: Float) -> Float { 2 * spacing + 0.5 }

    private static func mean(_ points: [SIMD3<Float>]) -> SIMD3<Double> {
        var sum = SIMD3<Double>.zero
        for point in points { sum += SIMD3<Double>(point) }
        return sum / Double(max(1, points.count))
    }
}

extension Registration {
    /// More of the part on the surface; among equals (to a thousandth) the smaller residual.
    fileprivate func isBetter(than other: Registration) -> Bool {
        if abs(fitness - other.fitness) > 0.001 { return fitness > other.fitness }
        return rmse < other.rmse
    }
}
