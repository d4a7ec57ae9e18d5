internal import SeededRandom

extension DefectCarver {
    /// Bulge and concavity: (1 - r^2)^2 along the normal.
    func swell(_ kind: DefectKind, _ random: inout SplitMix64) -> DefectivePart? {
        let normals = good.vertexNormals()
        let share = boost * random.uniform(in: ranges.share)
        var depth = random.skewed(in: ranges.depth) * diagonal
        var center = seed(&random)
        if kind == .concavity {
            // A dent must not come out on the other side of the wall; places with room for the least depth are taken as they come.
            var deepest = 0.0
            for _ in 0..<6 {
                let other = seed(&random)
                let room = 0.6 * thickness(at: other, normal: normals[Int(other)])
                if room > deepest { (deepest, center) = (room, other) }
                if room >= ranges.depth.lowerBound * diagonal { break }
            }
            depth = min(depth, max(deepest, ranges.depth.lowerBound * diagonal))
        }
        // Points are labelled where (1 - r^2)^2 depth > labelDistance: so large must the disc be for the share.
        let visible = 1 - min(0.8, (labelDistance / depth).squareRoot())
        let radius = (share * area / (.pi * visible)).squareRoot()
        guard radius < 0.35 * diagonal else { return nil }
        let at = good.vertices[Int(center)]
        let mesh = refined { length($0 - at) < 1.2 * radius ? max(radius / 12, 0.3 * spacing) : .infinity }
        let fineNormals = mesh.vertexNormals()
        var moved = mesh.vertices
        let sign = kind == .bulge ? 1.0 : -1.0
        for (vertex, distance) in disc(mesh, SurfaceGraph(mesh), around: center, radius: radius) {
            let r = distance / radius
            guard r < 1 else { continue }
            let profile = (1 - r * r) * (1 - r * r)
            moved[vertex] += fineNormals[vertex] * (sign * depth * profile)
        }
        return DefectivePart(kind, good: mesh, moved: moved, visible: labelDistance)
    }

    /// Bending: what lies beyond a plane turns about a hinge in it, the angle growing smoothly.
    func bend(_ random: inout SplitMix64) -> DefectivePart? {
        let toward = random.direction()
        let share = boost * random.uniform(in: ranges.share) * 1.5
        let depth = random.skewed(in: ranges.depth) * diagonal
        let start = offset(along: toward, beyond: share)
        let beyond = good.vertices.indices.filter { dot(good.vertices[$0], toward) > start }
        guard let reach = beyond.map({ dot(good.vertices[$0], toward) - start }).max(), reach > 0 else { return nil }
        var hinge = beyond.reduce(SIMD3<Double>.zero) { $0 + good.vertices[$1] } / Double(beyond.count)
        hinge -= toward * (dot(hinge, toward) - start)
        let (u, v) = frame(along: toward)
        let turn = random.unit() * 2 * .pi
        let axis = u * SeriesTrigonometry.cosine(turn) + v * SeriesTrigonometry.sine(turn)
        func angleShare(_ p: SIMD3<Double>) -> Double {
            let s = min(1, max(0, (dot(p, toward) - start) / (0.6 * reach)))
            return s * s * (3 - 2 * s)
        }
        // The angle by which the farthest moves as far as drawn.
        let arm = beyond.reduce(0.0) { most, index in
            let away = good.vertices[index] - hinge
            return max(most, length(away - axis * dot(away, axis)) * angleShare(good.vertices[index]))
        }
        guard arm > 0, depth / arm < 1 else { return nil }
        var moved = good.vertices
        for index in beyond {
            let away = good.vertices[index] - hinge
            let angle = depth / arm * angleShare(good.vertices[index])
            let (s, c) = (SeriesTrigonometry.sine(angle), SeriesTrigonometry.cosine(angle))
            moved[index] = hinge + away * c + cross(axis, away) * s + axis * (dot(away, axis) * (1 - c))
        }
        return DefectivePart(.bending, good: good, moved: moved, visible: labelDistance)
    }

    /// How far along a direction a plane must lie for a share of the surface to be beyond it.
    func offset(along toward: SIMD3<Double>, beyond share: Double) -> Double {
        let heights = good.triangles.indices.map { index -> (Double, Double) in
            let (a, b, c) = good.corners(index)
            return (dot(a + b + c, toward) / 3, good.area(index))
        }.sorted { $0.0 > $1.0 }
        var sum = 0.0
        for (height, own) in heights {
            sum += own
            if sum >= share * area { return height }
        }
        return heights.last?.0 ?? 0
    }
}
