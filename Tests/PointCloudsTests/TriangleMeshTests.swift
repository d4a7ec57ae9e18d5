import PointClouds
import Testing

@Suite struct TriangleMeshTests {
    static let square = [SIMD3<Float>(0, 0, 0), SIMD3(2, 0, 0), SIMD3(2, 3, 0), SIMD3(0, 3, 0)]

    @Test func measuresAsTrimeshDoes() throws {
        let reference = try MeshReference.ring()
        let mesh = try reference.mesh()
        #expect(abs(mesh.area / reference.area - 1) < 1e-12)
        for (a, b) in zip(mesh.triangleAreas(), reference.areas) { #expect(abs(a - b) < 1e-10) }
        for (a, b) in zip(mesh.triangleNormals(), reference.normals) {
            #expect(BruteForce.squared(a, MeshReference.vector(b)) < 1e-12)
        }
        let box = try #require(mesh.boundingBox)
        #expect(box.low == MeshReference.vector(reference.bounds[0]))
        #expect(box.high == MeshReference.vector(reference.bounds[1]))
    }

    @Test func refusesWhatIsOutOfRange() throws {
        for bad: SIMD3<Int32> in [SIMD3(0, 1, 4), SIMD3(-1, 1, 2), SIMD3(0, Int32.max, 2), SIMD3(0, 1, Int32.min)] {
            let error = #expect(throws: TriangleMeshError.self) {
                _ = try TriangleMesh(vertices: Self.square, triangles: [SIMD3(0, 1, 2), bad])
            }
            #expect(error?.code == .indexOutOfRange && error?.message.contains("in triangle 1") == true)
        }
        let none = #expect(throws: TriangleMeshError.self) {
            _ = try TriangleMesh(vertices: [], triangles: [SIMD3(0, 0, 0)])
        }
        #expect(none?.code == .indexOutOfRange)
        let normals = #expect(throws: TriangleMeshError.self) {
            _ = try TriangleMesh(vertices: Self.square, triangles: [], vertexNormals: [SIMD3(0, 0, 1)])
        }
        #expect(normals?.code == .normalCount)
        #expect(normals?.description == "expected 4 normals, one for each vertex, found 1; give one for each, or none")
    }

    @Test func whatIsBrokenHasNoArea() throws {
        let vertices = Self.square + [SIMD3(.nan, 0, 0), SIMD3(1, 0, 0), SIMD3(.infinity, 1, 1)]
        let mesh = try TriangleMesh(
            vertices: vertices,
            triangles: [SIMD3(0, 1, 2), SIMD3(0, 4, 1), SIMD3(0, 5, 1), SIMD3(6, 0, 1), SIMD3(2, 2, 3)])
        #expect(mesh.triangleAreas() == [3, 0, 0, 0, 0])
        #expect(mesh.triangleNormals() == [SIMD3(0, 0, 1), .zero, .zero, .zero, .zero])
        #expect(mesh.area == 3)
        #expect(mesh.boundingBox?.high == SIMD3(2, 3, 0))
        let empty = try TriangleMesh(vertices: [], triangles: [])
        #expect(empty.area == 0 && empty.boundingBox == nil)
    }

    @Test func extremesNeitherOverflowNorVanish() throws {
        for scale: Float in [0x1p-140, 1e-20, 1, 1e20, 1e38] {
            let mesh = try TriangleMesh(
                vertices: [.zero, SIMD3(scale, 0, 0), SIMD3(0, scale, 0)], triangles: [SIMD3(0, 1, 2)])
            #expect(abs(mesh.area / (Double(scale) * Double(scale) / 2) - 1) < 1e-12)
            #expect(mesh.triangleNormals() == [SIMD3(0, 0, 1)])
        }
    }
}
