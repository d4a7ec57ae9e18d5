import ParallelLoops
import PointClouds
import SeededRandom
import Testing

/// Samplers, Chamfer distances and outliers on clouds of the size of a scan, held to plain loops.
@Suite struct ExactSamplingTests {
    @Test(arguments: [ExactNeighborTests.Kind.surface, .lattice, .duplicated, .coplanar])
    func farthestPointsEqualThoseOfAllPairs(_ kind: ExactNeighborTests.Kind) {
        let index = NeighborIndex(kind.make(100_000))
        #expect(FarthestPointSampling.sample(index, count: 256) == BruteForceColumns(index).farthest(256))
    }

    /// Cells by a dictionary, sums in Double.
    private struct Cells {
        let members: [SIMD3<Int>: [Int]]
        /// In the order in which the sampler gives them: by z, then y, then x.
        let order: [SIMD3<Int>]

        init(_ points: [SIMD3<Float>], _ size: Double) {
            let finite = points.indices.filter { i in (0..<3).allSatisfy { points[i][$0].isFinite } }
            let low = finite.reduce(SIMD3<Float>(repeating: .infinity)) { pointwiseMin($0, points[$1]) }
            var members: [SIMD3<Int>: [Int]] = [:]
            for i in finite {
                let c = (SIMD3<Double>(points[i]) - SIMD3<Double>(low)) / size
                members[SIMD3(Int(c.x), Int(c.y), Int(c.z)), default: []].append(i)
            }
            self.members = members
            order = members.keys.sorted { ($0.z, $0.y, $0.x) < ($1.z, $1.y, $1.x) }
        }
    }

    @Test(arguments: [ExactNeighborTests.Kind.surface, .lattice, .duplicated, .coplanar, .collinear])
    func voxelsEqualThoseOfADictionary(_ kind: ExactNeighborTests.Kind) {
        var points = kind.make(60_000)
        for i in stride(from: 5, to: points.count, by: 1000) { points[i][i % 3] = i % 2 == 0 ? .nan : .infinity }
        // A power of two: dividing by it, or multiplying by its inverse, is exact.
        let size: Float = 4
        let voxels = VoxelSampling(points, size: size)
        let representatives = EngineCalls.voxelRepresentatives(points, size: size)
        let cells = Cells(points, Double(size))
        #expect(voxels.counts == cells.order.map { Int32(cells.members[$0]!.count) })
        for (v, cell) in cells.order.enumerated() {
            let members = cells.members[cell]!
            let mean = members.reduce(SIMD3<Double>.zero) { $0 + SIMD3<Double>(points[$1]) } / Double(members.count)
            let centroid = voxels.centroids[v]
            let error = SIMD3<Double>(centroid) - mean
            #expect((error * error).sum().squareRoot() < 2e-5, "\(kind) \(v)")
            // Ties, as on the lattice, go to the first by x, y, z, then index.
            let nearest = members.min { a, b in
                let (d, e) = (BruteForce.squared(points[a], centroid), BruteForce.squared(points[b], centroid))
                let (p, q) = (points[a], points[b])
                return d != e ? d < e : (p.x, p.y, p.z, a) < (q.x, q.y, q.z, b)
            }
            #expect(representatives[v] == Int32(nearest!), "\(kind) \(v)")
        }
    }

    @Test(arguments: [ExactNeighborTests.Kind.surface, .lattice, .duplicated])
    func chamferOfCloudsEqualsThatOfAllPairs(_ kind: ExactNeighborTests.Kind) {
        let a = NeighborIndex(kind.make(10_000))
        let b = NeighborIndex(Clouds.surface(8_000, seed: 40))
        let expected =
            BruteForceColumns(b).meanSquared(from: a.points) + BruteForceColumns(a).meanSquared(from: b.points)
        let found = ChamferDistance.between(a, b, workers: Workers(count: 2))
        #expect(abs(found - expected) <= 1e-12 * expected)
        #expect(ChamferDistance.between(b, a) == found)
    }

    @Test func chamferOfPatchesEqualsThatOfAllPairsOfEach() {
        let index = NeighborIndex(Clouds.surface(9_000, seed: 41))
        let centers = FarthestPointSampling.sample(index, count: 96)
        let a = Patches(cloud: index, centers: centers, size: 64)
        var g = SplitMix64(seed: 1)
        let b = a.coordinates.map { $0 + 0.3 * (g.uniform() - 0.5) }
        let found = ChamferDistance.squared(a.coordinates, b, patches: 96, workers: Workers(count: 2))
        func points(_ values: [Float], _ patch: Int) -> [SIMD3<Float>] {
            (0..<64).map { j in
                let at = 3 * (64 * patch + j)
                return SIMD3(values[at], values[at + 1], values[at + 2])
            }
        }
        func meanLeast(_ p: [SIMD3<Float>], _ q: [SIMD3<Float>]) -> Double {
            p.map { a in q.map { Double(BruteForce.squared(a, $0)) }.min()! }.reduce(0, +) / Double(p.count)
        }
        for patch in 0..<96 {
            let (p, q) = (points(a.coordinates, patch), points(b, patch))
            let expected = meanLeast(p, q) + meanLeast(q, p)
            #expect(abs(Double(found[patch]) - expected) < 1e-5 * expected)
        }
    }

    @Test func patchesEqualThoseOfAllPairs() {
        for kind in [ExactNeighborTests.Kind.surface, .lattice, .duplicated] {
            let index = NeighborIndex(kind.make(100_000))
            let reference = BruteForceColumns(index)
            let centers = FarthestPointSampling.sample(index, count: 128)
            let patches = Patches(cloud: index, centers: centers, size: 64)
            for (g, center) in centers.enumerated() {
                let near = reference.nearest(64, to: index.points[Int(center)], including: Int(center))
                let expected = reference.ownFirst(Int(center), near, 64).map(\.0)
                #expect(Array(patches.memberIndices[64 * g..<64 * (g + 1)]) == expected, "\(kind) \(g)")
            }
        }
    }

    @Test(arguments: [ExactNeighborTests.Kind.surface, .duplicated, .coplanar])
    func outliersEqualThoseOfTheDefinition(_ kind: ExactNeighborTests.Kind) {
        var g = SplitMix64(seed: 9)
        var points = kind.make(3000)
        for _ in 0..<40 { points.append((SIMD3(g.uniform(), g.uniform(), g.uniform()) - 0.5) * 400) }
        points.append(SIMD3(.nan, 1, 2))
        let index = NeighborIndex(points)
        let reference = BruteForceColumns(index)
        let means = (0..<3040).map { i -> Double in
            let row = reference.ownFirst(i, reference.nearest(17, to: points[i], including: i), 17)
            return row.dropFirst().reduce(0) { $0 + Double($1.1).squareRoot() } / 16
        }
        let mean = means.reduce(0, +) / 3040
        let deviation = (means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3039).squareRoot()
        for deviations in [0.5, 1, 2.5] {
            let expected = means.indices.filter { means[$0] <= mean + deviations * deviation }.map { Int32($0) }
            #expect(OutlierRemoval.statistical(index, neighbors: 16, deviations: deviations) == expected)
            #expect(expected.count < 3035 && expected.count > 2000)
        }
    }
}
