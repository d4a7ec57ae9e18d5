internal import SeededRandom

/// Carves defects into one undamaged part.
struct DefectCarver {
    /// The undamaged part; its triangles are no larger than the spacing of the points.
    let good: SurfaceMesh
    let graph: SurfaceGraph
    let diagonal: Double
    let area: Double
    /// Root of the area for each point of a scan.
    let spacing: Double
    let labelDistance: Double
    let rimWidth: Double
    let ranges: DefectRanges
    /// Places to begin at, by area: triangles, and their areas summed up.
    let candidates: [Int32]
    let cumulative: [Double]
    /// Steep sides of grooves get as many points as any surface.
    let seesWalls: Bool
    /// Factor on the surface that is changed: raised when a draw gave too few anomalous points, as a scanner does not see all.
    var boost = 1.0

    /// - Returns: nil where the draw asks for what this place cannot give; draw again.
    func carve(_ kind: DefectKind, _ random: inout SplitMix64) -> DefectivePart? {
        switch kind {
        case .bulge, .concavity: swell(kind, &random)
        case .hole: pierce(&random)
        case .broken: breakOff(&random)
        case .bending: bend(&random)
        case .crack, .scratch: groove(kind, &random)
        }
    }

    /// A vertex, any place of the candidates' surface as likely as any other.
    func seed(_ random: inout SplitMix64) -> Int32 {
        let target = random.unit() * (cumulative.last ?? 0)
        var (low, high) = (0, cumulative.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return good.triangles[Int(candidates[low])].x
    }

    /// How far it is from a vertex through the part, against its normal; infinite where nothing is met.
    /// - Complexity: O(T).
    func thickness(at vertex: Int32, normal: SIMD3<Double>) -> Double {
        let origin = good.vertices[Int(vertex)]
        let ray = -normal
        let least = 0.002 * diagonal
        var best = Double.infinity
        for index in good.triangles.indices {
            // Moeller and Trumbore 1997.
            let (a, b, c) = good.corners(index)
            let (e1, e2) = (b - a, c - a)
            let p = cross(ray, e2)
            let determinant = dot(e1, p)
            guard determinant.magnitude > 1e-12 else { continue }
            let s = origin - a
            let u = dot(s, p) / determinant
            guard u >= 0, u <= 1 else { continue }
            let q = cross(s, e1)
            let v = dot(ray, q) / determinant
            guard v >= 0, u + v <= 1 else { continue }
            let t = dot(e2, q) / determinant
            if t > least { best = min(best, t) }
        }
        return best
    }

    /// The part with finer triangles where `limit` asks for them.
    func refined(_ limit: (SIMD3<Double>) -> Double) -> SurfaceMesh {
        var mesh = good
        var parents = [Int32](repeating: 0, count: mesh.triangles.count)
        mesh.refine(limit: limit, parents: &parents)
        return mesh
    }

    /// Distance from `center` to the vertices near it along the surface: straight where the surface is even, never
    /// less than the way along the edges allows, so that the other side of a wall is far.
    func disc(_ mesh: SurfaceMesh, _ graph: SurfaceGraph, around center: Int32, radius: Double) -> [(Int, Double)] {
        let found = graph.distances(from: [center], over: mesh.vertices, limit: 1.35 * radius)
        return found.reached.map { vertex in
            let straight = length(mesh.vertices[Int(vertex)] - mesh.vertices[Int(center)])
            return (Int(vertex), max(straight, found.distance[vertex]! / 1.3))
        }
    }
}
