import Foundation
import ParallelLoops
import PointClouds
import SeededRandom
import Testing

/// Normals within 0.02 degrees and curvatures within 1e-6 of a float64 eigen-decomposition.
///
/// Curvatures of all neighbourhoods; normals wherever the smallest eigenvalue stands apart from the next by
/// 1e-9 of the greatest: (l1 - l0) / l2 >= 1e-9. On a thin scan line (l1 << l2) that is a width of 3e-5 of its length.
@Suite struct ExactGeometryTests {
    private static let apart = 1e-9
    private static let epsilon = 1e-9

    /// The worst errors over a set of neighbourhoods.
    private struct Errors {
        var curvature = 0.0
        var degrees = 0.0
        var judged = 0

        mutating func add(_ normal: SIMD3<Float>, _ curvature: Float, _ values: [Double], _ axis: SIMD3<Double>) {
            self.curvature = max(
                self.curvature, abs(Double(curvature) - ReferenceEigen.curvature(values, ExactGeometryTests.epsilon)))
            guard ReferenceEigen.gap(values) >= ExactGeometryTests.apart else { return }
            judged += 1
            let n = SIMD3<Double>(normal)
            let cross = SIMD3(
                n.y * axis.z - n.z * axis.y, n.z * axis.x - n.x * axis.z, n.x * axis.y - n.y * axis.x)
            degrees = max(degrees, atan2((cross * cross).sum().squareRoot(), abs((n * axis).sum())) * 180 / .pi)
        }
    }

    /// A neighbourhood as a cloud: each of its points has all of them as neighbours.
    private func add(_ points: [SIMD3<Float>], _ values: [Double], _ axis: SIMD3<Double>, to errors: inout Errors) {
        let index = NeighborIndex(points, workers: .one)
        for geometry in EngineCalls.geometries(index, nearest: points.count, .one) {
            for i in points.indices { errors.add(geometry.normals[i], geometry.curvatures[i], values, axis) }
        }
    }

    @Test func agreesWithNumPy() throws {
        let points = try Fixture.points("neighborhoods.f32")
        let eigen: [Double] = try Fixture.values("neighborhoods.eigen.f64")
        var errors = Errors()
        for g in 0..<240 {
            let part = Array(points[24 * g..<24 * (g + 1)])
            let values = Array(eigen[6 * g..<6 * g + 3])
            let axis = SIMD3(eigen[6 * g + 3], eigen[6 * g + 4], eigen[6 * g + 5])
            add(part, values, axis, to: &errors)
            // The reference in these tests is no worse.
            let own = ReferenceEigen(covarianceOf: part)
            #expect(abs((own.smallest * axis).sum()) > 1 - 1e-9 || ReferenceEigen.gap(values) < Self.apart)
        }
        #expect(errors.curvature < 1e-6)
        #expect(errors.degrees < 0.02)
        #expect(errors.judged > 200 * 24)
    }

    /// Neighbourhoods of any spectrum: thin scan lines, nearly flat patches, balls; of any size and place.
    @Test func agreesWithJacobiOnAnySpectrum() {
        var g = SplitMix64(seed: 77)
        func log10Uniform(_ low: Float, _ high: Float) -> Float { pow(10, low + (high - low) * g.uniform()) }
        for (name, least) in [("surface", 0.95), ("line", 0.9), ("flat", 0.95), ("ball", 0.95)] {
            var errors = Errors()
            var judged = 0
            for _ in 0..<400 {
                let deviations: SIMD3<Float>
                switch name {
                case "surface": deviations = SIMD3(log10Uniform(-2, -0.5), 0.4 + 0.6 * g.uniform(), 1)
                case "line":
                    let width = log10Uniform(-4, -1)
                    deviations = SIMD3(width * log10Uniform(-3, -0.1), width, 1)
                case "flat": deviations = SIMD3(log10Uniform(-6, -2), 0.3 + 0.7 * g.uniform(), 1)
                default: deviations = SIMD3(0.6 + 0.3 * g.uniform(), 1, 1 + 0.3 * g.uniform())
                }
                let turn = RigidTransform(
                    axis: SIMD3(Double(g.normal()), Double(g.normal()), Double(g.normal())),
                    degrees: Double(360 * g.uniform()))
                let size = log10Uniform(-3, 3)
                let place = SIMD3(g.normal(), g.normal(), g.normal()) * size * log10Uniform(0, 3)
                let count = 6 + g.next(below: 40)
                let points = (0..<count).map { _ in
                    turn.apply(SIMD3(g.normal(), g.normal(), g.normal()) * deviations) * size + place
                }
                let own = ReferenceEigen(covarianceOf: points)
                add(points, own.values, own.smallest, to: &errors)
                if ReferenceEigen.gap(own.values) >= Self.apart { judged += 1 }
            }
            #expect(errors.curvature < 1e-6, "\(name)")
            #expect(errors.degrees < 0.02, "\(name)")
            #expect(Double(judged) > least * 400, "\(name)")
        }
    }

    /// Whole clouds with the neighbourhoods that the index finds: a surface, and lines as a profile scanner gives them,
    /// whose neighbourhoods lie along one line for the most part.
    @Test func agreesWithJacobiOnClouds() {
        var g = SplitMix64(seed: 6)
        let lines = (0..<12_000).map { i -> SIMD3<Float> in
            let (x, y) = (Float(i % 600) * 0.05 + 0.004 * g.normal(), Float(i / 600) * 1.5 + 0.002 * g.normal())
            return SIMD3(x, y, 300 + 4 * sin(x / 6) * cos(y / 5) + 0.003 * g.normal())
        }
        for points in [Clouds.surface(12_000, seed: 3), lines] {
            let index = NeighborIndex(points)
            let table = index.nearestOfAll(24)
            let all = EngineCalls.geometries(index, nearest: 24, Workers(count: 2))
            var errors = Errors()
            for row in points.indices {
                let own = ReferenceEigen(covarianceOf: table.neighbors(of: row).map { points[Int($0)] })
                for geometry in all {
                    errors.add(geometry.normals[row], geometry.curvatures[row], own.values, own.smallest)
                }
            }
            #expect(errors.curvature < 1e-6)
            #expect(errors.degrees < 0.02)
            #expect(errors.judged > points.count * all.count * 99 / 100)
        }
    }

    /// The other measure, and how both bound: 0.5 and 1/3.
    @Test func surfaceVariationAgreesWithJacobi() {
        let points = Clouds.make(.uniform, 4000)
        let index = NeighborIndex(points)
        let table = index.nearestOfAll(30)
        let variation = SurfaceGeometry(index: index, neighbors: table, curvature: .surfaceVariation)
        let pair = SurfaceGeometry(index: index, neighbors: table)
        for row in points.indices {
            let values = ReferenceEigen(covarianceOf: table.neighbors(of: row).map { points[Int($0)] }).values
            #expect(abs(Double(variation.curvatures[row]) - values[0] / (values[0] + values[1] + values[2])) < 1e-6)
            #expect((0...(1.0 / 3 + 1e-6)).contains(Double(variation.curvatures[row])))
            #expect((0...0.5).contains(pair.curvatures[row]))
        }
    }
}
