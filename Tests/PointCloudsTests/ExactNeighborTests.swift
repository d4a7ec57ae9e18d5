import ParallelLoops
import PointClouds
import SeededRandom
import Testing

/// Neighbours of large clouds, point for point those of comparing all pairs: where indexes cut corners.
@Suite(.serialized) struct ExactNeighborTests {
    /// What a scan may be like, at any size.
    enum Kind: String, CaseIterable {
        case surface, duplicated, collinear, coplanar, lattice

        func make(_ n: Int) -> [SIMD3<Float>] {
            var g = SplitMix64(seed: 21)
            switch self {
            case .surface: return Clouds.surface(n, seed: 17)
            case .duplicated:
                // Every point about three times.
                let few = Clouds.surface(n / 3, seed: 18)
                return (0..<n).map { _ in few[g.next(below: few.count)] }
            case .collinear:
                // Not along an axis: rounding puts the points beside the line, and some on top of each other.
                return (0..<n).map { _ in SIMD3(17, -5, 3) + SIMD3(60, 110, -35) * g.uniform() }
            case .coplanar: return (0..<n).map { _ in SIMD3(g.uniform() * 150, g.uniform() * 90, 12.5) }
            case .lattice:
                let side = Clouds.latticeSide(n)
                return (0..<n).map { SIMD3(Float($0 % side), Float($0 / side % side), Float($0 / (side * side))) }
            }
        }
    }

    private static let k = 24

    @Test(arguments: Kind.allCases, [10_000, 100_000, 1_000_000])
    func equalThoseOfAllPairs(_ kind: Kind, _ n: Int) {
        let points = kind.make(n)
        let index = NeighborIndex(points, workers: Workers(count: 2))
        let reference = BruteForceColumns(index)
        let table = index.nearestOfAll(Self.k, workers: Workers(count: 2))
        #expect(table.size == Self.k && table.count == n)
        var g = SplitMix64(seed: UInt64(n))
        // A third at points of the cloud, a third near them, a third anywhere in the box and beyond.
        let rows = (0..<100).map { _ in g.next(below: n) }
        var queries = rows.map { points[$0] }
        for row in rows { queries.append(points[row] + (SIMD3(g.uniform(), g.uniform(), g.uniform()) - 0.5) * 2) }
        for _ in rows { queries.append((SIMD3(g.uniform(), g.uniform(), g.uniform()) - 0.5) * 260) }
        let nearest = index.nearest(of: queries, workers: Workers(count: 2))
        for (q, query) in queries.enumerated() {
            let expected = reference.nearest(Self.k, to: query)
            let found = index.nearest(Self.k, to: query)
            #expect(found.map(\.index) == expected.map(\.0), "\(kind) \(n) query \(q)")
            #expect(found.map(\.squaredDistance) == expected.map(\.1))
            #expect(nearest.indices[q] == expected[0].0 && nearest.squaredDistances[q] == expected[0].1)
            let one = index.nearest(to: query)
            #expect(one.index == expected[0].0 && one.squaredDistance == expected[0].1)
            // A radius on which a neighbour lies, up to rounding: the closed ball holds what the formula says.
            let radius = expected[Self.k / 2].1.squareRoot()
            #expect(index.within(radius, of: query) == reference.within(radius, of: query), "\(kind) \(n) query \(q)")
            guard q < rows.count else { continue }
            let row = reference.ownFirst(rows[q], reference.nearest(Self.k, to: query, including: rows[q]), Self.k)
            #expect(Array(table.neighbors(of: rows[q])) == row.map(\.0), "\(kind) \(n) row \(rows[q])")
            let from = rows[q] * Self.k
            #expect(Array(table.squaredDistances[from..<from + Self.k]) == row.map(\.1))
        }
        // Two hundred rows more, spread over the cloud.
        for i in 0..<200 {
            let row = i * (n / 200) + g.next(below: n / 200)
            let expected = reference.ownFirst(
                row, reference.nearest(Self.k, to: points[row], including: row), Self.k)
            #expect(Array(table.neighbors(of: row)) == expected.map(\.0), "\(kind) \(n) row \(row)")
        }
    }

    @Test(arguments: Kind.allCases)
    func ofAnotherCloudEqualThoseOfAllPairs(_ kind: Kind) {
        let index = NeighborIndex(kind.make(100_000))
        let reference = BruteForceColumns(index)
        // As many queries as a part has, of which every hundredth is looked at.
        let queries = Clouds.surface(30_000, seed: 5) + kind.make(30_000).map { $0 + SIMD3(0.5, 0.25, 0) }
        let found = index.nearest(of: queries, workers: Workers(count: 2))
        for i in stride(from: 0, to: queries.count, by: 200) {
            let expected = reference.nearest(1, to: queries[i])[0]
            #expect(found.indices[i] == expected.0 && found.squaredDistances[i] == expected.1, "\(kind) \(i)")
        }
    }
}
