internal import ParallelLoops

/// A cloud thinned to one point a voxel, as a registration looks at it from afar.
struct ThinnedCloud: Sendable {
    /// Means of the occupied voxels: their order and values depend on the set of points only. Shape [V].
    let points: [SIMD3<Float>]
    let voxel: Float
    let centroid: SIMD3<Double>
    /// Root mean square distance from the centroid; 0 of fewer than two points.
    let radius: Double

    /// The most voxels that are kept: beyond, every second, third ... is.
    private static let limit = 8000

    init(_ points: [SIMD3<Float>], voxel: Float) {
        self.init(thinned: VoxelSampling(points, size: voxel).centroids, voxel: voxel)
    }

    private init(thinned: [SIMD3<Float>], voxel: Float) {
        let step = (thinned.count + Self.limit - 1) / Self.limit
        points = step > 1 ? Swift.stride(from: 0, to: thinned.count, by: step).map { thinned[$0] } : thinned
        self.voxel = voxel
        let n = Double(max(1, points.count))
        let centroid = points.centroid
        let squares = points.reduce(0.0) { sum, point in
            let offset = SIMD3<Double>(point) - centroid
            return sum + dot(offset, offset)
        }
        self.centroid = centroid
        radius = (squares / n).squareRoot()
    }

    /// Thinned by 1/50 of the greatest side, or by more or less so that 1,200 to 6,000 voxels are occupied, if there
    /// are so many points; nil where the finite points have no extent.
    static func adapted(_ points: [SIMD3<Float>]) -> ThinnedCloud? {
        var box = Box.empty
        var finite = 0
        for point in points where point.isFinite {
            box.include(point)
            finite += 1
        }
        guard finite > 0 else { return nil }
        var voxel = (box.high - box.low).max() / 50
        guard voxel > 0, voxel.isFinite else { return nil }
        var thinned = VoxelSampling(points, size: voxel).centroids
        for _ in 0..<6 {
            let occupied = Float(thinned.count)
            if occupied > 6000 {
                voxel *= (occupied / 4500).squareRoot()
            } else if occupied < 1200 && thinned.count < finite * 2 / 3 {
                voxel *= max(0.3, (occupied / 1800).squareRoot())
            } else {
                break
            }
            thinned = VoxelSampling(points, size: voxel).centroids
        }
        return ThinnedCloud(thinned: thinned, voxel: voxel)
    }

    /// At most `count` of the points, spread evenly.
    func sample(_ count: Int) -> [SIMD3<Float>] {
        guard points.count > count else { return points }
        return (0..<count).map { points[$0 * points.count / count] }
    }
}

/// What a thinned cloud is matched by.
struct ThinnedSurface: Sendable {
    let index: NeighborIndex
    /// Of one consistent side: outward where there is an outside.
    let normals: [SIMD3<Float>]
    let features: FastPointFeatureHistograms

    /// Normals from 16 neighbours; histograms over at most 100 within 5 voxels.
    init(_ cloud: ThinnedCloud, index: NeighborIndex, workers: Workers) {
        self.index = index
        let table = index.nearestOfAll(100, workers: workers)
        let geometry = SurfaceGeometry(index: index, neighbors: table.prefix(16), workers: workers)
        normals = NormalOrientation.outward(geometry.normals, points: cloud.points, neighbors: table.prefix(10))
        features =
            FastPointFeatureHistograms.compute(
                index: index, normals: normals, neighbors: table, sizes: [table.size], radius: 5 * cloud.voxel,
                workers: workers)[0]
    }

    /// At most `count` rows whose histograms are farthest from the mean of this cloud's, ascending: those that tell one
    /// place from another. On a flat face all look alike, and match anything.
    func salientRows(_ count: Int) -> [Int32] {
        let width = FastPointFeatureHistograms.width
        guard features.count > count else { return (0..<Int32(features.count)).map { $0 } }
        var mean = [Double](repeating: 0, count: width)
        for row in 0..<features.count {
            for bin in 0..<width { mean[bin] += Double(features.values[row * width + bin]) }
        }
        let center = mean.map { Float($0 / Double(features.count)) }
        let distances = (0..<features.count).map { row -> Float in
            var sum: Float = 0
            for bin in 0..<width {
                let d = features.values[row * width + bin] - center[bin]
                sum += d * d
            }
            return sum
        }
        let order = distances.indices.sorted { (distances[$1], $0) < (distances[$0], $1) }
        return order.prefix(max(0, count)).map { Int32($0) }.sorted()
    }
}
