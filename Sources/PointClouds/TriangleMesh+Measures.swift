extension TriangleMesh {
    /// Half the cross product of two edges: along the normal, as long as the area. In Double, where neither the
    /// greatest nor the least coordinates of Float overflow or vanish; NaN where a vertex is not finite.
    @inline(__always)
    func halfCross(_ triangle: Int) -> SIMD3<Double> {
        let (a, b, c) = corners(triangle)
        return 0.5 * cross(b - a, c - a)
    }

    @inline(__always)
    func corners(_ triangle: Int) -> (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>) {
        let indices = triangles[triangle]
        return (
            SIMD3<Double>(vertices[Int(indices.x)]), SIMD3<Double>(vertices[Int(indices.y)]),
            SIMD3<Double>(vertices[Int(indices.z)])
        )
    }

    /// The area of each triangle, mm^2; 0 where a vertex is not finite. Shape [T].
    public func triangleAreas() -> [Double] {
        triangles.indices.map { triangle in
            let area = length(halfCross(triangle))
            return area.isFinite ? area : 0
        }
    }

    /// The unit normal of each triangle, by the right-hand rule; zero where it has no area or is not finite. Shape [T].
    public func triangleNormals() -> [SIMD3<Float>] {
        triangles.indices.map { triangle in
            let normal = halfCross(triangle)
            let area = length(normal)
            return area.isFinite && area > 0 ? SIMD3<Float>(normal / area) : .zero
        }
    }

    /// The area of the surface, mm^2: of all triangles, in their order; those that are not finite count as 0.
    /// - Complexity: O(T).
    public var area: Double {
        var sum = 0.0
        for triangle in triangles.indices {
            let area = length(halfCross(triangle))
            if area.isFinite { sum += area }
        }
        return sum
    }

    /// The axis-aligned box of all finite vertices, used or not; nil without any.
    /// - Complexity: O(V).
    public var boundingBox: (low: SIMD3<Float>, high: SIMD3<Float>)? {
        var box = Box.empty
        for vertex in vertices where vertex.isFinite { box.include(vertex) }
        return box.low.x <= box.high.x ? (box.low, box.high) : nil
    }
}
