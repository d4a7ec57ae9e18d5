import Foundation
import ParallelLoops
import PointClouds
import Testing

@testable import Inspection

/// Forms that are hard to find in any pose: a bowl is curved alike everywhere, its inside as its outside; a wheel fits
/// nearly as well a tooth off.
@Suite struct AlignmentTests {
    /// Half a ball of radius 53, with walls of 6 mm and a flat rim.
    private static func bowl(seed: UInt64) -> [SIMD3<Float>] {
        var generator = SystemLikeGenerator(state: seed)
        func draw() -> Float { Float(generator.uniform()) }
        let outer: Float = 53, inner: Float = 47
        let walls = 2 * outer * outer, lining = 2 * inner * inner, rim = outer * outer - inner * inner
        return (0..<9000).map { _ in
            let place = draw() * (walls + lining + rim), angle = 2 * .pi * draw(), height = draw()
            let noise = 0.2 * SIMD3(Float(generator.normal()), Float(generator.normal()), Float(generator.normal()))
            let across = SIMD3(cos(angle), sin(angle), 0)
            if place >= walls + lining { return across * (inner * inner + rim * height).squareRoot() + noise }
            let radius = place < walls ? outer : inner
            return radius * (across * (1 - height * height).squareRoot() - SIMD3(0, 0, height)) + noise
        }
    }

    private static let bowl = ReferenceSurface(
        fitting: (1...4).map { bowl(seed: $0) }, spacing: 1.9, workers: .all)

    /// What good parts reach that lie as they were taught, and vary so much more.
    private func expected(
        _ surface: ReferenceSurface, _ good: [SIMD3<Float>], varying: Double
    ) throws -> ExpectedFit {
        let usual = Alignment(surface: surface, expected: nil, findsAnyPose: false, workers: .all)
        let part = try #require(PreparedPart(good, minimum: 100, workers: .all))
        var fit = ExpectedFit(distance: 0.5 * surface.spacing, roughness: part.roughness, cost: 0)
        fit.cost = varying * usual.strain(part, .identity, of: fit)
        return fit
    }

    @Test(arguments: 0..<8) func `a bowl is found in any pose`(_ number: Int) throws {
        let alignment = Alignment(
            surface: Self.bowl, expected: try expected(Self.bowl, Self.bowl(seed: 5), varying: 1.2), findsAnyPose: true,
            workers: .all
        )
        let pose = Self.pose(number)
        let cloud = Self.bowl(seed: UInt64(200 + number)).map { pose.apply($0) }
        let part = try #require(PreparedPart(cloud, minimum: 100, workers: .all))
        let found = alignment.register(part)
        #expect(found.fitness > 0.95)
        // Turns about the bowl's own axis are as good as each other.
        let axis = (found.transform * pose).rotation * SIMD3(0, 0, 1)
        #expect(axis.z > cos(2 * .pi / 180), "\(axis)")
    }

    /// A wheel of twenty teeth with five holes and one keyway: a tooth off, no hole fits; a hole off, only the keyway does not.
    private static func wheel(seed: UInt64) -> [SIMD3<Float>] {
        var generator = SystemLikeGenerator(state: seed)
        func draw() -> Float { Float(generator.uniform()) }
        /// Material at a place in the wheel's plane.
        func isFull(_ x: Float, _ y: Float) -> Bool {
            let radius = (x * x + y * y).squareRoot(), angle = atan2(y, x)
            if radius < 15 || (x > 0 && x < 20 && abs(y) < 5) { return false }
            for hole in 0..<5 {
                let at = Float(hole) * 0.4 * .pi
                let (dx, dy) = (x - 46 * cos(at), y - 46 * sin(at))
                if dx * dx + dy * dy < 121 { return false }
            }
            return radius < (cos(20 * angle) > 0 ? 85 : 71)
        }
        var points: [SIMD3<Float>] = []
        while points.count < 9000 {
            let noise = 0.2 * SIMD3(Float(generator.normal()), Float(generator.normal()), Float(generator.normal()))
            let x = 180 * draw() - 90, y = 180 * draw() - 90, height = 32 * draw() - 16
            guard isFull(x, y) else { continue }
            // On a wall where there is none a step further.
            let turn = 2 * .pi * draw()
            let isWall = !isFull(x + 0.8 * cos(turn), y + 0.8 * sin(turn))
            if isWall || points.count % 2 == 0 {
                points.append(SIMD3(x, y, isWall ? height : height > 0 ? 16 : -16) + noise)
            }
        }
        return points
    }

    private static let wheel = ReferenceSurface(
        fitting: (1...4).map { wheel(seed: $0) }, spacing: 2, workers: .all)

    @Test(arguments: 0..<20) func `a wheel comes to rest with its keyway in place`(_ number: Int) throws {
        let alignment = Alignment(
            surface: Self.wheel, expected: try expected(Self.wheel, Self.wheel(seed: 5), varying: 2),
            findsAnyPose: true, workers: .all)
        let pose = Self.pose(number)
        let cloud = Self.wheel(seed: UInt64(100 + number)).map { pose.apply($0) }
        let part = try #require(PreparedPart(cloud, minimum: 100, workers: .all))
        // Turned over about its keyway, the wheel is itself.
        let keyway = (alignment.register(part).transform * pose).rotation * SIMD3(1, 0, 0)
        #expect(keyway.x > cos(2 * .pi / 180), "\(keyway)")
    }

    private static func pose(_ number: Int) -> RigidTransform {
        var generator = SystemLikeGenerator(state: UInt64(100 + number))
        return RigidTransform(
            quaternion: SIMD4(generator.normal(), generator.normal(), generator.normal(), generator.normal()),
            translation: SIMD3(300, -200, 100))
    }
}
