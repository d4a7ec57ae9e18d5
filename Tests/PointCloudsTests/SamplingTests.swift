import PointClouds
import Testing

@Suite struct SamplingTests {
    @Test(arguments: Clouds.Kind.allCases)
    func farthestPointsAgreeWithAllPairs(_ kind: Clouds.Kind) {
        for n in [1, 30, 64, 65, 1500] {
            let index = NeighborIndex(Clouds.make(kind, n))
            let reference = BruteForce(index)
            let all = (0..<Int32(n)).map { $0 }
            let count = min(n, 120)
            #expect(
                FarthestPointSampling.sample(index, count: count) == reference.farthest(count, subset: all),
                "\(kind) \(n)")
            let some = all.filter { $0 % 3 == 1 }
            if !some.isEmpty {
                let few = min(some.count, 50)
                #expect(
                    FarthestPointSampling.sample(index, count: few, subset: some.reversed())
                        == reference.farthest(few, subset: some))
            }
        }
    }

    @Test func farthestPointsAreDifferentAndStartWhereTold() {
        let index = NeighborIndex(Clouds.make(.duplicated, 400))
        let chosen = FarthestPointSampling.sample(index, count: 1000, start: 17)
        #expect(chosen.first == 17 && Set(chosen).count == 400)
        #expect(FarthestPointSampling.sample(index, count: 0).isEmpty)
    }

    @Test func voxelsHoldTheirPoints() {
        let points = Clouds.make(.surface, 5000)
        let voxels = VoxelSampling(points, size: 8)
        let low = points.reduce(SIMD3<Float>(repeating: .infinity)) { pointwiseMin($0, $1) }
        var cells: [SIMD3<Int>: [Int]] = [:]
        for (i, p) in points.enumerated() {
            let c = (SIMD3<Double>(p) - SIMD3<Double>(low)) / 8
            cells[SIMD3(Int(c.x), Int(c.y), Int(c.z)), default: []].append(i)
        }
        let indices = VoxelSampling.representatives(points, size: 8)
        #expect(indices.count == cells.count && voxels.counts.reduce(0, +) == 5000)
        for (v, index) in indices.enumerated() {
            let c = (SIMD3<Double>(points[Int(index)]) - SIMD3<Double>(low)) / 8
            let members = cells[SIMD3(Int(c.x), Int(c.y), Int(c.z))] ?? []
            #expect(Int(voxels.counts[v]) == members.count)
            let mean = members.reduce(SIMD3<Double>.zero) { $0 + SIMD3<Double>(points[$1]) } / Double(members.count)
            #expect(BruteForce.squared(SIMD3<Float>(mean), voxels.centroids[v]) < 1e-8)
            let least = members.map { BruteForce.squared(points[$0], voxels.centroids[v]) }.min()
            #expect(BruteForce.squared(points[Int(index)], voxels.centroids[v]) == least)
        }
        #expect(VoxelSampling([], size: 1).centroids.isEmpty && VoxelSampling.representatives([], size: 1).isEmpty)
        #expect(VoxelSampling.representatives([SIMD3(.nan, 0, 0), SIMD3(1, 1, 1)], size: 1e-30) == [1])
        #expect(VoxelSampling.representatives([.zero, SIMD3(1e38, 0, 0)], size: 1e-3) == [0, 1])
    }

    @Test func randomSamplesAreSeededAndDifferent() {
        let index = NeighborIndex(Clouds.make(.surface, 1000))
        let a = RandomSampling.sample(index, count: 256, seed: 4)
        #expect(a == RandomSampling.sample(index, count: 256, seed: 4))
        #expect(a != RandomSampling.sample(index, count: 256, seed: 5))
        #expect(Set(a).count == 256)
        #expect(RandomSampling.indices(count: 20, of: 7, seed: 1).sorted() == [0, 1, 2, 3, 4, 5, 6])
        // Every point is drawn about equally often.
        var counts = [Int](repeating: 0, count: 10)
        for seed in 0..<2000 {
            for i in RandomSampling.indices(count: 3, of: 10, seed: UInt64(seed)) { counts[Int(i)] += 1 }
        }
        #expect(counts.allSatisfy { abs($0 - 600) < 100 })
    }

    @Test func rateOfChangeAgreesWithFloat64() throws {
        let index = NeighborIndex(try Fixture.points("part.f32"))
        for (options, file) in [
            (GeometryAwareSampling.Options(), "change.f64"), (.paper, "change.paper.f64"),
        ] {
            let change = GeometryAwareSampling.rateOfChange(index, options: options)
            let expected: [Double] = try Fixture.values(file)
            for i in change.indices { #expect(abs(Double(change[i]) - expected[i]) < 1e-5 * max(1, expected[i])) }
        }
    }

    @Test func geometryAwareCentersAreSharedAsThePaperSays() throws {
        let index = NeighborIndex(try Fixture.points("part.f32"))
        let change = GeometryAwareSampling.rateOfChange(index)
        let reference = BruteForce(index)
        let sorted = change.indices.sorted {
            change[$0] != change[$1] ? change[$0] > change[$1] : reference.rank[$0] < reference.rank[$1]
        }
        let salient = sorted.prefix(900).map { Int32($0) }
        let other = sorted.dropFirst(900).map { Int32($0) }
        var options = GeometryAwareSampling.Options()
        let centers = GeometryAwareSampling.sample(index, options: options)
        #expect(centers == reference.farthest(171, subset: salient) + reference.farthest(85, subset: other))
        options.allocation = .twiceTheDensity
        let dense = GeometryAwareSampling.sample(index, options: options)
        #expect(dense == reference.farthest(118, subset: salient) + reference.farthest(138, subset: other))
    }

    @Test func smallCloudsGiveWhatTheyHave() {
        let index = NeighborIndex(Clouds.make(.surface, 100))
        let centers = GeometryAwareSampling.sample(index)
        #expect(Set(centers).count == 100)
        // 30 salient points cannot give 53: the others make up for it.
        let some = GeometryAwareSampling.sample(index, count: 80)
        #expect(Set(some).count == 80)
    }
}
