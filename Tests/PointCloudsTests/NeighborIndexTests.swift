import SeededRandom
import ParallelLoops
import PointClouds
import Testing

@Suite struct NeighborIndexTests {
    @Test(arguments: Clouds.Kind.allCases)
    func agreesWithAllPairs(_ kind: Clouds.Kind) {
        for n in [1, 2, 15, 17, 700] {
            let index = NeighborIndex(Clouds.make(kind, n))
            let reference = BruteForce(index)
            var g = SplitMix64(seed: 3)
            for _ in 0..<40 {
                let near = index.points[g.next(below: n)]
                let q = near + (SIMD3(g.uniform(), g.uniform(), g.uniform()) - 0.5) * (g.uniform() < 0.5 ? 0 : 3)
                for k in [1, 2, 24, 300] {
                    let found = index.nearest(k, to: q)
                    let expected = reference.nearest(k, to: q)
                    #expect(found.map(\.index) == expected.map(\.0), "\(kind) \(n) \(k)")
                    #expect(found.map(\.squaredDistance) == expected.map(\.1))
                }
                let one = index.nearest(to: q)
                #expect(one.index == reference.nearest(1, to: q)[0].0)
                let radius = g.uniform() * 4
                #expect(index.within(radius, of: q) == reference.within(radius, of: q))
            }
        }
    }

    @Test(arguments: Clouds.Kind.allCases)
    func tableAgreesWithAllPairs(_ kind: Clouds.Kind) {
        for (n, k) in [(1, 1), (5, 24), (16, 16), (40, 24), (900, 24), (900, 3), (900, 1), (700, 600)] {
            let index = NeighborIndex(Clouds.make(kind, n))
            let reference = BruteForce(index)
            let table = index.nearestOfAll(k)
            #expect(table.size == min(k, n) && table.count == n)
            for row in stride(from: 0, to: n, by: n > 100 ? 37 : 1) {
                let expected = reference.nearest(table.size, to: index.points[row], first: row)
                #expect(Array(table.neighbors(of: row)) == expected.map(\.0), "\(kind) \(n) \(k) row \(row)")
                let distances = table.squaredDistances[row * table.size..<(row + 1) * table.size]
                #expect(Array(distances) == expected.map(\.1))
            }
        }
    }

    @Test func repeatedPointsStandFirstInTheirOwnRow() {
        // More twins than the row is long.
        let index = NeighborIndex([SIMD3<Float>](repeating: SIMD3(1, 2, 3), count: 100) + Clouds.make(.uniform, 50))
        let table = index.nearestOfAll(8)
        for row in 0..<150 { #expect(table.indices[row * 8] == Int32(row)) }
        #expect(Set(table.neighbors(of: 60)).count == 8)
    }

    @Test func nearestOfManyAgreesWithOneByOne() {
        let index = NeighborIndex(Clouds.make(.surface, 4000))
        let queries = Clouds.make(.surface, 3000, seed: 8).map { $0 + 2 } + [SIMD3(.nan, 0, 0), SIMD3(1e30, 0, 0)]
        let (indices, distances) = index.nearest(of: queries)
        for (i, query) in queries.enumerated() {
            let one = index.nearest(to: query)
            #expect(indices[i] == one.index && distances[i] == one.squaredDistance)
        }
        #expect(indices[3000] == -1 && distances[3000] == .infinity)
    }

    @Test func pointsThatAreNotFiniteAreNobodysNeighbor() {
        var points = Clouds.make(.uniform, 300)
        points[10].x = .nan
        points[20].y = .infinity
        let index = NeighborIndex(points)
        #expect(index.finiteCount == 298)
        let table = index.nearestOfAll(5)
        #expect(Array(table.neighbors(of: 10)) == [10, 10, 10, 10, 10])
        for row in 0..<300 where row != 10 && row != 20 {
            #expect(!table.neighbors(of: row).contains(10) && !table.neighbors(of: row).contains(20))
        }
        #expect(index.nearest(to: SIMD3(.nan, 0, 0)).index == -1)
        #expect(index.nearest(400, to: .zero).count == 298)
    }

    @Test func emptyCloudAnswersNothing() {
        let index = NeighborIndex([])
        #expect(index.nearest(to: .zero).index == -1)
        #expect(index.nearest(3, to: .zero).isEmpty)
        #expect(index.within(1, of: .zero).isEmpty)
        #expect(index.nearestOfAll(24).size == 0)
        #expect(index.nearest(of: [.zero]).indices == [-1])
    }

    @Test func extremeCoordinatesDoNotTrap() {
        let far = Float.greatestFiniteMagnitude
        let points = [
            SIMD3(far, far, far), SIMD3(-far, -far, -far), SIMD3(0, 0, 0), SIMD3(Float.leastNonzeroMagnitude, 0, 0),
        ]
        let index = NeighborIndex(points + Clouds.make(.uniform, 60))
        let table = index.nearestOfAll(10)
        #expect(table.size == 10)
        #expect(index.nearest(to: SIMD3(far, far, far)).index == 0)
    }

    @Test func orderAlongTheCurveDoesNotDependOnTheInput() {
        for kind in Clouds.Kind.allCases {
            let points = Clouds.make(kind, 500)
            let (other, _) = Clouds.shuffled(points)
            let a = NeighborIndex(points)
            let b = NeighborIndex(other)
            #expect(a.curveOrder.map { points[Int($0)] } == b.curveOrder.map { other[Int($0)] })
        }
    }

    @Test func agreesWithSciPy() throws {
        let points = try Fixture.points("part.f32")
        let table = NeighborIndex(points).nearestOfAll(24)
        let indices: [Int32] = try Fixture.values("neighbors.i32")
        let distances: [Float] = try Fixture.values("neighbors.distance.f32")
        var different = 0
        for i in indices.indices {
            let distance = table.squaredDistances[i].squareRoot()
            #expect(abs(distance - distances[i]) <= 1e-6 * max(1, distances[i]))
            if table.indices[i] != indices[i] { different += 1 }
        }
        // Only neighbours that Float cannot tell apart change places.
        #expect(different <= 10)
    }
}
