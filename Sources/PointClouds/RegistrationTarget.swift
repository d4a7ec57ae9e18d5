public import ParallelLoops

/// A template as parts are registered to it: built once, so that a part pays for its own side only.
public struct RegistrationTarget: Sendable {
    /// The points on which the last fit is made.
    public let index: NeighborIndex
    /// Unit normals of these, of either sign. Shape [N].
    public let normals: [SIMD3<Float>]
    /// Edge of the voxels by which both clouds are thinned, mm; 0 where the points have no extent.
    public let voxelSize: Float
    /// Mean distance of a point to its nearest other, mm.
    public let spacing: Float
    let thinned: ThinnedCloud
    let surface: ThinnedSurface

    /// From a cloud whose normals are there already; all of its points are used.
    ///
    /// - Parameters:
    ///   - normals: as from `SurfaceGeometry`. Shape [N].
    ///   - voxelSize: nil is 1/50 of the greatest side, changed so that 1,200 to 6,000 voxels are occupied where there
    ///     are so many points.
    /// - Complexity: O(N), and about 20 ms for the thinned cloud.
    public init(
        index: NeighborIndex, normals: [SIMD3<Float>], voxelSize: Float? = nil, workers: Workers = .all
    ) {
        precondition(normals.count == index.points.count, "one normal for each point")
        let adapted =
            voxelSize.flatMap { $0 > 0 && $0.isFinite ? ThinnedCloud(index.points, voxel: $0) : nil }
            ?? ThinnedCloud.adapted(index.points)
        self.init(index: index, normals: normals, thinned: adapted ?? ThinnedCloud([], voxel: 1), workers: workers)
    }

    /// From points alone: of more than `count`, as many spread along the curve are used for the last fit, with normals
    /// from 20 neighbours.
    public init(
        points: [SIMD3<Float>], count: Int = 30_000, voxelSize: Float? = nil, workers: Workers = .all
    ) {
        let adapted =
            voxelSize.flatMap { $0 > 0 && $0.isFinite ? ThinnedCloud(points, voxel: $0) : nil }
            ?? ThinnedCloud.adapted(points)
        let used = NeighborIndex(points, workers: workers).sampleAlongCurve(max(3, count))
        let index = NeighborIndex(used, workers: workers)
        let table = index.nearestOfAll(20, workers: workers)
        self.init(
            index: index, normals: SurfaceGeometry(index: index, neighbors: table, workers: workers).normals,
            thinned: adapted ?? ThinnedCloud([], voxel: 1), workers: workers)
    }

    private init(index: NeighborIndex, normals: [SIMD3<Float>], thinned: ThinnedCloud, workers: Workers) {
        self.index = index
        self.normals = normals
        self.thinned = thinned
        voxelSize = thinned.points.isEmpty ? 0 : thinned.voxel
        spacing = index.meanSpacing()
        surface = ThinnedSurface(
            thinned, index: NeighborIndex(thinned.points, workers: workers), workers: workers)
    }
}

extension NeighborIndex {
    /// At most `count` of the finite points, evenly along the curve: a choice that depends on the set of points only.
    public func sampleAlongCurve(_ count: Int) -> [SIMD3<Float>] {
        let order = curveOrder
        guard order.count > count else { return order.map { points[Int($0)] } }
        return (0..<count).map { points[Int(order[$0 * order.count / count])] }
    }

    /// Length of the diagonal of the box around the points; 0 of none.
    public var diagonal: Float { tree.box.diagonal }

    /// Mean distance to the nearest other point, of at most 256 points along the curve; 0 of fewer than two.
    public func meanSpacing() -> Float {
        let sample = sampleAlongCurve(256)
        guard sample.count > 1 else { return 0 }
        let sum = sample.reduce(0.0) { sum, point in
            let pair = nearest(2, to: point)
            return sum + Double(pair.last?.squaredDistance ?? 0).squareRoot()
        }
        return Float(sum / Double(sample.count))
    }
}
