import SeededRandom
import Foundation
import PointClouds
import Testing

/// Components, boxes, areas, outliers, interpolation, and clouds without invalid points.
@Suite struct RegionTests {
    @Test(arguments: Clouds.Kind.allCases)
    func componentsAgreeWithAllPairs(_ kind: Clouds.Kind) {
        let points = Clouds.make(kind, 400)
        let reference = BruteForce(NeighborIndex(points))
        for radius: Float in [0, 0.05, 1, 3, 9, 40] {
            let (labels, count) = ConnectedComponents.labels(points, radius: radius)
            #expect(labels == reference.components(radius), "\(kind) \(radius)")
            #expect(count == Int(labels.max() ?? -1) + 1)
        }
    }

    @Test func componentsOfAMask() {
        var points = (0..<30).map { SIMD3<Float>(Float($0), 0, 0) }
        points[29].x = .nan
        let mask = (0..<30).map { $0 % 10 != 9 || $0 == 29 }
        let (labels, count) = ConnectedComponents.labels(points, mask: mask, radius: 1)
        #expect(count == 3)
        #expect(labels[0] == 0 && labels[8] == 0 && labels[9] == -1 && labels[10] == 1 && labels[28] == 2)
        #expect(labels[29] == -1)
    }

    @Test func boxOfATurnedBlock() {
        var g = SplitMix64(seed: 9)
        let corners = (0..<8).map { SIMD3<Float>($0 & 1 == 0 ? 0 : 30, $0 & 2 == 0 ? 0 : 20, $0 & 4 == 0 ? 0 : 7) }
        let inside = (0..<2000).map { _ in SIMD3(g.uniform(), g.uniform(), g.uniform()) * SIMD3<Float>(30, 20, 7) }
        let motion = RigidTransform(axis: SIMD3(1, 2, -1), degrees: 33, translation: SIMD3(100, 50, -20))
        let box = OrientedBoundingBox((corners + inside).map { motion.apply($0) })
        #expect(BruteForce.squared(box.extent, SIMD3(30, 20, 7)) < 4e-4)
        #expect(BruteForce.squared(box.center, motion.apply(SIMD3<Float>(15, 10, 3.5))) < 1e-3)
        let (a, b, c) = (box.axes[0], box.axes[1], box.axes[2])
        let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
        #expect((cross * c).sum() > 0.99999 && abs((a * b).sum()) < 1e-5)
    }

    @Test func boxHoldsItsPointsAndIsNoLargerThanOpen3Ds() throws {
        let points = try Fixture.points("part.f32")
        let box = OrientedBoundingBox(points)
        for p in points {
            for k in 0..<3 {
                #expect(abs(((p - box.center) * box.axes[k]).sum()) <= box.extent[k] / 2 + 1e-3)
            }
        }
        let volume = Double(box.extent.x) * Double(box.extent.y) * Double(box.extent.z)
        #expect(volume <= (try Fixture.reference().boxVolume) * 1.02)
    }

    @Test func boxesOfFewPoints() {
        #expect(OrientedBoundingBox([]).extent == .zero)
        #expect(OrientedBoundingBox([SIMD3(1, 2, 3)]).extent == .zero)
        #expect(OrientedBoundingBox([SIMD3(1, 2, 3)]).center == SIMD3(1, 2, 3))
        let pair = OrientedBoundingBox([SIMD3(0, 0, 0), SIMD3(3, 4, 0)])
        #expect(abs(pair.extent.x - 5) < 1e-5 && pair.extent.y < 1e-5)
        // A flat square, standing on a corner.
        let square = OrientedBoundingBox(
            (0..<400).map { i -> SIMD3<Float> in
                let (u, v) = (Float(i % 20), Float(i / 20))
                return SIMD3(u - v, u + v, 4)
            })
        #expect(abs(square.extent.x - 26.870058) < 1e-3 && abs(square.extent.y - 26.870058) < 1e-3)
        #expect(square.extent.z < 1e-3)
        #expect(OrientedBoundingBox([SIMD3(.nan, 0, 0)]).extent == .zero)
    }

    @Test func areaOfAPlateAndASphere() {
        let plate = NeighborIndex(Clouds.make(.planar, 20000))
        let area = SurfaceArea.estimate(SurfaceArea.ofPoints(plate.nearestOfAll(25)))
        #expect(abs(area - 10000) < 500)
        let ball = Clouds.make(.surface, 20000).map { $0 / ($0 * $0).sum().squareRoot() * 50 }
        let areas = SurfaceArea.ofPoints(NeighborIndex(ball).nearestOfAll(25))
        #expect(SurfaceArea.estimate(areas) > 0.95 * 4 * .pi * 2500)
        let half = ball.indices.filter { ball[$0].x > 0 }.map { Int32($0) }
        #expect(abs(SurfaceArea.estimate(areas, subset: half) / SurfaceArea.estimate(areas) - 0.5) < 0.03)
    }

    @Test func outliersAgreeWithOpen3D() throws {
        let kept = OutlierRemoval.statistical(NeighborIndex(try Fixture.points("stray.f32")), neighbors: 16)
        let expected = try Fixture.reference().kept
        let different = Set(kept).symmetricDifference(expected)
        // Open3D divides by 17, the point itself among them; the order is the same, the limit nearly so.
        #expect(different.count <= 2)
        #expect(kept.count < 1030)
    }

    @Test func interpolationIsExactWhereItMustBe() {
        let sources = Clouds.make(.surface, 500, seed: 1)
        let index = NeighborIndex(sources)
        let values = sources.map { $0.x }
        let targets = Clouds.make(.surface, 2000, seed: 2) + [SIMD3(.nan, 0, 0)]
        let same = InverseDistance(from: index, to: sources).map(values)
        #expect(same == values)
        let mapped = InverseDistance(from: index, to: targets).map(values)
        for i in 0..<2000 {
            let near = index.nearest(3, to: targets[i])
            var (sum, weights) = (0.0, 0.0)
            for n in near {
                let w = 1 / Double(n.squaredDistance).squareRoot()
                sum += w * Double(values[Int(n.index)])
                weights += w
            }
            #expect(abs(Double(mapped[i]) - sum / weights) < 1e-3)
        }
        #expect(mapped[2000] == 0)
        let ones = InverseDistance(from: index, to: targets).map([Float](repeating: 1, count: 500))
        #expect(ones.dropLast().allSatisfy { abs($0 - 1) < 1e-6 })
        #expect(InverseDistance(from: NeighborIndex([]), to: targets).map([]).allSatisfy { $0 == 0 })
        #expect(InverseDistance(from: NeighborIndex([.zero]), to: targets).map([4]).first == 4)
    }

    @Test func invalidPointsAreDroppedAndCounted() {
        var points = Clouds.make(.uniform, 50)
        points[3] = points[40]
        points[7].z = -.infinity
        points[8].x = .nan
        points[49] = SIMD3(points[40].x, points[40].y, points[40].z)
        let cloud = PointCloud(points: points, intensities: (0..<50).map { Float($0) })
        let (clean, kept, removed) = cloud.removingInvalid()
        #expect(removed == .init(nonFinite: 2, repeated: 2))
        #expect(kept.count == 46 && clean.points.count == 46 && kept.contains(3) && !kept.contains(40))
        #expect(clean.intensities?[3] == 3 && clean.intensities?[7] == 9)
        #expect(clean.removingInvalid().cloud == clean)
    }
}
