extension SurfaceMesh {
    /// A mesh cut along the zero line of a field, and what the cut leaves behind.
    struct Clipped {
        /// Where the field is 0 or more.
        var mesh: SurfaceMesh
        /// For each of its triangles the old triangle that it is on.
        var parents: [Int32]
        /// Where the field was less.
        var removed: SurfaceMesh
        /// The cut: segments, kept surface on their left seen from outside.
        var border: [(SIMD3<Double>, SIMD3<Double>)]
    }

    /// Takes away the surface on which a field, linear over each triangle, is below 0.
    /// - Parameter field: shape [V].
    /// - Complexity: O(T).
    func clipped(where field: [Double]) -> Clipped {
        var kept = SurfaceMesh(vertices: vertices, triangles: [])
        var gone = SurfaceMesh(vertices: [], triangles: [])
        var parents: [Int32] = []
        var border: [(SIMD3<Double>, SIMD3<Double>)] = []
        var cuts: [UInt64: Int32] = [:]
        var lost: [SIMD3<Int32>] = []
        func cut(_ i: Int32, _ j: Int32) -> Int32 {
            let key = Self.edgeKey(i, j)
            if let known = cuts[key] { return known }
            // From the lesser number on, so that both triangles get the same bits.
            let (a, b) = (Int(min(i, j)), Int(max(i, j)))
            let share = field[a] / (field[a] - field[b])
            kept.vertices.append(vertices[a] + (vertices[b] - vertices[a]) * share)
            cuts[key] = Int32(kept.vertices.count - 1)
            return Int32(kept.vertices.count - 1)
        }
        for (index, triangle) in triangles.enumerated() {
            let inside = (0..<3).count { field[Int(triangle[$0])] >= 0 }
            if inside == 3 {
                kept.triangles.append(triangle)
                parents.append(Int32(index))
                continue
            }
            if inside == 0 {
                lost.append(triangle)
                continue
            }
            // Turned so that the odd corner is first.
            var t = triangle
            while (field[Int(t.x)] >= 0) != (inside == 1) { t = SIMD3(t.y, t.z, t.x) }
            let (p, q) = (cut(t.x, t.y), cut(t.x, t.z))
            let tip = SIMD3(t.x, p, q)
            let rest = [SIMD3(p, t.y, t.z), SIMD3(p, t.z, q)]
            if inside == 1 {
                kept.triangles.append(tip)
                parents.append(Int32(index))
                lost += rest
                border.append((kept.vertices[Int(p)], kept.vertices[Int(q)]))
            } else {
                kept.triangles += rest
                parents += [Int32(index), Int32(index)]
                lost.append(tip)
                border.append((kept.vertices[Int(q)], kept.vertices[Int(p)]))
            }
        }
        gone.vertices = kept.vertices
        gone.triangles = lost
        return Clipped(mesh: kept, parents: parents, removed: gone.selecting { _ in true }, border: border)
    }
}
