import PointClouds
import Testing

/// The axis of what nearly turns into itself, told from one side of it, whatever sticks out.
@Suite struct TurningAxisTests {
    private static let motion = RigidTransform(
        axis: SIMD3(1, -2, 0.4), degrees: 40, translation: SIMD3(30, -10, 5))

    /// The shapes' third axis, as they lie.
    private static let turned = motion.apply(SIMD3<Double>(0, 0, 1)) - motion.translation

    /// Points and normals of what a shape shows to one side.
    private func side(of shape: Shape, towards direction: SIMD3<Float>) -> (
        points: [SIMD3<Float>], normals: [SIMD3<Float>]
    ) {
        let points = shape.sample(12_000, noise: 0.1, seed: 3)
        let normals = SurfaceGeometry(index: NeighborIndex(points), nearest: 24).normals
        let middle = points.reduce(.zero, +) / Float(points.count)
        let chosen = points.indices.filter { ((points[$0] - middle) * direction).sum() > 0 }
        return (chosen.map { Self.motion.apply(points[$0]) }, chosen.map { Self.motion.rotate(normals[$0]) })
    }

    private func angle(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
        let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
        return (cross * cross).sum().squareRoot() * 180 / .pi
    }

    private func distance(from axis: TurningAxis, to point: SIMD3<Double>) -> Double {
        let offset = point - axis.center
        let across = offset - axis.direction * (offset * axis.direction).sum()
        return (across * across).sum().squareRoot()
    }

    /// A jug from its front, beside the handle and from behind: a sixth of what is seen is handle and spout.
    @Test(arguments: [SIMD3<Float>(1, 0, 0), SIMD3(0, 1, 0), SIMD3(-0.7, 0.7, 0)])
    func whatSticksOutDoesNotHideTheAxis(direction: SIMD3<Float>) throws {
        let jug = Shape(primitives: [
            .ellipsoid(center: .zero, half: SIMD3(60, 60, 90)),
            .cylinder(center: SIMD3(0, 0, 85), radius: 30, half: 20, axis: 2),
            .box(center: SIMD3(75, 0, 10), half: SIMD3(22, 7, 30)),
            .cylinder(center: SIMD3(-20, 62, 30), radius: 9, half: 20, axis: 1),
        ])
        let (points, normals) = side(of: jug, towards: direction)
        let axis = try #require(TurningAxis(points, normals: normals))
        #expect(angle(axis.direction, Self.turned) < 2, "\(axis)")
        #expect(distance(from: axis, to: Self.motion.translation) < 2, "\(axis)")
        #expect(axis.resistance < 0.5)
        // The axis stays where it is.
        let place = axis.turn(degrees: 77).apply(axis.center) - axis.center
        #expect((place * place).sum().squareRoot() < 1e-9)
    }

    /// A straight tube slides along its axis with less resistance than it turns about it.
    @Test func aTubeTurnsAboutItsAxis() throws {
        let tube = Shape(primitives: [.cylinder(center: .zero, radius: 40, half: 100, axis: 2)])
        let (points, normals) = side(of: tube, towards: SIMD3(1, 0, 0))
        let wall = points.indices.filter {
            abs((Self.motion.inverse.apply(points[$0])).z) < 90
        }
        let axis = try #require(TurningAxis(wall.map { points[$0] }, normals: wall.map { normals[$0] }))
        #expect(angle(axis.direction, Self.turned) < 2, "\(axis)")
        #expect(distance(from: axis, to: Self.motion.translation) < 2, "\(axis)")
    }

    /// Three walls of different directions resist every turn: less than half of them slides.
    @Test func aCornerResists() {
        let corner = Shape(primitives: [.box(center: .zero, half: SIMD3(60, 50, 40))])
        let (points, normals) = side(of: corner, towards: SIMD3(1, 1, 1) / Float(3).squareRoot())
        #expect(TurningAxis(points, normals: normals)?.resistance ?? 1 > 0.5)
    }

    @Test func nothingHasNoAxis() {
        #expect(TurningAxis([], normals: []) == nil)
        #expect(TurningAxis([.zero, .zero], normals: [SIMD3(0, 0, 1), SIMD3(0, 0, 1)]) == nil)
    }
}
