import PointClouds
import Testing

@Suite struct PatchesTests {
    @Test func membersAreTheNearest() {
        let index = NeighborIndex(Clouds.make(.surface, 3000))
        let centers = FarthestPointSampling.sample(index, count: 64)
        let patches = Patches(cloud: index, centers: centers, size: 64)
        for (g, center) in centers.enumerated() {
            let expected = index.nearest(64, to: index.points[Int(center)]).map(\.index)
            #expect(Array(patches.memberIndices[g * 64..<(g + 1) * 64]) == expected)
            #expect(patches.memberIndices[g * 64] == center && patches.centers[g] == index.points[Int(center)])
            for (j, member) in expected.enumerated() {
                let at = 3 * (g * 64 + j)
                let relative = SIMD3(
                    patches.coordinates[at], patches.coordinates[at + 1], patches.coordinates[at + 2])
                #expect(relative == index.points[Int(member)] - patches.centers[g])
            }
        }
    }

    @Test func centerComesFirstAmongItsTwins() {
        let index = NeighborIndex(Clouds.make(.duplicated, 400))
        let centers = (0..<400).map { Int32($0) }
        let patches = Patches(cloud: index, centers: centers, size: 64)
        for g in 0..<400 { #expect(patches.memberIndices[g * 64] == Int32(g)) }
    }

    @Test func chamferOfPatchesAgreesWithAllPairs() {
        for (k, l) in [(64, 64), (1, 1), (7, 9), (64, 3)] {
            let a = Clouds.make(.uniform, k, seed: 1)
            let b = Clouds.make(.uniform, l, seed: 2)
            let forward = a.map { p in b.map { Double(BruteForce.squared(p, $0)) }.min()! }.reduce(0, +) / Double(k)
            let backward = b.map { p in a.map { Double(BruteForce.squared(p, $0)) }.min()! }.reduce(0, +) / Double(l)
            let found = a.flatMap { [$0.x, $0.y, $0.z] }.withUnsafeBufferPointer { a in
                b.flatMap { [$0.x, $0.y, $0.z] }.withUnsafeBufferPointer { ChamferDistance.squared(a, $0) }
            }
            #expect(abs(Double(found) - forward - backward) < 1e-5 * (forward + backward))
        }
    }

    @Test func chamferOfEachPatch() {
        let a = Clouds.make(.uniform, 40 * 64, seed: 1).flatMap { [$0.x, $0.y, $0.z] }
        var b = a
        b[3 * 64 * 7] += 1
        let distances = ChamferDistance.squared(a, b, patches: 40)
        #expect(distances.enumerated().allSatisfy { ($1 > 0) == ($0 == 7) })
        let nothing = UnsafeBufferPointer<Float>(start: nil, count: 0)
        #expect(ChamferDistance.squared(nothing, nothing) == 0)
        a.withUnsafeBufferPointer { #expect(ChamferDistance.squared($0, nothing) == .infinity) }
    }

    @Test func chamferOfCloudsAgreesWithSciPy() throws {
        let a = NeighborIndex(try Fixture.points("part.f32"))
        let b = NeighborIndex(try Fixture.points("source.f32"))
        let expected = try Fixture.reference().chamfer
        #expect(abs(ChamferDistance.between(a, b) - expected) < 1e-5 * expected)
        #expect(ChamferDistance.between(a, a) == 0)
        #expect(ChamferDistance.between(a, NeighborIndex([])) == .infinity)
    }
}
