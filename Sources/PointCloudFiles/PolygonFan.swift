/// Cuts polygons into triangles.
enum PolygonFan {
    /// The triangles (0, i, i + 1): right for convex polygons. Concave ones may fold over themselves; whoever has such
    /// must cut them before.
    /// - Returns: false if there would be 2^31 triangles.
    /// - Precondition: at least three corners.
    static func append(_ corners: [Int32], to triangles: inout [SIMD3<Int32>]) -> Bool {
        for i in 1..<corners.count - 1 { triangles.append(SIMD3(corners[0], corners[i], corners[i + 1])) }
        return triangles.count < Int(Int32.max)
    }
}
