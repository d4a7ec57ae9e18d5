import ParallelLoops
import PointClouds
import Testing

/// The same bits on one worker and two, and whatever the order of the points.
@Suite struct ReproducibilityTests {
    /// Everything computed from a cloud, with indices replaced by coordinates where the order of points is another.
    private struct Results: Equatable {
        var neighbors: [SIMD3<Float>] = []
        var distances: [Float] = []
        var geometry: SurfaceGeometry
        var change: [Float]
        var centers: [SIMD3<Float>]
        var farthest: [SIMD3<Float>]
        var random: [SIMD3<Float>]
        var voxels: [SIMD3<Float>]
        var patches: [Float]
        var box: OrientedBoundingBox
        var registration: Registration
        var kept: Set<SIMD3<Float>>
        var chamfer: Double
        var mapped: [Float]
    }

    /// Rows come in the order `rows`, so that those of a shuffled cloud can be held against the original's.
    private func results(_ points: [SIMD3<Float>], rows: [Int], _ workers: Workers) -> Results {
        let index = NeighborIndex(points, workers: workers)
        let table = index.nearestOfAll(24, workers: workers)
        let geometry = SurfaceGeometry(index: index, nearest: 24, workers: workers)
        let centers = GeometryAwareSampling.sample(index, workers: workers)
        let change = GeometryAwareSampling.rateOfChange(index, workers: workers)
        func at(_ indices: some Sequence<Int32>) -> [SIMD3<Float>] { indices.map { points[Int($0)] } }
        let motion = RigidTransform(axis: SIMD3(1, 0, 2), degrees: 5, translation: SIMD3(1, 2, 3))
        var options = IterativeClosestPoint.Options()
        options.workers = workers
        let moved = points.map { motion.apply($0) }
        return Results(
            neighbors: rows.flatMap { at(table.neighbors(of: $0)) },
            distances: rows.flatMap { table.squaredDistances[$0 * 24..<($0 + 1) * 24] },
            geometry: SurfaceGeometry(
                normals: rows.map { geometry.normals[$0] }, curvatures: rows.map { geometry.curvatures[$0] }),
            change: rows.map { change[$0] },
            centers: at(centers), farthest: at(FarthestPointSampling.sample(index, count: 300)),
            random: at(RandomSampling.sample(index, count: 99, seed: 5)),
            voxels: VoxelSampling(points, size: 4).centroids + at(VoxelSampling.representatives(points, size: 4)),
            patches: Patches(cloud: index, centers: centers, workers: workers).coordinates,
            box: OrientedBoundingBox(points),
            registration: IterativeClosestPoint.pointToPlane(
                source: moved, target: index, targetNormals: geometry.normals, options: options),
            kept: Set(at(OutlierRemoval.statistical(index, table: table))),
            chamfer: ChamferDistance.between(index, NeighborIndex(moved), workers: workers),
            mapped: InverseDistance(
                from: NeighborIndex(at(centers)), to: rows.map { points[$0] }, workers: workers
            ).map((0..<256).map { Float($0) }))
    }

    @Test(arguments: [Clouds.Kind.surface, .clustered, .grid, .duplicated])
    func sameBits(_ kind: Clouds.Kind) {
        let points = Clouds.make(kind, 6000)
        let (other, from) = Clouds.shuffled(points)
        var back = [Int](repeating: 0, count: 6000)
        for (i, original) in from.enumerated() { back[original] = i }
        let one = results(points, rows: Array(0..<6000), .one)
        let two = results(points, rows: Array(0..<6000), Workers(count: 2))
        let shuffled = results(other, rows: back, Workers(count: 2))
        #expect(one == two)
        #expect(one == shuffled)
    }
}
