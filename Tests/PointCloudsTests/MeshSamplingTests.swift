import ParallelLoops
import PointClouds
import Testing

@Suite struct MeshSamplingTests {
    @Test func everyTriangleGetsWhatItsAreaAsksFor() throws {
        let mesh = try MeshReference.ring().mesh()
        let samples = MeshSampling.uniform(mesh, count: 20_000, seed: 3)
        #expect(samples.points.count == 20_000 && samples.skipped == MeshSampling.Skipped())
        var counts = [Int](repeating: 0, count: mesh.triangles.count)
        for triangle in samples.triangles { counts[Int(triangle)] += 1 }
        for (count, area) in zip(counts, mesh.triangleAreas()) {
            // Stratified: off by the two shares that cross its borders, at most.
            #expect(abs(Double(count) - 20_000 * area / mesh.area) <= 2)
        }
    }

    /// Chi-square over 64 equal parts of one triangle, 16 000 points: 63 degrees of freedom, 99.9 % below 103.4.
    @Test(arguments: [UInt64(1), 2, 3])
    func uniformWithinATriangle(_ seed: UInt64) throws {
        let corners = [SIMD3<Double>(1, 2, 3), SIMD3(40, 5, -7), SIMD3(11, 30, 2)]
        let mesh = try TriangleMesh(
            vertices: corners.map { SIMD3<Float>($0) }, triangles: [SIMD3(0, 1, 2)])
        var counts = [Int](repeating: 0, count: 64)
        let (u, v) = (corners[1] - corners[0], corners[2] - corners[0])
        let (uu, uv, vv) = ((u * u).sum(), (u * v).sum(), (v * v).sum())
        for point in MeshSampling.uniform(mesh, count: 16_000, seed: seed).points {
            let w = SIMD3<Double>(point) - corners[0]
            let (wu, wv) = ((w * u).sum(), (w * v).sum())
            let s = 8 * (vv * wu - uv * wv) / (uu * vv - uv * uv)
            let t = 8 * (uu * wv - uv * wu) / (uu * vv - uv * uv)
            let (i, j) = (min(7, max(0, Int(s))), min(7, max(0, Int(t))))
            // Each of the 8 x 8 parallelograms is two triangles; those of one row follow each other.
            let upper = s - Double(i) + t - Double(j) > 1 ? 1 : 0
            let row = (0..<j).reduce(0) { $0 + 2 * (8 - $1) - 1 }
            counts[min(63, row + 2 * i + upper)] += 1
        }
        let expected = 16_000.0 / 64
        let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(chiSquare < 103.4 && chiSquare > 30)
    }

    @Test func pointsLieOnTheirTriangles() throws {
        let reference = try MeshReference.ring()
        let mesh = try reference.mesh()
        for samples in [
            MeshSampling.uniform(mesh, count: 3000, seed: 9), MeshSampling.even(mesh, count: 500, seed: 9),
        ] {
            for (i, triangle) in samples.triangles.enumerated() {
                let corners = mesh.corners[Int(triangle)].map { SIMD3<Double>($0) }
                let normal = SIMD3(
                    reference.normals[Int(triangle)][0], reference.normals[Int(triangle)][1],
                    reference.normals[Int(triangle)][2])
                let point = SIMD3<Double>(samples.points[i])
                // Coordinates of up to 50 mm: half a step of Float is 2e-6.
                #expect(abs(((point - corners[0]) * normal).sum()) < 5e-6)
                for k in 0..<3 {
                    let edge = corners[(k + 1) % 3] - corners[k]
                    let inward = SIMD3(
                        normal.y * edge.z - normal.z * edge.y, normal.z * edge.x - normal.x * edge.z,
                        normal.x * edge.y - normal.y * edge.x)
                    #expect(((point - corners[k]) * inward).sum() / (edge * edge).sum().squareRoot() > -5e-6)
                }
                #expect(BruteForce.squared(samples.normals[i], SIMD3<Float>(normal)) < 1e-12)
            }
        }
    }

    @Test func theSeedDecidesAlone() throws {
        let mesh = try MeshReference.ring().mesh()
        #expect(MeshSampling.uniform(mesh, count: 100, seed: 5) == MeshSampling.uniform(mesh, count: 100, seed: 5))
        #expect(
            MeshSampling.uniform(mesh, count: 100, seed: 5).points
                != MeshSampling.uniform(mesh, count: 100, seed: 6).points)
        #expect(
            MeshSampling.even(mesh, count: 300, seed: 5, workers: .one)
                == MeshSampling.even(mesh, count: 300, seed: 5, workers: Workers(count: 2)))
    }

    @Test func evenPointsKeepTheirDistance() throws {
        let mesh = try TriangleMesh(
            vertices: TriangleMeshTests.square.map { $0 * 10 }, triangles: [SIMD3(0, 1, 2), SIMD3(0, 2, 3)])
        let count = 1000
        func least(_ points: [SIMD3<Float>]) -> Float {
            NeighborIndex(points).nearestOfAll(2).squaredDistances.enumerated().filter { $0.0 % 2 == 1 }
                .map(\.1).min()!.squareRoot()
        }
        let samples = MeshSampling.even(mesh, count: count, seed: 1)
        #expect(samples.points.count == count && Set(samples.points).count == count)
        // The spacing of a hexagonal grid of as many points.
        let hexagonal = (2 / Float(3).squareRoot() * Float(mesh.area) / Float(count)).squareRoot()
        #expect(least(samples.points) > 0.6 * hexagonal)
        #expect(least(MeshSampling.uniform(mesh, count: count, seed: 1).points) < 0.1 * hexagonal)
        #expect(MeshSampling.even(mesh, count: 10, seed: 1, oversampling: 100).points.count == 10)
    }

    @Test func brokenTrianglesAreSkippedAndCounted() throws {
        let vertices = TriangleMeshTests.square + [SIMD3(.nan, 0, 0), SIMD3(1, 0, 0), SIMD3(.infinity, 1, 1)]
        let broken: [SIMD3<Int32>] = [SIMD3(0, 4, 1), SIMD3(0, 5, 1), SIMD3(6, 0, 1), SIMD3(2, 2, 3), SIMD3(0, 0, 0)]
        let mesh = try TriangleMesh(vertices: vertices, triangles: broken + [SIMD3(0, 1, 2)] + broken)
        let samples = MeshSampling.uniform(mesh, count: 50, seed: 1)
        #expect(samples.triangles == [Int32](repeating: 5, count: 50))
        #expect(samples.skipped == MeshSampling.Skipped(zeroArea: 6, nonFinite: 4))
        #expect(samples.points.allSatisfy { $0.z == 0 && $0.x >= 0 && $0.x <= 2 && $0.y <= 3 })
        for mesh in [
            try TriangleMesh(vertices: vertices, triangles: broken), try TriangleMesh(vertices: [], triangles: []),
        ] {
            #expect(MeshSampling.uniform(mesh, count: 50, seed: 1).points.isEmpty)
            #expect(MeshSampling.even(mesh, count: 50, seed: 1).points.isEmpty)
        }
        #expect(MeshSampling.uniform(mesh, count: 0, seed: 1).points.isEmpty)
        #expect(MeshSampling.even(mesh, count: -3, seed: 1).points.isEmpty)
    }
}
