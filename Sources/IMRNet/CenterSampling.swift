public import ParallelLoops
public import PointClouds

/// How the centres of patches are chosen: geometry-aware, or as Table 4 of the paper compares it with.
public enum CenterSampling: String, Sendable, Codable, CaseIterable {
    /// Two thirds where normals and curvature change (eq. 1 to 6).
    case geometryAware = "geometry-aware"
    /// Uniform over the points ("RS").
    case random
    /// Farthest-point sampling of the whole cloud ("FPS").
    case farthestPoint = "farthest-point"
    /// One point for each occupied cell of a grid.
    case voxel

    /// - Parameters:
    ///   - options: of the geometry-aware sampling; the others need none.
    ///   - seed: of the random and the voxel sampling.
    /// - Returns: indices of `count` points, all different; of all of them if the cloud is smaller.
    public func sample(
        _ index: NeighborIndex, count: Int, options: GeometryAwareSampling.Options, seed: UInt64, workers: Workers
    ) -> [Int32] {
        switch self {
        case .geometryAware: GeometryAwareSampling.sample(index, count: count, options: options, workers: workers)
        case .random: RandomSampling.sample(index, count: count, seed: seed)
        case .farthestPoint: FarthestPointSampling.sample(index, count: count)
        case .voxel: Self.cells(index, count: count, seed: seed)
        }
    }

    /// The coarsest grid, to a hundredth, with at least `count` cells; of its cells' points chance leaves `count`.
    private static func cells(_ index: NeighborIndex, count: Int, seed: UInt64) -> [Int32] {
        let points = index.points
        guard count < index.finiteCount else { return RandomSampling.sample(index, count: count, seed: seed) }
        var low = SIMD3<Float>(repeating: .infinity), high = -low
        for point in points where point.x.isFinite && point.y.isFinite && point.z.isFinite {
            low = pointwiseMin(low, point)
            high = pointwiseMax(high, point)
        }
        var coarse = max((high - low).max(), .leastNormalMagnitude), fine = coarse
        var chosen = VoxelSampling.representatives(points, size: fine)
        while chosen.count < count {
            coarse = fine
            fine /= 2
            // Cells finer than this are single points; repeated ones never come apart.
            guard fine > (high - low).max() * 1e-6 else {
                return RandomSampling.sample(index, count: count, seed: seed)
            }
            chosen = VoxelSampling.representatives(points, size: fine)
        }
        while coarse > fine * 1.01 {
            let middle = (coarse + fine) / 2
            let cells = VoxelSampling.representatives(points, size: middle)
            if cells.count >= count { (fine, chosen) = (middle, cells) } else { coarse = middle }
        }
        return RandomSampling.indices(count: count, of: chosen.count, seed: seed).map { chosen[Int($0)] }
    }
}
