import SeededRandom
import Foundation
import PointClouds
import Testing

@testable import PointClouds

@Suite struct RegistrationTests {
    @Test func transformsComposeAndInvert() {
        let a = RigidTransform(axis: SIMD3(1, 2, 3), degrees: 40, translation: SIMD3(1, 2, 3))
        let b = RigidTransform(axis: SIMD3(-1, 0, 3), degrees: 170, translation: SIMD3(-4, 2, 9))
        let p = SIMD3<Double>(3, -5, 7)
        #expect(length((a * b).apply(p) - a.apply(b.apply(p))) < 1e-12)
        #expect(length((a * a.inverse).apply(p) - p) < 1e-12)
        #expect(abs(a.angle - 40) < 1e-10 && abs(b.angle - 170) < 1e-10)
        #expect(abs(a.rotation.determinant - 1) < 1e-14)
        for t in [a, b, .identity, RigidTransform(axis: SIMD3(0, 1, 0), degrees: 180)] {
            let back = RigidTransform(quaternion: t.quaternion * 5, translation: t.translation)
            #expect(length(back.apply(p) - t.apply(p)) < 1e-12)
        }
        #expect(RigidTransform(quaternion: SIMD4(0, 0, 0, 0)).rotation == .identity)
        #expect(RigidTransform(quaternion: SIMD4(.nan, 0, 0, 1)).rotation == .identity)
        // z by 90 degrees: x becomes y.
        let q = RigidTransform(quaternion: SIMD4(0, 0, 0.5.squareRoot(), 0.5.squareRoot()))
        #expect(length(q.apply(SIMD3(1, 0, 0)) - SIMD3(0, 1, 0)) < 1e-15)
    }

    /// Largest distance between where two motions take the points.
    private func difference(_ a: RigidTransform, _ b: RigidTransform, _ points: [SIMD3<Float>]) -> Double {
        points.reduce(0) { max($0, length(a.apply(SIMD3<Double>($1)) - b.apply(SIMD3<Double>($1)))) }
    }

    private func index(_ points: [SIMD3<Float>]) -> (NeighborIndex, [SIMD3<Float>]) {
        let index = NeighborIndex(points)
        return (index, SurfaceGeometry(index: index, neighbors: index.nearestOfAll(24)).normals)
    }

    @Test func findsMotionsOfTenDegreesAndFifteenMillimeters() {
        let (target, normals) = index(Clouds.surface(9000, seed: 1))
        let part = Clouds.surface(8000, seed: 2)
        var g = SplitMix64(seed: 12)
        for _ in 0..<12 {
            let axis = SIMD3(Double(g.uniform()), Double(g.uniform()), Double(g.uniform())) - 0.5
            let way = SIMD3(Double(g.uniform()), Double(g.uniform()), Double(g.uniform())) - 0.5
            let motion = RigidTransform(axis: axis, degrees: 10, translation: way / length(way) * 15)
            let found = IterativeClosestPoint.pointToPlane(
                source: part.map { motion.inverse.apply($0) }, target: target, targetNormals: normals)
            #expect(found.converged && found.fitness > 0.99)
            #expect(difference(found.transform, motion, part.map { motion.inverse.apply($0) }) < 0.05)
        }
    }

    @Test func findsSmallAngularPartsFromFarOff() {
        let (target, normals) = index(Clouds.bracket(6000, size: 80, seed: 1))
        let part = Clouds.bracket(5000, size: 80, seed: 2)
        let center = SIMD3<Double>(part.reduce(.zero, +) / Float(part.count))
        var g = SplitMix64(seed: 12)
        for _ in 0..<40 {
            let axis = SIMD3(Double(g.uniform()), Double(g.uniform()), Double(g.uniform())) - 0.5
            let way = SIMD3(Double(g.uniform()), Double(g.uniform()), Double(g.uniform())) - 0.5
            let turn = RigidTransform(axis: axis, degrees: 10)
            let motion = RigidTransform(
                rotation: turn.rotation, translation: center - turn.apply(center) + way / length(way) * 15)
            let moved = part.map { motion.apply($0) }
            let found = IterativeClosestPoint.pointToPlane(source: moved, target: target, targetNormals: normals)
            #expect(found.converged && found.rmse < 0.1)
            #expect(difference(found.transform, motion.inverse, moved) < 0.05)
        }
    }

    @Test func exactCopyIsFoundToRounding() {
        let points = Clouds.surface(5000)
        let (target, normals) = index(points)
        let motion = RigidTransform(axis: SIMD3(1, 1, 0), degrees: 8, translation: SIMD3(5, -6, 7))
        let moved = points.map { motion.inverse.apply($0) }
        let found = IterativeClosestPoint.pointToPlane(source: moved, target: target, targetNormals: normals)
        #expect(difference(found.transform, motion, moved) < 1e-3)
        #expect(found.rmse < 1e-3 && found.fitness == 1)
    }

    @Test func agreesWithOpen3D() throws {
        let points = try Fixture.points("part.f32")
        let source = try Fixture.points("source.f32")
        let normals: [Double] = try Fixture.values("normals.f64")
        let reference = try Fixture.reference().icp
        let m = reference.transform
        let expected = RigidTransform(
            rotation: Matrix3(rows: SIMD3(m[0], m[1], m[2]), SIMD3(m[4], m[5], m[6]), SIMD3(m[8], m[9], m[10])),
            translation: SIMD3(m[3], m[7], m[11]))
        var options = IterativeClosestPoint.Options()
        options.robustWeight = .none
        options.finalDistance = 4
        let found = IterativeClosestPoint.pointToPlane(
            source: source, target: NeighborIndex(points),
            targetNormals: points.indices.map {
                SIMD3<Float>(SIMD3(normals[3 * $0], normals[3 * $0 + 1], normals[3 * $0 + 2]))
            }, options: options)
        #expect(difference(found.transform, expected, source) < 0.01)
        #expect(abs(found.fitness - reference.fitness) < 0.002)
    }

    @Test func defectDoesNotPullThePartOver() {
        let (target, normals) = index(Clouds.surface(9000, seed: 1))
        // A bulge of 8 mm on a tenth of the part.
        let part = Clouds.surface(8000, seed: 2).map { $0.x > 70 ? $0 * 1.08 : $0 }
        let motion = RigidTransform(axis: SIMD3(0, 1, 1), degrees: 5, translation: SIMD3(3, 4, 5))
        let moved = part.map { motion.inverse.apply($0) }
        var options = IterativeClosestPoint.Options()
        var errors: [Double] = []
        for weight in [IterativeClosestPoint.RobustWeight.none, .huber, .tukey] {
            options.robustWeight = weight
            options.finalDistance = 10
            let found = IterativeClosestPoint.pointToPlane(
                source: moved, target: target, targetNormals: normals, options: options)
            errors.append(difference(found.transform, motion, moved))
        }
        #expect(errors[2] < 0.1 && errors[2] < errors[0] && errors[1] < errors[0])
    }

    @Test func roundPartsDoNotSpin() {
        let (target, normals) = index(Clouds.bottle(9000, seed: 1))
        let motion = RigidTransform(axis: SIMD3(1, 1, 0), degrees: 6, translation: SIMD3(5, -4, 6))
        let part = Clouds.bottle(8000, seed: 2)
        let found = IterativeClosestPoint.pointToPlane(
            source: part.map { motion.inverse.apply($0) }, target: target, targetNormals: normals)
        let rest = found.transform * motion.inverse
        #expect(found.fitness > 0.99 && found.rmse < 0.5)
        // The axis is back on itself, and the turn about it is small.
        #expect(length(rest.apply(SIMD3(0, 0, 0))) < 0.1)
        #expect(length(rest.apply(SIMD3(0, 0, 200)) - SIMD3(0, 0, 200)) < 0.1)
        #expect(rest.angle < 3)
    }

    @Test func hopelessCasesAreSaidSo() {
        let (target, normals) = index(Clouds.surface(1000))
        let start = RigidTransform(translation: SIMD3(1e6, 0, 0))
        let far = IterativeClosestPoint.pointToPlane(
            source: Clouds.surface(1000), target: target, targetNormals: normals, initial: start)
        #expect(!far.converged && far.fitness == 0 && far.transform == start)
        let none = IterativeClosestPoint.pointToPlane(source: [], target: target, targetNormals: normals)
        #expect(!none.converged)
        let empty = IterativeClosestPoint.pointToPlane(
            source: [.zero], target: NeighborIndex([]), targetNormals: [])
        #expect(!empty.converged)
        let point = IterativeClosestPoint.pointToPlane(
            source: [SIMD3(.nan, 0, 0), SIMD3(1, 1, 1)], target: target, targetNormals: normals)
        #expect(!point.converged)
    }
}
