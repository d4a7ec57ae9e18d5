/// A part with one defect, its surface before, and what marks the points that are anomalous.
struct DefectivePart: Sendable {
    let kind: DefectKind
    /// The surface as the scanner finds it.
    var mesh: SurfaceMesh
    /// Triangles that the good part does not have so: moved, or new. Shape [T].
    var isChanged: [Bool]
    /// The same part undamaged.
    var good: SurfaceMesh
    /// Where surface is missing: its border.
    var border: [(SIMD3<Double>, SIMD3<Double>)] = []
    /// Surface that was taken away, if any; else the moved surface as it was moved.
    var place: SurfaceMesh
    var depth: Double

    /// Middle of the changed surface by area, and the longest distance in it.
    func extent() -> (center: SIMD3<Double>, size: Double) {
        var sum = SIMD3<Double>.zero
        var total = 0.0
        for index in place.triangles.indices {
            let (a, b, c) = place.corners(index)
            let area = place.area(index)
            sum += (a + b + c) / 3 * area
            total += area
        }
        // The two ends of the longest distance are extreme in some direction; 200 are looked along.
        var ends: [SIMD3<Double>] = []
        for view in 0..<200 {
            let direction = OutsideSurface.spiral(view, of: 200)
            if let end = place.vertices.max(by: { dot($0, direction) < dot($1, direction) }) { ends.append(end) }
        }
        var size = 0.0
        for (i, a) in ends.enumerated() { for b in ends[..<i] { size = max(size, length(a - b)) } }
        return (total > 0 ? sum / total : ends.first ?? .zero, size)
    }

    /// A part some of whose vertices were moved.
    init(_ kind: DefectKind, good: SurfaceMesh, moved: [SIMD3<Double>], visible: Double) {
        self.kind = kind
        self.good = good
        mesh = SurfaceMesh(vertices: moved, triangles: good.triangles)
        let shift = zip(moved, good.vertices).map { length($0 - $1) }
        isChanged = good.triangles.map { t in (0..<3).contains { shift[Int(t[$0])] > 0 } }
        depth = shift.max() ?? 0
        let seen = min(visible, 0.5 * depth)
        place = mesh.selecting { index in
            let t = good.triangles[index]
            return (shift[Int(t.x)] + shift[Int(t.y)] + shift[Int(t.z)]) / 3 > seen
        }
    }

    /// A part from which surface was taken; `isChanged` is for new surface that is added afterwards.
    init(_ kind: DefectKind, good: SurfaceMesh, clipped: SurfaceMesh.Clipped) {
        self.kind = kind
        self.good = good
        mesh = clipped.mesh
        isChanged = [Bool](repeating: false, count: mesh.triangles.count)
        border = clipped.border
        place = clipped.removed
        let edge = SurfaceDistance(segments: border)
        // The nearest kept surface is the border, but across a wall; so much is near enough for a size.
        depth = place.vertices.reduce(0) { max($0, edge.distance(to: $1)) }
    }
}

extension SurfaceDistance {
    /// Distances to line segments: triangles of two corners.
    init(segments: [(SIMD3<Double>, SIMD3<Double>)]) {
        var mesh = SurfaceMesh(vertices: [], triangles: [])
        for (a, b) in segments {
            let first = Int32(mesh.vertices.count)
            mesh.vertices += [a, b]
            mesh.triangles.append(SIMD3(first, first + 1, first + 1))
        }
        self.init(mesh)
    }
}
