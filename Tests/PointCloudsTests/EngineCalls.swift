import ParallelLoops
import PointClouds

/// Calls of the engine whose form may change: one place for all tests that go over every operation.
enum EngineCalls {
    static func rateOfChange(_ index: NeighborIndex, _ workers: Workers) -> [Float] {
        GeometryAwareSampling.rateOfChange(index, workers: workers)
    }

    static func geometryAwareCenters(
        _ index: NeighborIndex, count: Int, _ workers: Workers,
        options: GeometryAwareSampling.Options = GeometryAwareSampling.Options()
    ) -> [Int32] {
        GeometryAwareSampling.sample(index, count: count, options: options, workers: workers)
    }

    static func voxelRepresentatives(_ points: [SIMD3<Float>], size: Float) -> [Int32] {
        VoxelSampling.representatives(points, size: size)
    }

    /// Normals and curvatures from the k nearest, by every way that there is.
    static func geometries(_ index: NeighborIndex, nearest k: Int, _ workers: Workers) -> [SurfaceGeometry] {
        [
            SurfaceGeometry(
                index: index, neighbors: index.nearestOfAll(k, workers: workers), workers: workers),
            SurfaceGeometry(index: index, nearest: k, workers: workers),
        ]
    }
}
