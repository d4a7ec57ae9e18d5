import ParallelLoops
import PointClouds
import SeededRandom
import Testing

/// What operations say about clouds at the edges, in values.
@Suite struct EdgeValueTests {
    private func index(_ cloud: EdgeCloud) -> NeighborIndex { NeighborIndex(cloud.points) }

    @Test func noPoints() {
        for cloud in [EdgeCloud.empty, .noneFinite] {
            let index = index(cloud)
            #expect(index.finiteCount == 0 && index.curveOrder.isEmpty)
            #expect(index.nearest(to: .zero).index == -1 && index.nearest(5, to: .zero).isEmpty)
            #expect(index.nearestOfAll(24).size == 0)
            #expect(FarthestPointSampling.sample(index, count: 9).isEmpty)
            #expect(EngineCalls.geometryAwareCenters(index, count: 9, .one).isEmpty)
            #expect(VoxelSampling(cloud.points, size: 1).centroids.isEmpty)
            #expect(Patches(cloud: index, centers: [], size: 64).count == 0)
            #expect(ChamferDistance.between(index, index) == 0)
            #expect(ChamferDistance.between(index, NeighborIndex([.zero])) == .infinity)
            #expect(ConnectedComponents.labels(cloud.points, radius: 1).count == 0)
            #expect(OrientedBoundingBox(cloud.points).extent == .zero)
            #expect(OutlierRemoval.statistical(index).isEmpty)
            #expect(SurfaceArea.estimate(SurfaceArea.ofPoints(index.nearestOfAll(25))) == 0)
            #expect(PointCloud(points: cloud.points).removingInvalid().cloud.points.isEmpty)
        }
        #expect(ChamferDistance.squared([], [], patches: 0).isEmpty)
    }

    @Test func oneAndTwoPoints() {
        let one = index(.one)
        #expect(one.nearestOfAll(24).indices == [0] && one.nearest(7, to: SIMD3(1e9, 0, 0)).map(\.index) == [0])
        #expect(EngineCalls.geometryAwareCenters(one, count: 256, .one) == [0])
        #expect(FarthestPointSampling.sample(one, count: 3) == [0])
        #expect(OutlierRemoval.statistical(one) == [0])
        let two = index(.two)
        #expect(two.nearestOfAll(24).size == 2 && two.nearestOfAll(24).indices == [0, 1, 1, 0])
        #expect(Set(FarthestPointSampling.sample(two, count: 3)) == [0, 1])
        #expect(VoxelSampling(EdgeCloud.two.points, size: 100).counts == [2])
        let geometry = SurfaceGeometry(index: two, nearest: 24)
        // Two points make a line: no curvature, and a normal across it.
        #expect(geometry.curvatures.allSatisfy { $0 < 1e-6 })
        for normal in geometry.normals { #expect(abs((normal * SIMD3(1, 4, -8)).sum()) < 1e-5) }
    }

    /// A cloud with fewer points than a patch gives smaller patches, and says so.
    @Test func patchesOfASmallCloud() {
        let few = index(.few)
        let patches = Patches(cloud: few, centers: [0, 5], size: 64)
        #expect(patches.count == 2 && patches.size == 63 && patches.coordinates.count == 2 * 63 * 3)
        #expect(Set(patches.memberIndices.prefix(63)).count == 63 && patches.memberIndices[63] == 5)
        // Centres that are not finite are left out.
        let broken = index(.someNotFinite)
        let some = Patches(cloud: broken, centers: [0, 7, 20], size: 64)
        #expect(some.centerIndices == [0, 20] && some.size == 64)
        let none = Patches(cloud: broken, centers: [7], size: 64)
        #expect(none.count == 0 && none.coordinates.isEmpty)
    }

    @Test func allPointsEqual() {
        let index = index(.equal)
        let point = SIMD3<Float>(12.5, -3, 40)
        let table = index.nearestOfAll(24)
        #expect(table.squaredDistances.allSatisfy { $0 == 0 })
        #expect((0..<10_000).allSatisfy { table.indices[24 * $0] == Int32($0) })
        #expect(Set(table.neighbors(of: 777)).count == 24)
        #expect(index.nearest(to: SIMD3(0, 0, 0)).squaredDistance == BruteForce.squared(point, .zero))
        #expect(index.nearest(30, to: SIMD3(1e6, 0, 0)).count == 30)
        let far = index.nearest(of: [SIMD3(1e6, 0, 0), point]).squaredDistances
        #expect(far[0] == BruteForce.squared(point, SIMD3(1e6, 0, 0)) && far[1] == 0)
        #expect(index.within(0, of: point).count == 10_000)
        #expect(VoxelSampling(index.points, size: 1).centroids == [point])
        #expect(VoxelSampling(index.points, size: 1).counts == [10_000])
        #expect(Set(FarthestPointSampling.sample(index, count: 300)).count == 300)
        #expect(SurfaceGeometry(index: index, nearest: 24).curvatures.allSatisfy { $0 == 0 })
        #expect(ConnectedComponents.labels(index.points, radius: 0).count == 1)
        #expect(OutlierRemoval.statistical(index).count == 10_000)
        let removed = PointCloud(points: index.points).removingInvalid()
        #expect(removed.kept == [0] && removed.removed.repeated == 9999)
    }

    /// Coordinates of 1e6 mm with detail of 0.1 mm: what Float can tell apart is found, no more.
    @Test func farFromTheOrigin() {
        let points = EdgeCloud.farFromOrigin.points
        let clean = PointCloud(points: points).removingInvalid().cloud.points
        // 60 x 50 steps of 0.1 mm round to multiples of 1/16 mm, all of them different.
        #expect(clean.count == 3000)
        let geometry = SurfaceGeometry(index: NeighborIndex(clean), nearest: 24)
        #expect(geometry.curvatures.allSatisfy { $0 < 1e-6 })
        #expect(geometry.normals.allSatisfy { $0 == SIMD3(0, 0, 1) })
        let box = OrientedBoundingBox(points)
        #expect(abs(box.extent.x - 5.9) < 0.1 && abs(box.extent.y - 4.9) < 0.1 && box.extent.z == 0)
        let voxels = VoxelSampling(points, size: 1)
        #expect(voxels.counts.reduce(0, +) == 3000 && voxels.centroids.allSatisfy { $0.z == 1e6 })
        #expect((28...36).contains(voxels.counts.count))
    }

    /// One stray beyond the range of squared distances: the rest of the part is as without it.
    @Test func aStrayAtTheEndOfTheWorld() {
        let points = EdgeCloud.oneStray.points
        let with = NeighborIndex(points)
        let without = NeighborIndex(Array(points.dropLast()))
        let stray = Int32(points.count - 1)
        let kept = OutlierRemoval.statistical(with, neighbors: 16, deviations: 3)
        #expect(kept == OutlierRemoval.statistical(without, neighbors: 16, deviations: 3))
        #expect(!kept.contains(stray) && kept.count > 1400)
        let change = EngineCalls.rateOfChange(with, .one)
        let expected = EngineCalls.rateOfChange(without, .one)
        // Sums run along another curve: the last bits differ.
        for i in expected.indices { #expect(abs(change[i] - expected[i]) < 1e-5) }
        #expect(change.allSatisfy { $0.isFinite })
        #expect(with.nearest(to: points[3]).index == 3)
        #expect(with.nearestOfAll(24).neighbors(of: 3).elementsEqual(without.nearestOfAll(24).neighbors(of: 3)))
        #expect(FarthestPointSampling.sample(with, count: 2).contains(stray))
    }

    /// Values are carried over at any distance: where none of the sources is within the range of Float, their mean.
    @Test func interpolationBeyondTheRangeOfFloat() {
        let sources = NeighborIndex([SIMD3(0, 0, 0), SIMD3(1, 0, 0), SIMD3(0, 1, 0)])
        let mapped = InverseDistance(from: sources, to: [SIMD3(3e38, 3e38, 0), .zero, SIMD3(1e15, 0, 0)]).map([1, 2, 6])
        #expect(mapped[0] == 3 && mapped[1] == 1 && abs(mapped[2] - 3) < 1e-5)
        let twins = NeighborIndex([SIMD3<Float>](repeating: SIMD3(1, 2, 3), count: 5))
        #expect(InverseDistance(from: twins, to: [SIMD3(9, 9, 9)]).map([4, 4, 4, 4, 4]) == [4])
    }

    @Test func voxelsOfAnySize() {
        let points = EdgeCloud.coplanar.points
        for size: Float in [1e30, .infinity, .greatestFiniteMagnitude] {
            let voxels = VoxelSampling(points, size: size)
            #expect(voxels.counts == [1500] && voxels.centroids[0].z == 12.5)
        }
        for size: Float in [0, -1, .nan, 1e-30, .leastNonzeroMagnitude] {
            let voxels = VoxelSampling(points, size: size)
            #expect(voxels.counts.reduce(0, +) == 1500 && voxels.counts.count > 1490, "\(size)")
            for point in voxels.centroids { #expect(abs(point.z - 12.5) < 1e-4) }
        }
    }

    /// Sums of areas do not depend on the order of the points.
    @Test func areasAddUpInAnyOrder() {
        var g = SplitMix64(seed: 3)
        var areas = (0..<5000).map { _ in g.uniform() * g.uniform() * 1e3 }
        let sum = SurfaceArea.estimate(areas)
        areas.shuffle(using: &g)
        #expect(SurfaceArea.estimate(areas) == sum)
    }

    /// Values near the limits of Float: neighbours are found, by infinite distances if need be, in curve order.
    @Test func hugeAndTinyCoordinatesAreSearchedExactly() {
        for cloud in [EdgeCloud.huge, .greatest, .denormal, .tinySquares, .twoClusters, .clustersTooFarForFloat] {
            let index = index(cloud)
            let reference = BruteForce(index)
            let n = index.points.count
            let table = index.nearestOfAll(24)
            for row in stride(from: 0, to: n, by: n / 40) {
                let expected = reference.nearest(24, to: index.points[row], first: row)
                #expect(Array(table.neighbors(of: row)) == expected.map(\.0), "\(cloud) \(row)")
                let found = index.nearest(24, to: index.points[row])
                #expect(found.map(\.index) == reference.nearest(24, to: index.points[row]).map(\.0), "\(cloud) \(row)")
            }
            let all = (0..<Int32(n)).map { $0 }
            #expect(FarthestPointSampling.sample(index, count: 60) == reference.farthest(60, subset: all), "\(cloud)")
            let queries = index.points.map { $0 * 0.5 }
            let nearest = index.nearest(of: queries)
            for i in stride(from: 0, to: n, by: 7) {
                let expected = reference.nearest(1, to: queries[i])[0]
                #expect(nearest.indices[i] == expected.0 && nearest.squaredDistances[i] == expected.1, "\(cloud) \(i)")
            }
        }
    }
}
