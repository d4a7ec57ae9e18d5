import ParallelLoops
import PointClouds
import SeededRandom
import Testing

@Suite struct TurnSearchTests {
    private func search(_ shape: Shape, noise: Float = 0.1) -> TurnSearch {
        let points = shape.sample(6000, noise: noise, seed: 1)
        let index = NeighborIndex(points)
        let normals = SurfaceGeometry(index: index, nearest: 24).normals
        return TurnSearch(target: index, normals: normals, distance: 1, coarseDistance: 4, workers: .all)
    }

    private func moved(by turn: RigidTransform, _ point: SIMD3<Double>) -> Double {
        let offset: SIMD3<Double> = turn.apply(point) - point
        return (offset * offset).sum().squareRoot()
    }

    /// Four equal arms, and a mark on one of them.
    private let cross = Shape(primitives: [
        .box(center: .zero, half: SIMD3(90, 15, 10)), .box(center: .zero, half: SIMD3(15, 90, 10)),
        .cylinder(center: SIMD3(70, 0, 14), radius: 6, half: 6, axis: 2),
    ])

    @Test func `A block's near symmetries are its three half turns`() {
        let found = search(Shape(primitives: [.box(center: .zero, half: SIMD3(90, 60, 30))])).nearSymmetries()
        let best = found.prefix(3)
        #expect(best.count == 3)
        for turn in best {
            #expect(abs(turn.angle - 180) < 2)
            #expect(moved(by: turn, SIMD3(0, 0, 0)) < 3)
        }
        let directions: [SIMD3<Double>] = [SIMD3(50, 0, 0), SIMD3(0, 50, 0), SIMD3(0, 0, 50)]
        let axes = best.map { turn in directions.firstIndex { moved(by: turn, $0) < 5 } }
        #expect(Set(axes) == [0, 1, 2])
    }

    @Test func `A part that came to rest an arm off is related to its right pose`() {
        let search = search(cross)
        let symmetries = search.nearSymmetries()
        // Four turns about the axis, and each turned over.
        #expect(symmetries.count >= 7)
        let part = NeighborIndex(cross.sample(5000, noise: 0.1, seed: 2))
        for quarter in 1..<4 {
            let wrong = RigidTransform(axis: SIMD3(0, 0, 1), degrees: 90 * Double(quarter))
            let best = search.related(symmetries, to: wrong, of: part, atMost: 3).first
            #expect((best?.angle ?? 180) < 5, "\(quarter)")
            if let best { #expect(search.cost(part, best) < search.cost(part, wrong)) }
            // What was tried is not named again, as something else may be behind it.
            let tried = search.related(symmetries, to: wrong, of: part, atMost: 3) + [wrong]
            let others = search.related(symmetries, to: wrong, of: part, atMost: 3, except: tried)
            #expect(!others.isEmpty)
            #expect(others.allSatisfy { other in !tried.contains { $0.isTurned(as: other) } })
        }
    }

    @Test func `A body without symmetry has no near one that fits well`() {
        for (name, shape) in Shape.asymmetric {
            let search = search(shape)
            let part = NeighborIndex(shape.sample(5000, noise: 0.1, seed: 2))
            #expect(search.related(search.nearSymmetries(), to: .identity, of: part, atMost: 3).isEmpty, "\(name)")
        }
    }

    @Test(arguments: 0..<5) func `Principal axes laid along each other place a part from any pose`(_ number: Int) throws
    {
        let shape = Shape.asymmetric[number].shape
        let search = search(shape)
        var g = SplitMix64(seed: UInt64(number))
        for _ in 0..<6 {
            let pose = RigidTransform(
                quaternion: SIMD4(Double(g.normal()), Double(g.normal()), Double(g.normal()), Double(g.normal())),
                translation: SIMD3(500, -300, Double(g.uniform()) * 900))
            let part = NeighborIndex(pose.apply(shape.sample(5000, noise: 0.1, seed: 3)))
            let first = try #require(search.alongAxes(part, atMost: 3).first)
            // It is a start: ICP with more points comes after it.
            #expect((first * pose).angle < 3)
            #expect(moved(by: first * pose, SIMD3(0, 0, 0)) < 3)
        }
        #expect(search.alongAxes(NeighborIndex(shape.sample(500, noise: 0, seed: 4)), atMost: 24).count == 24)
    }

    @Test func `Roughness of a plane is the noise that its fit leaves`() {
        var g = SplitMix64(seed: 4)
        for noise: Float in [0.05, 0.2] {
            let points = (0..<8000).map { _ in SIMD3(g.uniform() * 200, g.uniform() * 200, noise * Float(g.normal())) }
            let index = NeighborIndex(points)
            let roughness = index.roughness(index.nearestOfAll(24))
            // Three of 24 degrees of freedom are the plane's.
            let expected = noise * Float(21.0 / 24).squareRoot()
            #expect(abs(roughness - expected) < 0.06 * expected)
        }
    }
}
