internal import PointClouds

/// A triangle mesh to work on: in Double, vertices joined where they meet, triangles with area only.
struct SurfaceMesh: Sendable, Equatable {
    /// mm. Shape [V].
    var vertices: [SIMD3<Double>]
    /// Counter-clockwise seen from outside, once `OutsideSurface` has seen to it. Shape [T].
    var triangles: [SIMD3<Int32>]

    init(vertices: [SIMD3<Double>], triangles: [SIMD3<Int32>]) {
        self.vertices = vertices
        self.triangles = triangles
    }

    /// The finite part of a mesh, its box centred on the origin and its diagonal as long as stated.
    ///
    /// Vertices closer together than 1e-5 of the diagonal become one (rounded to a grid of that pitch), so that
    /// neighbouring triangles share them; triangles that lose their area so, or that repeat another, are left out.
    /// - Returns: nil where nothing is left.
    init?(_ mesh: TriangleMesh, diagonal: Double) {
        let used = mesh.triangles.filter { triangle in
            (0..<3).allSatisfy { mesh.vertices[Int(triangle[$0])].isAllFinite }
        }
        let box = Bounds(used.lazy.flatMap { t in (0..<3).map { SIMD3<Double>(mesh.vertices[Int(t[$0])]) } })
        guard box.diagonal > 0 else { return nil }
        let scale = diagonal / box.diagonal
        let pitch = diagonal * 1e-5
        var numbers: [SIMD3<Int64>: Int32] = [:]
        vertices = []
        triangles = []
        var seen = Set<SIMD3<Int32>>()
        for triangle in used {
            var corners = SIMD3<Int32>.zero
            for i in 0..<3 {
                let place = (SIMD3<Double>(mesh.vertices[Int(triangle[i])]) - box.middle) * scale
                let cell = SIMD3<Int64>((place / pitch).rounded(.toNearestOrEven))
                if let number = numbers[cell] {
                    corners[i] = number
                } else {
                    corners[i] = Int32(vertices.count)
                    numbers[cell] = corners[i]
                    vertices.append(place)
                }
            }
            let (low, high) = (corners.min(), corners.max())
            let key = SIMD3(low, corners.wrappedSum() &- low &- high, high)
            guard halfCross(corners) != .zero, seen.insert(key).inserted else { continue }
            triangles.append(corners)
        }
        guard !triangles.isEmpty else { return nil }
    }

    @inline(__always)
    func corners(_ triangle: Int) -> (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>) {
        let t = triangles[triangle]
        return (vertices[Int(t.x)], vertices[Int(t.y)], vertices[Int(t.z)])
    }

    /// Half the cross product of two edges: along the normal, as long as the area.
    @inline(__always)
    func halfCross(_ triangle: SIMD3<Int32>) -> SIMD3<Double> {
        let a = vertices[Int(triangle.x)]
        return 0.5 * cross(vertices[Int(triangle.y)] - a, vertices[Int(triangle.z)] - a)
    }

    func area(_ triangle: Int) -> Double { length(halfCross(triangles[triangle])) }

    var area: Double { triangles.reduce(0) { $0 + length(halfCross($1)) } }

    /// Unit normals of the vertices, weighted by area; zero where no triangle is, or where they cancel.
    func vertexNormals() -> [SIMD3<Double>] {
        var sums = [SIMD3<Double>](repeating: .zero, count: vertices.count)
        for triangle in triangles {
            let normal = halfCross(triangle)
            for i in 0..<3 { sums[Int(triangle[i])] += normal }
        }
        return sums.map(normalized)
    }

    var bounds: Bounds { Bounds(triangles.lazy.flatMap { t in (0..<3).map { self.vertices[Int(t[$0])] } }) }

    /// Only these triangles, and only the vertices that they use, in their order.
    func selecting(_ keeps: (Int) -> Bool) -> SurfaceMesh {
        var numbers = [Int32](repeating: -1, count: vertices.count)
        var result = SurfaceMesh(vertices: [], triangles: [])
        for (index, triangle) in triangles.enumerated() where keeps(index) {
            var corners = triangle
            for i in 0..<3 {
                let old = Int(triangle[i])
                if numbers[old] < 0 {
                    numbers[old] = Int32(result.vertices.count)
                    result.vertices.append(vertices[old])
                }
                corners[i] = numbers[old]
            }
            result.triangles.append(corners)
        }
        return result
    }

    /// Rounded once; what is sampled.
    var triangleMesh: TriangleMesh {
        get throws(TriangleMeshError) {
            try TriangleMesh(vertices: vertices.map { SIMD3<Float>($0) }, triangles: triangles)
        }
    }
}

extension SIMD3<Float> {
    var isAllFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}
