/// OBJ's normals, which corners of faces name by numbers of their own, brought to the vertices.
struct OBJNormals {
    var vectors: [SIMD3<Float>] = []
    /// Of each triangle's corners: which normal, or -1. Empty as long as no corner named one.
    private var corners: [SIMD3<Int32>] = []

    /// Notes what the corners of a polygon name, after it was cut into a fan and there are `triangleCount` triangles.
    mutating func append(_ polygon: [Int32], triangleCount: Int) {
        guard !corners.isEmpty || polygon.contains(where: { $0 >= 0 }) else { return }
        let before = triangleCount - (polygon.count - 2)
        while corners.count < before { corners.append(SIMD3(repeating: -1)) }
        for i in 1..<polygon.count - 1 { corners.append(SIMD3(polygon[0], polygon[i], polygon[i + 1])) }
    }

    /// One normal for each vertex, or nil.
    ///
    /// As many normals as vertices, and no corner that names another than its vertex's number: by number, which serves
    /// clouds and unused vertices too. Else what the corners name, if each vertex is named with exactly one.
    /// - Precondition: the corners name normals that there are.
    func ofVertices(_ count: Int, _ triangles: [SIMD3<Int32>]) -> [SIMD3<Float>]? {
        guard !vectors.isEmpty, count > 0 else { return nil }
        if vectors.count == count {
            let agree = zip(corners, triangles).allSatisfy { normals, vertices in
                (0..<3).allSatisfy { normals[$0] < 0 || normals[$0] == vertices[$0] }
            }
            if agree { return vectors }
        }
        var chosen = [Int32](repeating: -1, count: count)
        for (normals, vertices) in zip(corners, triangles) {
            for corner in 0..<3 where normals[corner] >= 0 {
                let vertex = Int(vertices[corner])
                if chosen[vertex] < 0 { chosen[vertex] = normals[corner] }
                guard
                    chosen[vertex] == normals[corner]
                        || vectors[Int(chosen[vertex])] == vectors[Int(normals[corner])]
                else { return nil }
            }
        }
        guard !chosen.contains(where: { $0 < 0 }) else { return nil }
        return chosen.map { vectors[Int($0)] }
    }
}
