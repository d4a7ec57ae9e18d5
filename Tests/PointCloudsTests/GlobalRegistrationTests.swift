import ParallelLoops
import SeededRandom
import Testing

@testable import PointClouds

@Suite struct GlobalRegistrationTests {
    private let ball = Shape(primitives: [.ellipsoid(center: .zero, half: SIMD3(80, 80, 80))])
    private let tube = Shape(primitives: [.cylinder(center: SIMD3(5, -8, 0), radius: 40, half: 90, axis: 2)])

    private func randomPose(_ g: inout SplitMix64, size: Double) -> RigidTransform {
        let q = SIMD4(Double(g.normal()), Double(g.normal()), Double(g.normal()), Double(g.normal()))
        let t = SIMD3(Double(g.uniform()), Double(g.uniform()), Double(g.uniform())) * 2 - 1
        return RigidTransform(quaternion: q, translation: t * size)
    }

    private func size(_ points: [SIMD3<Float>]) -> Double {
        var box = Box.empty
        for point in points { box.include(point) }
        return Double((box.high - box.low).max())
    }

    /// Largest distance of a point from where it belongs, when `motion` is to be undone.
    private func error(_ found: RigidTransform, _ motion: RigidTransform, _ part: [SIMD3<Float>]) -> Double {
        let rest = found * motion
        return part.reduce(0) { max($0, length(rest.apply(SIMD3<Double>($1)) - SIMD3<Double>($1))) }
    }

    /// Thirty poses, sampled anew each time, with noise of 0.2 mm: back within a degree and 1 % of the size.
    @Test(arguments: 0..<5) func findsAnyPose(_ number: Int) {
        let shape = Shape.asymmetric[number].shape
        let template = shape.sample(4000, noise: 0.2, seed: 1)
        let target = RegistrationTarget(points: template)
        let size = size(template)
        var g = SplitMix64(seed: UInt64(77 + number))
        for pose in 0..<30 {
            let part = shape.sample(3200, noise: 0.2, seed: UInt64(100 + pose))
            let motion = randomPose(&g, size: size)
            let found = GlobalRegistration.register(source: motion.apply(part), target: target)
            let name = Comment(rawValue: "\(Shape.asymmetric[number].name), pose \(pose)")
            #expect(found.quality.verdict == .reliable && found.quality.isInspectable, name)
            #expect((found.registration.transform * motion).angle < 1, name)
            #expect(error(found.registration.transform, motion, part) < 0.01 * size, name)
        }
    }

    /// Lying the wrong way round, near enough for ICP to be content with it.
    @Test(arguments: 0..<5) func findsPartsTurnedOver(_ number: Int) {
        let shape = Shape.asymmetric[number].shape
        let target = RegistrationTarget(points: shape.sample(4000, noise: 0.2, seed: 1))
        for axis in [SIMD3<Double>(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)] {
            let part = shape.sample(3200, noise: 0.2, seed: 5)
            let motion = RigidTransform(axis: axis, degrees: 180, translation: SIMD3(1, 2, 3))
            let found = GlobalRegistration.register(source: motion.apply(part), target: target)
            #expect(found.quality.verdict == .reliable)
            #expect(error(found.registration.transform, motion, part) < 2)
        }
    }

    @Test func findsPartsSeenFromOneSide() {
        let shape = Shape.asymmetric[4].shape
        let target = RegistrationTarget(points: shape.sample(5000, noise: 0.2, seed: 1))
        var g = SplitMix64(seed: 3)
        for side in [SIMD3<Float>(0.3, 1, 0.2), SIMD3(0.2, -0.3, 1)] {
            let whole = shape.sample(8000, noise: 0.2, seed: 2)
            let middle = whole.map { ($0 * side).sum() }.sorted()[whole.count / 2]
            let part = whole.filter { ($0 * side).sum() > middle }
            let motion = randomPose(&g, size: 200)
            let found = GlobalRegistration.register(source: motion.apply(part), target: target)
            #expect(found.quality.verdict == .reliable)
            #expect(found.quality.coverage > 0.4 && found.quality.coverage < 0.75)
            #expect(error(found.registration.transform, motion, part) < 2)
        }
    }

    @Test func defectDoesNotPullThePartOver() {
        let shape = Shape.asymmetric[1].shape
        let target = RegistrationTarget(points: shape.sample(5000, noise: 0.2, seed: 1))
        // A bulge of up to 12 mm, and a corner missing.
        let good = shape.sample(5000, noise: 0.2, seed: 2).filter { !($0.x < -60 && $0.y < -40) }
        let bad = good.map { p -> SIMD3<Float> in
            let r = ((p - SIMD3(20, 20, 40)) * (p - SIMD3(20, 20, 40))).sum().squareRoot()
            return r < 25 ? p + SIMD3(0, 0, 12 * (1 - r / 25)) : p
        }
        var g = SplitMix64(seed: 5)
        let motion = randomPose(&g, size: 150)
        let found = GlobalRegistration.register(source: motion.apply(bad), target: target)
        #expect(found.quality.verdict == .reliable)
        #expect(error(found.registration.transform, motion, good) < 1)
    }

    @Test func ballTurnsFreely() throws {
        var g = SplitMix64(seed: 5)
        let found = GlobalRegistration.register(
            source: randomPose(&g, size: 100).apply(ball.sample(4000, noise: 0.2, seed: 1)),
            target: ball.sample(5000, noise: 0.2, seed: 2))
        #expect(found.quality.verdict == .ambiguous && found.quality.isInspectable)
        try #require(found.quality.freeMotions.count == 3)
        for motion in found.quality.freeMotions {
            #expect(motion.kind == .rotation && motion.keepsSurface && length(motion.center) < 2)
        }
        #expect(found.registration.fitness > 0.99)
    }

    @Test func roundPartTurnsAboutItsAxis() throws {
        var g = SplitMix64(seed: 6)
        let part = tube.sample(4000, noise: 0.2, seed: 1)
        let motion = randomPose(&g, size: 100)
        let found = GlobalRegistration.register(
            source: motion.apply(part), target: tube.sample(5000, noise: 0.2, seed: 2))
        #expect(found.quality.verdict == .ambiguous && found.quality.isInspectable)
        try #require(found.quality.freeMotions.count == 1)
        let free = found.quality.freeMotions[0]
        #expect(free.kind == .rotation && abs(free.direction.z) > 0.999)
        // The axis is at x = 5, y = -8.
        #expect(abs(free.center.x - 5) < 1 && abs(free.center.y + 8) < 1)
        // The part's axis came back on the template's.
        let rest = found.registration.transform * motion
        let end = rest.apply(SIMD3<Double>(5, -8, 90))
        #expect(length(SIMD3(end.x - 5, end.y + 8, abs(end.z) - 90)) < 1)
    }

    @Test func aBumpTellsHowARoundPartIsTurned() {
        let bumped = Shape(
            primitives: tube.primitives + [.ellipsoid(center: SIMD3(45, -8, 30), half: SIMD3(12, 12, 12))])
        let target = RegistrationTarget(points: bumped.sample(7000, noise: 0.2, seed: 9))
        var g = SplitMix64(seed: 7)
        for seed in 0..<3 {
            let part = bumped.sample(6000, noise: 0.2, seed: UInt64(seed))
            let motion = randomPose(&g, size: 200)
            let found = GlobalRegistration.register(source: motion.apply(part), target: target)
            #expect(found.quality.verdict == .reliable)
            #expect(error(found.registration.transform, motion, part) < 2)
        }
    }

    @Test func boxFitsInFourPoses() {
        let box = Shape(primitives: [.box(center: .zero, half: SIMD3(90, 60, 30))])
        let target = RegistrationTarget(points: box.sample(5000, noise: 0.2, seed: 1))
        let posed = GlobalRegistration.register(source: box.sample(4000, noise: 0.2, seed: 2), target: target)
        #expect(posed.start == .identity || posed.start == .symmetry)
        #expect(posed.quality.verdict == .ambiguous && posed.quality.isInspectable)
        #expect(posed.quality.alternatives.count == 3 && posed.quality.freeMotions.isEmpty)
    }

    @Test func plateSlides() {
        var g = SplitMix64(seed: 8)
        func plate(_ n: Int) -> [SIMD3<Float>] {
            (0..<n).map { _ in SIMD3(g.uniform() * 200, g.uniform() * 120, 0.2 * g.normal()) }
        }
        let target = plate(5000)
        let found = GlobalRegistration.register(source: plate(4000), target: target)
        #expect(found.quality.verdict == .ambiguous && !found.quality.isInspectable)
        #expect(found.quality.freeMotions.count == 3)
        #expect(found.quality.freeMotions.filter { $0.kind == .translation && abs($0.direction.z) < 0.05 }.count == 2)
        #expect(found.quality.freeMotions.filter { $0.kind == .rotation && abs($0.direction.z) > 0.99 }.count == 1)
    }

    @Test func anotherShapeIsPoor() {
        let shapes = Shape.asymmetric.map(\.shape) + [ball, tube]
        var g = SplitMix64(seed: 9)
        for i in shapes.indices {
            let target = RegistrationTarget(points: shapes[i].sample(4000, noise: 0.2, seed: 1))
            let other = shapes[(i + 3) % shapes.count].sample(3000, noise: 0.2, seed: 2)
            let found = GlobalRegistration.register(source: randomPose(&g, size: 200).apply(other), target: target)
            #expect(found.quality.verdict == .poor && !found.quality.isInspectable, "\(i)")
        }
        // The right shape in another unit.
        let part = shapes[0].sample(3000, noise: 0.2, seed: 2)
        for scale: Float in [0.04, 25.4] {
            let found = GlobalRegistration.register(
                source: part.map { $0 * scale }, target: shapes[0].sample(4000, noise: 0.2, seed: 1))
            #expect(found.quality.verdict == .poor || found.quality.verdict == .tooFewPoints)
        }
    }

    @Test func posedPartsNeedNoHistograms() {
        let shape = Shape.asymmetric[3].shape
        let target = RegistrationTarget(points: shape.sample(4000, noise: 0.2, seed: 1))
        let part = shape.sample(4000, noise: 0.2, seed: 2)
        let small = RigidTransform(axis: SIMD3(1, 2, 3), degrees: 3, translation: SIMD3(2, -1, 3))
        let near = GlobalRegistration.register(source: small.apply(part), target: target)
        #expect(near.start == .identity && error(near.registration.transform, small, part) < 1)
        let far = RigidTransform(translation: SIMD3(900, -400, 700))
        let shifted = GlobalRegistration.register(source: far.apply(part), target: target)
        #expect(shifted.start == .centroids && error(shifted.registration.transform, far, part) < 1)
        var options = GlobalRegistration.Options()
        options.triesPosesFirst = false
        let found = GlobalRegistration.register(source: small.apply(part), target: target, options: options)
        #expect(found.start == .features && error(found.registration.transform, small, part) < 1)
    }

    @Test(arguments: [Float(1e-4), 1, 1000]) func unitsDoNotMatter(_ scale: Float) {
        let shape = Shape.asymmetric[2].shape
        let template = shape.sample(4000, noise: 0.2, seed: 1)
        let part = shape.sample(3000, noise: 0.2, seed: 2)
        let motion = RigidTransform(axis: SIMD3(3, 1, -2), degrees: 130, translation: SIMD3(20, 30, 10))
        let found = GlobalRegistration.register(
            source: motion.apply(part).map { $0 * scale }, target: template.map { $0 * scale })
        #expect(found.quality.verdict == .reliable)
        var transform = found.registration.transform
        transform.translation /= Double(scale)
        #expect(error(transform, motion, part) < 1)
    }

    @Test func sameBitsForAnyOrderAndThreads() {
        let shape = Shape.asymmetric[0].shape
        let template = shape.sample(5000, noise: 0.2, seed: 1)
        let motion = RigidTransform(axis: SIMD3(3, 1, -2), degrees: 130, translation: SIMD3(20, 30, 10))
        for part in [shape.sample(4000, noise: 0.2, seed: 2), ball.sample(4000, noise: 0.2, seed: 2)] {
            func at(_ source: [SIMD3<Float>], _ target: [SIMD3<Float>], _ workers: Workers) -> GlobalRegistration.Result
            {
                var options = GlobalRegistration.Options()
                options.workers = workers
                return GlobalRegistration.register(source: source, target: target, options: options)
            }
            let moved = motion.apply(part)
            let one = at(moved, template, .one)
            #expect(one == at(moved, template, Workers(count: 2)))
            #expect(one == at(Clouds.shuffled(moved).points, Clouds.shuffled(template, seed: 4).points, .one))
        }
    }

    @Test func normalsGivenOrNotTheSamePose() {
        let shape = Shape.asymmetric[1].shape
        let index = NeighborIndex(shape.sample(4000, noise: 0.2, seed: 1))
        let geometry = SurfaceGeometry(index: index, neighbors: index.nearestOfAll(24))
        let part = shape.sample(3000, noise: 0.2, seed: 2)
        let motion = RigidTransform(axis: SIMD3(1, 1, -2), degrees: 170, translation: SIMD3(20, 30, 10))
        let found = GlobalRegistration.register(
            source: motion.apply(part), target: index, targetNormals: geometry.normals.map { -$0 })
        #expect(found.quality.verdict == .reliable && error(found.registration.transform, motion, part) < 1)
    }

    @Test func hopelessInputsAreSaidSo() {
        let template = Shape.asymmetric[1].shape.sample(2000, noise: 0.2, seed: 1)
        let nan = SIMD3<Float>(.nan, 1, 2)
        for few in [
            [], [.zero], Array(template[..<2]), [SIMD3<Float>](repeating: SIMD3(1, 2, 3), count: 500), [nan, nan],
        ] {
            for (source, target) in [(few, template), (template, few), (few, few)] {
                let found = GlobalRegistration.register(source: source, target: target)
                #expect(found.quality.verdict == .tooFewPoints && found.registration.fitness == 0)
                #expect(found.registration.transform == .identity)
            }
        }
        for kind in Clouds.Kind.allCases {
            // No trap, and a pose that is a number.
            let cloud = Clouds.make(kind, 300)
            for (source, target) in [
                (cloud, template), (template, cloud), (cloud, cloud), (cloud + [nan], cloud + [nan]),
            ] {
                let found = GlobalRegistration.register(source: source, target: target)
                #expect(length(found.registration.transform.translation).isFinite, "\(kind)")
                #expect(!found.quality.explanation.isEmpty)
            }
        }
        var options = GlobalRegistration.Options()
        (options.hypotheses, options.draws, options.featureCount, options.refinementCount) = (0, 0, 0, 0)
        options.voxelSize = .nan
        #expect(
            GlobalRegistration.register(source: template, target: template, options: options).registration.fitness > 0)
    }
}
