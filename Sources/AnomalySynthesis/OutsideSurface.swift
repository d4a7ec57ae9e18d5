internal import ParallelLoops

/// The part of a mesh that can be seen from outside, turned to face outward: all that a scanner ever sees.
///
/// Models of furniture hold inner faces, and faces that are turned the wrong way. Pictures from many directions tell
/// which triangles show, and which side of each.
enum OutsideSurface {
    static let views = 96
    static let pixels = 420

    /// - Parameter mesh: triangles not much larger than a pixel, so that each is seen or not as a whole.
    /// - Returns: the triangles that show in two views or more, with their neighbours that would leave a small gap; nil
    ///   if none does. And whether it is made of sheets without thickness: most of it seen from both sides.
    static func of(_ mesh: SurfaceMesh, workers: Workers) -> (mesh: SurfaceMesh, isSheet: Bool)? {
        let box = mesh.bounds
        let radius = box.diagonal / 2
        var seen = [[Int8]](repeating: [], count: views)
        seen.withUnsafeMutableBufferPointer { buffer in
            let target = DisjointWrites(buffer)
            workers.run(chunks: views) { view in
                // Far away, so that rays are nearly parallel; directions on a golden spiral.
                let eye = box.middle + spiral(view, of: views) * radius * 8
                let camera = DepthBuffer.Camera(eye: eye, target: box.middle, radius: radius * 1.02, size: pixels)
                let buffer = DepthBuffer(mesh, camera: camera)
                var sides = [Int8](repeating: 0, count: mesh.triangles.count)
                for index in buffer.triangle where index >= 0 && sides[Int(index)] == 0 {
                    let (a, b, c) = mesh.corners(Int(index))
                    let normal = cross(b - a, c - a)
                    let facing = dot(normal, eye - a)
                    // A grazing hit says nothing of the side.
                    if facing.magnitude > 0.05 * length(normal) * length(eye - a) {
                        sides[Int(index)] = facing > 0 ? 1 : -1
                    }
                }
                target[view] = sides
            }
        }
        var front = [Int32](repeating: 0, count: mesh.triangles.count)
        var back = front
        for view in seen {
            for (index, side) in view.enumerated() where side != 0 {
                if side > 0 { front[index] += 1 } else { back[index] += 1 }
            }
        }
        var keeps = front.indices.map { front[$0] + back[$0] >= 2 }
        closeGaps(mesh, &keeps, front: &front, back: &back)
        var turned = mesh
        for index in turned.triangles.indices where back[index] > front[index] {
            let t = turned.triangles[index]
            turned.triangles[index] = SIMD3(t.x, t.z, t.y)
        }
        let result = turned.selecting { keeps[$0] }
        var sheets = 0.0
        for index in mesh.triangles.indices where 4 * min(front[index], back[index]) > max(front[index], back[index]) {
            sheets += mesh.area(index)
        }
        return result.triangles.isEmpty ? nil : (result, sheets > 0.3 * result.area)
    }

    /// Slivers between pixels are missed: a triangle most of whose neighbours show counts as showing, on their side.
    private static func closeGaps(
        _ mesh: SurfaceMesh, _ keeps: inout [Bool], front: inout [Int32], back: inout [Int32]
    ) {
        var owners: [UInt64: SIMD2<Int32>] = [:]
        for (index, t) in mesh.triangles.enumerated() {
            for (i, j) in [(t.x, t.y), (t.y, t.z), (t.z, t.x)] {
                let key = SurfaceMesh.edgeKey(i, j)
                if owners[key] == nil {
                    owners[key] = SIMD2(Int32(index), -1)
                } else {
                    owners[key]!.y = Int32(index)
                }
            }
        }
        for _ in 0..<3 {
            var added: [(Int, Int32, Int32)] = []
            for (index, t) in mesh.triangles.enumerated() where !keeps[index] {
                var neighbours = 0
                var showing = 0
                var (f, b): (Int32, Int32) = (0, 0)
                for (i, j) in [(t.x, t.y), (t.y, t.z), (t.z, t.x)] {
                    let pair = owners[SurfaceMesh.edgeKey(i, j)]!
                    let other = Int(Int(pair.x) == index ? pair.y : pair.x)
                    guard other >= 0, other != index else { continue }
                    neighbours += 1
                    if keeps[other] {
                        showing += 1
                        // A neighbour that runs along the shared edge the same way is turned the other way.
                        let n = mesh.triangles[other]
                        let same = (n.x == i && n.y == j) || (n.y == i && n.z == j) || (n.z == i && n.x == j)
                        let faces = (front[other] >= back[other]) != same
                        if faces { f += 1 } else { b += 1 }
                    }
                }
                if neighbours > 0, showing * 2 > neighbours || (showing == neighbours) {
                    added.append((index, f, b))
                }
            }
            guard !added.isEmpty else { return }
            for (index, f, b) in added {
                keeps[index] = true
                front[index] = f
                back[index] = b
            }
        }
    }

    /// Even over the sphere (golden spiral).
    static func spiral(_ index: Int, of count: Int) -> SIMD3<Double> {
        let z = 1 - (2 * Double(index) + 1) / Double(count)
        let flat = (1 - z * z).squareRoot()
        let angle = Double(index) * 2.399963229728653
        return SIMD3(flat * SeriesTrigonometry.cosine(angle), flat * SeriesTrigonometry.sine(angle), z)
    }
}
