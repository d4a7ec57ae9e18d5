import Foundation
import ParallelLoops
import PointClouds
import SeededRandom
import Testing

/// Held to Open3D's histograms (version in fpfh.json), written by tools/reference/fpfh.py.
@Suite struct FeatureHistogramTests {
    private func fixture() throws -> (NeighborIndex, [SIMD3<Float>], NeighborTable) {
        let index = NeighborIndex(try Fixture.points("fpfh.points.f32"))
        return (index, try Fixture.points("fpfh.normals.f32"), index.nearestOfAll(60))
    }

    private func correlation(_ a: [Float], _ b: [Float]) -> Double {
        let n = Double(a.count)
        let (ma, mb) = (a.reduce(0.0) { $0 + Double($1) } / n, b.reduce(0.0) { $0 + Double($1) } / n)
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            ab += (Double(x) - ma) * (Double(y) - mb)
            aa += (Double(x) - ma) * (Double(x) - ma)
            bb += (Double(y) - mb) * (Double(y) - mb)
        }
        return ab / (aa * bb).squareRoot()
    }

    @Test func equalsOpen3D() throws {
        let (index, normals, table) = try fixture()
        let found = FastPointFeatureHistograms.compute(
            index: index, normals: normals, neighbors: table, sizes: [60, 20])
        let near = FastPointFeatureHistograms.compute(
            index: index, normals: normals, neighbors: table, sizes: [60], radius: 12)
        for (ours, name) in [(found[0], "fpfh.60"), (found[1], "fpfh.20"), (near[0], "fpfh.radius")] {
            let expected: [Float] = try Fixture.values("\(name).f32")
            try #require(ours.count == index.points.count && ours.values.count == expected.count)
            let differing = zip(ours.values, expected).count { abs($0 - $1) > 1e-3 }
            // A pair on the border of two bins may fall to either side.
            #expect(differing < expected.count / 500, "\(name): \(differing) of \(expected.count) bins differ")
            #expect(correlation(ours.values, expected) > 0.99999, "\(name)")
        }
    }

    @Test func thirdsSumToTwoHundred() throws {
        let (index, normals, table) = try fixture()
        for features in FastPointFeatureHistograms.compute(
            index: index, normals: normals, neighbors: table, sizes: [5, 33, 1000])
        {
            for row in 0..<features.count {
                let values = Array(features.row(row))
                for third in 0..<3 {
                    #expect(abs(values[third * 11..<third * 11 + 11].reduce(0, +) - 200) < 0.01)
                }
            }
        }
    }

    @Test func aSizeDoesNotDependOnTheOthers() throws {
        let (index, normals, table) = try fixture()
        func at(_ sizes: [Int], _ table: NeighborTable) -> [FastPointFeatureHistograms] {
            FastPointFeatureHistograms.compute(index: index, normals: normals, neighbors: table, sizes: sizes)
        }
        let together = at([40, 12, 60, 40, 13], table)
        for (i, size) in [40, 12, 60, 40, 13].enumerated() {
            #expect(together[i] == at([size], table)[0])
            #expect(together[i] == at([size], table.prefix(size))[0])
        }
        #expect(at([], table).isEmpty)
    }

    @Test func sameBitsForAnyOrderAndThreads() throws {
        let points = Clouds.surface(3000)
        let index = NeighborIndex(points)
        let table = index.nearestOfAll(50)
        let normals = NormalOrientation.outward(
            SurfaceGeometry(index: index, neighbors: table.prefix(20)).normals, points: points,
            neighbors: table.prefix(12))
        func at(_ index: NeighborIndex, _ normals: [SIMD3<Float>], _ workers: Workers) -> [FastPointFeatureHistograms] {
            FastPointFeatureHistograms.compute(
                index: index, normals: normals, neighbors: index.nearestOfAll(50, workers: workers), sizes: [20, 50],
                workers: workers)
        }
        let one = at(index, normals, .one)
        #expect(one == at(index, normals, Workers(count: 2)))
        let (shuffled, from) = Clouds.shuffled(points)
        let other = at(NeighborIndex(shuffled), from.map { normals[$0] }, Workers(count: 2))
        for size in 0..<2 {
            for (row, original) in from.enumerated() where row % 7 == 0 {
                #expect(other[size].row(row).elementsEqual(one[size].row(original)))
            }
        }
    }

    @Test func subsetIsTheSameRows() throws {
        let (index, normals, table) = try fixture()
        let all = FastPointFeatureHistograms.compute(index: index, normals: normals, neighbors: table, sizes: [10, 30])
        let subset: [Int32] = [399, 7, 7, 120, 0]
        let some = FastPointFeatureHistograms.compute(
            index: index, normals: normals, neighbors: table, sizes: [10, 30], subset: subset)
        for size in 0..<2 {
            #expect(some[size].count == 5)
            for (row, i) in subset.enumerated() {
                #expect(some[size].row(row).elementsEqual(all[size].row(Int(i))))
            }
        }
    }

    @Test func motionsChangeNothingAndTurnedNormalsReverse() throws {
        let (index, normals, table) = try fixture()
        let features = FastPointFeatureHistograms.compute(
            index: index, normals: normals, neighbors: table, sizes: [60])[0]
        let motion = RigidTransform(axis: SIMD3(1, 2, 3), degrees: 50, translation: SIMD3(10, -20, 5))
        let moved = NeighborIndex(motion.apply(index.points))
        let same = FastPointFeatureHistograms.compute(
            index: moved, normals: normals.map { motion.rotate($0) }, neighbors: moved.nearestOfAll(60), sizes: [60])[0]
        #expect(correlation(features.values, same.values) > 0.9999)
        let turned = FastPointFeatureHistograms.compute(
            index: index, normals: normals.map { -$0 }, neighbors: table, sizes: [60])[0]
        #expect(correlation(turned.values, features.reversed.values) > 0.99999)
        #expect(correlation(turned.values, features.values) < 0.999)
    }

    @Test(arguments: [0, 1, 2, 9, 63])
    func smallAndSpoiltClouds(_ n: Int) {
        var points = Clouds.surface(n)
        if n > 8 {
            points[3] = SIMD3(.nan, 0, 0)
            points[4] = points[5]
            points[6] = SIMD3(0, .infinity, 0)
        }
        let index = NeighborIndex(points)
        let table = index.nearestOfAll(20)
        let normals = SurfaceGeometry(index: index, neighbors: table).normals
        for features in FastPointFeatureHistograms.compute(
            index: index, normals: normals, neighbors: table, sizes: [0, 1, 8, 100])
        {
            #expect(features.count == n && features.values.allSatisfy(\.isFinite))
            if n > 8 { #expect(features.row(3).allSatisfy { $0 == 0 }) }
        }
    }

    @Test func repeatedPointsAndNoNormalsGiveFiniteRows() {
        for kind in [Clouds.Kind.duplicated, .grid, .line, .tiny, .withOutlier] {
            let index = NeighborIndex(Clouds.make(kind, 500))
            let table = index.nearestOfAll(30)
            for normals in [
                SurfaceGeometry(index: index, neighbors: table).normals,
                [SIMD3<Float>](repeating: .zero, count: 500),
            ] {
                let features = FastPointFeatureHistograms.compute(
                    index: index, normals: normals, neighbors: table, sizes: [30])[0]
                #expect(features.values.allSatisfy { $0.isFinite && $0 >= 0 }, "\(kind)")
            }
        }
    }
}
