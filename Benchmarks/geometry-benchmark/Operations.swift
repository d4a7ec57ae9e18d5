import ParallelLoops
import PointCloudFiles
import PointClouds

/// The operations by name. Each prepares its input once and returns what is timed: everything from raw points on, the
/// spatial index included, as the peers' do.
enum Operations {
    typealias Body = () throws -> Double

    nonisolated(unsafe) static let all: [String: (Input) throws -> Body] = [
        "index": { input in
            let points = try input.points()
            return { Double(NeighborIndex(points, workers: input.workers).finiteCount) }
        },
        "normals": { input in
            let points = try input.points()
            return {
                let index = NeighborIndex(points, workers: input.workers)
                let geometry = SurfaceGeometry(index: index, nearest: 30, workers: input.workers)
                return Double(geometry.curvatures[points.count / 2])
            }
        },
        "knn30": { input in
            let points = try input.points()
            return {
                let index = NeighborIndex(points, workers: input.workers)
                let table = index.nearestOfAll(30, workers: input.workers)
                return Double(table.squaredDistances[30 * (points.count / 2) + 29])
            }
        },
        "fps256": { input in
            let points = try input.points()
            return {
                let index = NeighborIndex(points, workers: input.workers)
                return Double(FarthestPointSampling.sample(index, count: 256)[255])
            }
        },
        "patches256x64": { input in
            let points = try input.points()
            return {
                let index = NeighborIndex(points, workers: input.workers)
                let centers = FarthestPointSampling.sample(index, count: 256)
                let patches = Patches(cloud: index, centers: centers, size: 64, workers: input.workers)
                return Double(patches.memberIndices[256 * 64 - 1])
            }
        },
        "gps256": { input in
            let points = try input.points()
            return {
                let index = NeighborIndex(points, workers: input.workers)
                return Double(GeometryAwareSampling.sample(index, count: 256, workers: input.workers)[255])
            }
        },
        "chamfer": { input in
            let points = try input.points()
            let other = SecondCloud.noisy(points)
            return {
                let a = NeighborIndex(points, workers: input.workers)
                let b = NeighborIndex(other, workers: input.workers)
                return ChamferDistance.between(a, b, workers: input.workers)
            }
        },
        "voxel": { input in
            let points = try input.points()
            let edge = Self.neighborRadius(points)
            return { Double(VoxelSampling(points, size: edge).centroids.count) }
        },
        "icp": { input in
            let points = try input.points()
            let motion = RigidTransform(
                axis: SIMD3(0, 0, 1), degrees: 0.05 * 180 / .pi, translation: SIMD3(0.01, 0.02, -0.015))
            let other = SecondCloud.noisy(points, moved: motion)
            var options = IterativeClosestPoint.Options()
            options.initialDistance = 0.1
            options.workers = input.workers
            return {
                let index = NeighborIndex(points, workers: input.workers)
                let geometry = SurfaceGeometry(index: index, nearest: 20, workers: input.workers)
                let fit = IterativeClosestPoint.pointToPlane(
                    source: other, target: index, targetNormals: geometry.normals, options: options)
                return (fit.transform * motion).angle
            }
        },
        "fpfh": { input in
            let points = try input.points()
            return {
                let index = NeighborIndex(points, workers: input.workers)
                let table = index.nearestOfAll(100, workers: input.workers)
                let geometry = SurfaceGeometry(index: index, neighbors: table.prefix(30), workers: input.workers)
                let histograms = FastPointFeatureHistograms.compute(
                    index: index, normals: geometry.normals, neighbors: table, sizes: [100], workers: input.workers)
                return Double(histograms[0].values[points.count / 2 * FastPointFeatureHistograms.width])
            }
        },
        // Through features, as the peer goes, and with all points of both clouds in the last fit: by default a part that
        // lies nearly right would be settled by ICP alone, and a sample of its points.
        "register": { input in
            let points = try input.points()
            let motion = RigidTransform(
                axis: SIMD3(0, 0, 1), degrees: 0.35 * 180 / .pi, translation: SIMD3(0.05, 0.1, -0.08))
            let other = SecondCloud.noisy(points, moved: motion)
            var options = GlobalRegistration.Options()
            options.triesPosesFirst = false
            options.refinementCount = points.count
            options.workers = input.workers
            return {
                let index = NeighborIndex(points, workers: input.workers)
                let geometry = SurfaceGeometry(index: index, nearest: 20, workers: input.workers)
                let found = GlobalRegistration.register(
                    source: other, target: index, targetNormals: geometry.normals, options: options)
                return (found.registration.transform * motion).angle
            }
        },
        "read_pcd_ascii": { input in
            return { Double(try PointCloudFile.read(input.bytes, format: .pcd).points.count) }
        },
        "read_pcd_binary": { input in
            return { Double(try PointCloudFile.read(input.bytes, format: .pcd).points.count) }
        },
    ]

    /// Median distance to the 30th neighbour: the peers' voxel edge, too.
    private static func neighborRadius(_ points: [SIMD3<Float>]) -> Float {
        let index = NeighborIndex(points)
        let step = max(1, points.count / 3000)
        let distances = stride(from: 0, to: points.count, by: step).map { i in
            index.nearest(30, to: points[i]).last?.squaredDistance ?? 0
        }
        return distances.sorted()[distances.count / 2].squareRoot()
    }
}
