import Foundation
import ParallelLoops
import PointClouds
import SeededRandom
import Testing

@testable import AnomalySynthesis

@Suite struct SurfaceTests {
    @Test func subdividedMeshesStayWatertightAndInPlace() throws {
        var mesh = try #require(SurfaceMesh(TestParts.block, diagonal: 120))
        let area = mesh.area
        var parents = [Int32](repeating: 0, count: mesh.triangles.count)
        mesh.refine(limit: { $0.x > 10 ? 4 : 15 }, parents: &parents)
        #expect(TestParts.openEdges(mesh) == 0)
        #expect((mesh.area - area).magnitude < 1e-8 * area)
        #expect(parents.count == mesh.triangles.count)
        for t in mesh.triangles {
            for (i, j) in [(t.x, t.y), (t.y, t.z), (t.z, t.x)] {
                let (a, b) = (mesh.vertices[Int(i)], mesh.vertices[Int(j)])
                #expect(length(a - b) <= ((a + b).x / 2 > 10 ? 4 : 15) * (1 + 1e-12))
            }
        }
    }

    /// An inner box never shows; a face turned inward is turned back.
    @Test func onlyTheOutsideIsKeptAndFacesOutward() throws {
        let outer = TestParts.block
        let inner = TestParts.box([20, 15, 10])
        var triangles = outer.triangles + inner.triangles.map { $0 &+ 8 }
        triangles[3] = SIMD3(triangles[3].x, triangles[3].z, triangles[3].y)
        let both = try TriangleMesh(vertices: outer.vertices + inner.vertices, triangles: triangles)
        var mesh = try #require(SurfaceMesh(both, diagonal: 120))
        let outside = try #require(SurfaceMesh(outer, diagonal: 120))
        var parents = [Int32](repeating: 0, count: mesh.triangles.count)
        mesh.refine(limit: { _ in 5 }, parents: &parents)
        let shown = try #require(OutsideSurface.of(mesh, workers: .one))
        #expect((shown.mesh.area - outside.area).magnitude < 1e-6 * outside.area)
        #expect(!shown.isSheet)
        for index in shown.mesh.triangles.indices {
            let (a, b, c) = shown.mesh.corners(index)
            #expect(dot(cross(b - a, c - a), a + b + c) > 0)
        }
    }

    @Test func distancesAgreeWithThoseToAllTriangles() throws {
        let mesh = try TestParts.sparse.get().base
        let tree = SurfaceDistance(mesh)
        var random = SplitMix64(seed: 5)
        for _ in 0..<200 {
            let p = random.direction() * random.uniform(in: 0...90)
            #expect((tree.distance(to: p) - TestParts.distance(p, mesh)).magnitude < 1e-12)
        }
    }

    @Test func clippingLosesNoSurface() throws {
        let mesh = try TestParts.sparse.get().base
        let field = mesh.vertices.map { $0.x + 0.3 * $0.y - 12.345 }
        let cut = mesh.clipped(where: field)
        #expect((cut.mesh.area + cut.removed.area - mesh.area).magnitude < 1e-9 * mesh.area)
        #expect(cut.parents.count == cut.mesh.triangles.count)
        let bounds = cut.mesh.bounds
        #expect(bounds.high.x > 20)
        for (a, b) in cut.border {
            for p in [a, b] { #expect((p.x + 0.3 * p.y - 12.345).magnitude < 1e-9) }
        }
    }

    @Test func sineIsThatOfTheLibrary() {
        for i in -2000...2000 {
            let x = Double(i) * 0.0173
            #expect((SeriesTrigonometry.sine(x) - sin(x)).magnitude < 1e-12)
        }
    }
}
