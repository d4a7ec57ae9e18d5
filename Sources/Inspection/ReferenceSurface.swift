import ParallelLoops
import PointClouds

/// The taught surface of a part type: the good scans, registered and merged, as points with outward normals.
public struct ReferenceSurface: Sendable {
    /// Points, outward normals and an index over them.
    let surface: OrientedSurface

    /// Points in the taught pose, mm. Each was moved onto the plane fitted to its neighbourhood, so that the noise of
    /// single scan points does not become tolerance.
    public var points: [SIMD3<Float>] { surface.points }
    /// Unit normals, outward.
    public var normals: [SIMD3<Float>] { surface.normals }
    /// Mean distance between neighbouring points of one scan, mm.
    public var spacing: Float { surface.spacing }
    var index: NeighborIndex { surface.index }

    /// Mean of the points, mm.
    let centroid: SIMD3<Double>

    /// Neighbours in the plane fit: at four scans about one ring of points, small against any form worth inspecting.
    static let planeNeighbors = 12

    init(points: [SIMD3<Float>], normals: [SIMD3<Float>], spacing: Float) {
        self.surface = OrientedSurface(points: points, normals: normals, spacing: spacing)
        self.centroid = points.centroid
    }

    /// Fits a surface to scans that are already in one frame.
    ///
    /// - Parameters:
    ///   - scans: at least one, each with at least `planeNeighbors` points.
    ///   - spacing: mean point spacing of one scan, mm; the merged cloud is thinned to half of it.
    init(fitting scans: [[SIMD3<Float>]], spacing: Float, workers: Workers) {
        let merged = VoxelSampling(scans.flatMap { $0 }, size: spacing / 2).centroids
        let mergedIndex = NeighborIndex(merged, workers: workers)
        let neighbors = mergedIndex.nearestOfAll(Self.planeNeighbors, workers: workers)
        let geometry = SurfaceGeometry(index: mergedIndex, neighbors: neighbors, workers: workers)
        var smoothed = merged
        for i in merged.indices {
            var mean = SIMD3<Float>.zero
            for neighbor in neighbors.neighbors(of: i) { mean += merged[Int(neighbor)] }
            mean /= Float(neighbors.size)
            let normal = geometry.normals[i]
            smoothed[i] -= ((merged[i] - mean) * normal).sum() * normal
        }
        let normals = NormalOrientation.outward(geometry.normals, points: merged, neighbors: neighbors)
        self.init(points: smoothed, normals: normals, spacing: spacing)
    }

    /// Projects points in the taught frame onto the surface (see `OrientedSurface.signedDistances`).
    /// - Complexity: O(N log M) for N points on a surface of M.
    func project(_ queries: [SIMD3<Float>], workers: Workers) -> SignedDistances {
        surface.signedDistances(of: queries, workers: workers)
    }

    /// For each of `sites` the lateral distance in mm to the nearest point of a part on the same side of the wall (see
    /// `OrientedSurface.gaps`).
    ///
    /// - Parameters:
    ///   - part: the part's points as they arrived.
    ///   - registration: from there to the taught frame.
    ///   - projection: of the part's points in the taught frame onto this surface.
    func gaps(
        at sites: [Int32], to part: NeighborIndex, registration: RigidTransform, projection: SignedDistances,
        workers: Workers
    ) -> [Float] {
        // Without a part there is nothing to measure against: no gap, where the surface alone would say an infinite one.
        guard part.finiteCount > 0 else { return [Float](repeating: 0, count: sites.count) }
        return surface.gaps(
            at: sites, to: part, placement: registration.inverse,
            sides: projection, workers: workers)
    }
}
