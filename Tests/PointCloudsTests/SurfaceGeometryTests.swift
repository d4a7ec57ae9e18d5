import SeededRandom
import Foundation
import PointClouds
import Testing

@testable import PointClouds

@Suite struct SurfaceGeometryTests {
    @Test func agreesWithFloat64EigenDecomposition() throws {
        let points = try Fixture.points("part.f32")
        let index = NeighborIndex(points)
        let neighbors = try NeighborTable(
            count: points.count, size: 24, indices: Fixture.values("neighbors.i32"),
            squaredDistances: Fixture.values("neighbors.distance.f32", of: Float.self).map { $0 * $0 })
        let geometry = SurfaceGeometry(index: index, neighbors: neighbors)
        let variation = SurfaceGeometry(index: index, neighbors: neighbors, curvature: .surfaceVariation)
        let curvature: [Double] = try Fixture.values("curvature.f64")
        let eigenvalues: [Double] = try Fixture.values("eigenvalues.f64")
        let normals: [Double] = try Fixture.values("normals.f64")
        var worstCurvature = 0.0
        var worstVariation = 0.0
        var worstAngle = 0.0
        for i in points.indices {
            worstCurvature = max(worstCurvature, abs(Double(geometry.curvatures[i]) - curvature[i]))
            let (l0, l1, l2) = (eigenvalues[3 * i], eigenvalues[3 * i + 1], eigenvalues[3 * i + 2])
            worstVariation = max(worstVariation, abs(Double(variation.curvatures[i]) - l0 / (l0 + l1 + l2)))
            guard l0 < 0.9 * l1 else { continue }
            let n = SIMD3(normals[3 * i], normals[3 * i + 1], normals[3 * i + 2])
            let sine = length(cross(n, SIMD3<Double>(geometry.normals[i])))
            worstAngle = max(worstAngle, asin(min(1, sine)) * 180 / .pi)
        }
        #expect(worstCurvature < 1e-6)
        #expect(worstVariation < 1e-6)
        #expect(worstAngle < 0.02)
    }

    @Test(arguments: [Clouds.Kind.surface, .clustered, .uniform])
    func onePassAgreesWithATable(_ kind: Clouds.Kind) {
        let index = NeighborIndex(Clouds.make(kind, 4000))
        let table = SurfaceGeometry(index: index, neighbors: index.nearestOfAll(30))
        let fused = SurfaceGeometry(index: index, nearest: 30)
        // Sums in another order: equal to the rounding of Double, which Float hardly shows.
        for i in index.points.indices {
            #expect(abs(table.curvatures[i] - fused.curvatures[i]) < 1e-7)
            let cosine = abs((table.normals[i] * fused.normals[i]).sum())
            #expect(cosine > 0.999999 || table.curvatures[i] > 0.49)
        }
    }

    @Test func knownShapes() {
        let plane = NeighborIndex(Clouds.make(.planar, 2000))
        let flat = SurfaceGeometry(index: plane, neighbors: plane.nearestOfAll(24))
        #expect(flat.normals.allSatisfy { $0 == SIMD3(0, 0, 1) })
        #expect(flat.curvatures.allSatisfy { $0 == 0 })
        let line = NeighborIndex(Clouds.make(.line, 300))
        let thin = SurfaceGeometry(index: line, neighbors: line.nearestOfAll(24))
        #expect(thin.curvatures.allSatisfy { $0 < 1e-3 })
        let twins = NeighborIndex([SIMD3<Float>](repeating: SIMD3(5, 5, 5), count: 30))
        let none = SurfaceGeometry(index: twins, neighbors: twins.nearestOfAll(24))
        #expect(none.curvatures.allSatisfy { $0 == 0 })
        #expect(none.normals.allSatisfy { abs(($0 * $0).sum() - 1) < 1e-6 })
    }

    @Test func eigenDecompositionReachesDoubleFromAnyStart() {
        var g = SplitMix64(seed: 5)
        for trial in 0..<5000 {
            // From random rotations of spectra with close, equal, zero and huge values.
            let spectra: [SIMD3<Double>] = [
                SIMD3(1.0, 1.0, 1.0), SIMD3(0.0, 0.0, 1.0), SIMD3(1e-9, 1, 1), SIMD3(1, 1 + 1e-9, 2),
                SIMD3(1e-20, 1e-10, 1),
                SIMD3(1e12, 2e12, 1e13), SIMD3(1e-30, 3e-30, 7e-30), SIMD3(0, 0, 0),
                SIMD3(Double(g.uniform()), Double(g.uniform()), Double(g.uniform())),
            ]
            let spectrum = spectra[trial % 9]
            let q = SIMD4(Double(g.uniform()), Double(g.uniform()), Double(g.uniform()), Double(g.uniform())) - 0.5
            let r = RigidTransform(quaternion: q).rotation
            let d = Matrix3(rows: SIMD3(spectrum.x, 0, 0), SIMD3(0, spectrum.y, 0), SIMD3(0, 0, spectrum.z))
            let m = r * d * r.transpose
            func lanes(_ x: Double) -> SIMD4<Double> { SIMD4(x, 0, x, 1) }
            let e = SymmetricEigen(
                xx: lanes(m.rows.0.x), xy: lanes(m.rows.0.y), xz: lanes(m.rows.0.z), yy: lanes(m.rows.1.y),
                yz: lanes(m.rows.1.z), zz: lanes(m.rows.2.z))
            let sorted = [spectrum.x, spectrum.y, spectrum.z].sorted()
            let scale = max(sorted[2], .leastNormalMagnitude)
            let values = [e.values.0.x, e.values.1.x, e.values.2.x]
            for (found, expected) in zip(values, sorted) { #expect(abs(found - expected) <= 4e-15 * scale) }
            for (vector, value) in zip([e.vectors.0, e.vectors.1, e.vectors.2], values) {
                let v = SIMD3(vector.x.x, vector.y.x, vector.z.x)
                #expect(abs(length(v) - 1) < 1e-14)
                #expect(length(m * v - value * v) <= 1e-14 * scale)
            }
            #expect(e.values.0.x == e.values.0.z, "lanes do not influence each other")
        }
    }

    @Test func radiusLeavesFarNeighborsOut() {
        // Two parallel sheets 1 apart: near neighbours see one of them only.
        let sheet = Clouds.make(.planar, 3000)
        let both = sheet + sheet.map { $0 + SIMD3(0.3, 0.2, 4) }
        let index = NeighborIndex(both)
        let table = index.nearestOfAll(64)
        let near = SurfaceGeometry(index: index, neighbors: table, radius: 3.9)
        #expect(near.curvatures.allSatisfy { $0 < 1e-9 })
        let all = SurfaceGeometry(index: index, neighbors: table)
        #expect(all.curvatures.contains { $0 > 0.1 })
    }
}
