import Foundation
import PointClouds
import Testing

/// A mesh measured by trimesh (tools-reference-meshes.py; versions in meshes.json).
struct MeshReference: Decodable {
    var area: Double
    var bounds: [[Double]]
    var vertices: [[Double]]
    var faces: [[Int32]]
    var areas: [Double]
    var normals: [[Double]]

    private struct File: Decodable {
        var ring: MeshReference
        var vertexNormals: [[Double]]
    }

    /// An annulus of 80 triangles.
    static func ring() throws -> MeshReference { try file().ring }

    /// Open3D's vertex normals of the ring.
    static func vertexNormals() throws -> [SIMD3<Float>] { try file().vertexNormals.map(vector) }

    var points: [SIMD3<Float>] { vertices.map(Self.vector) }
    var triangles: [SIMD3<Int32>] { faces.map { SIMD3($0[0], $0[1], $0[2]) } }

    func mesh() throws -> TriangleMesh { try TriangleMesh(vertices: points, triangles: triangles) }

    static func vector(_ values: [Double]) -> SIMD3<Float> { SIMD3<Float>(SIMD3(values[0], values[1], values[2])) }

    private static func file() throws -> File {
        try JSONDecoder().decode(File.self, from: Data(Fixture.bytes("meshes/meshes.json")))
    }
}

extension TriangleMesh {
    /// The corners of every triangle: what a mesh is, whatever the numbers of its vertices.
    var corners: [[SIMD3<Float>]] { triangles.map { t in (0..<3).map { vertices[Int(t[$0])] } } }
}
