public import ParallelLoops

/// A surface given by points with oriented normals: what a part is held against.
///
/// Near each point the surface is its tangent plane (Hoppe et al., "Surface reconstruction from unorganized points",
/// SIGGRAPH 1992, section 3.1); no mesh is made.
public struct OrientedSurface: Sendable {
    /// Points on the surface, mm. Shape [M].
    public let points: [SIMD3<Float>]
    /// Unit normals, outward (see `NormalOrientation`). Shape [M].
    public let normals: [SIMD3<Float>]
    /// Mean distance between neighbouring points, mm: how far beside a point its tangent plane still counts as surface.
    public let spacing: Float
    /// The index over `points`.
    public let index: NeighborIndex

    /// - Parameters:
    ///   - points: those that are not finite are no part of the surface.
    ///   - normals: as many; a point whose normal is not finite is no part of the surface either.
    ///   - spacing: below 0 or not a number counts as 0.
    /// - Complexity: O(M).
    public init(points: [SIMD3<Float>], normals: [SIMD3<Float>], spacing: Float, workers: Workers = .all) {
        var known = points
        for (i, normal) in normals.enumerated() where !normal.isFinite && i < points.count {
            known[i] = SIMD3(repeating: .nan)
        }
        self.init(index: NeighborIndex(known, workers: workers), normals: normals, spacing: spacing)
    }

    /// Over an index that is there already.
    ///
    /// - Parameter normals: finite at all finite points: one that is not would take the place of a neighbour.
    public init(index: NeighborIndex, normals: [SIMD3<Float>], spacing: Float) {
        precondition(normals.count == index.points.count, "one normal for each point")
        self.points = index.points
        self.normals = normals
        self.spacing = max(0, spacing)
        self.index = index
    }
}
