import PointClouds

@testable import AnomalySynthesis

/// Meshes to carve, made here.
enum TestParts {
    /// A box of these half sizes about the origin; faces outward.
    static func box(_ half: SIMD3<Float>) -> TriangleMesh {
        let corners = (0..<8).map { i in
            SIMD3<Float>(i & 1 == 0 ? -1 : 1, i & 2 == 0 ? -1 : 1, i & 4 == 0 ? -1 : 1) * half
        }
        let quads: [[Int32]] = [
            [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5],
        ]
        let triangles = quads.flatMap { [SIMD3($0[0], $0[1], $0[2]), SIMD3($0[0], $0[2], $0[3])] }
        return try! TriangleMesh(vertices: corners, triangles: triangles)
    }

    static let block = box([50, 35, 20])
    /// A plate: its two sides are 4 mm apart.
    static let plate = box([60, 50, 2])

    // Made once: looking for the outside of a mesh takes most of a test's time.
    static let standard = Result { try synthesizer() }
    static let hard = Result { try synthesizer { $0.draw = .hard } }
    static let sparse = Result { try synthesizer { $0.points = 1500...1500 } }
    static let thin = Result { try synthesizer(plate) }

    static func synthesizer(
        _ mesh: TriangleMesh = block, _ change: (inout SynthesisOptions) -> Void = { _ in }
    ) throws -> PartSynthesizer {
        var options = SynthesisOptions()
        options.points = 5000...5000
        options.diagonal = 120...120
        options.good = 1...1
        options.defects = 7...7
        change(&options)
        return try PartSynthesizer(mesh, name: "part0", options: options)
    }

    /// Edges that do not belong to exactly two triangles.
    static func openEdges(_ mesh: SurfaceMesh) -> Int {
        var counts: [UInt64: Int] = [:]
        for t in mesh.triangles {
            for (i, j) in [(t.x, t.y), (t.y, t.z), (t.z, t.x)] {
                counts[SurfaceMesh.edgeKey(i, j), default: 0] += 1
            }
        }
        return counts.count { $0.value != 2 }
    }

    /// Without a tree.
    static func distance(_ p: SIMD3<Double>, _ mesh: SurfaceMesh) -> Double {
        mesh.triangles.indices.reduce(Double.infinity) { best, index in
            let (a, b, c) = mesh.corners(index)
            return min(best, SurfaceDistance.squaredDistance(p, a, b, c))
        }.squareRoot()
    }
}
