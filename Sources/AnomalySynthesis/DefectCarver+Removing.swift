internal import SeededRandom

extension DefectCarver {
    /// Hole: a lobed disc of the surface is gone; where the wall is thinner than the disc is wide, its other side too.
    func pierce(_ random: inout SplitMix64) -> DefectivePart? {
        let share = boost * random.uniform(in: ranges.narrowShare)
        let center = seed(&random)
        let normal = good.vertexNormals()[Int(center)]
        guard normal != .zero else { return nil }
        let wall = thickness(at: center, normal: normal)
        // The rim's area, pi ((R + w)^2 - R^2), gives the radius; of two rims each is half.
        func radius(_ rims: Double) -> Double { share * area / rims / (2 * .pi * rimWidth) - rimWidth / 2 }
        var size = max(radius(1), 0.02 * diagonal)
        let isThrough = wall < 0.8 * size
        if isThrough { size = max(radius(2), 0.02 * diagonal) }
        guard size < 0.16 * diagonal else { return nil }
        let lobes = (
            random.uniform(in: -0.12...0.12), random.uniform(in: -0.08...0.08), random.uniform(in: -0.06...0.06)
        )
        let at = good.vertices[Int(center)]
        let (u, v) = frame(along: normal)
        func lobed(_ p: SIMD3<Double>) -> Double {
            let (x, y) = (dot(p - at, u), dot(p - at, v))
            let r = max((x * x + y * y).squareRoot(), 1e-9)
            let (c, s) = (x / r, y / r)
            // Second and third harmonics of the angle, without the angle.
            return size * (1 + lobes.0 * (c * c - s * s) + lobes.1 * 2 * c * s + lobes.2 * (4 * c * c * c - 3 * c))
        }
        let mesh = refined {
            length($0 - at) < 1.4 * size + (isThrough ? wall : 0) ? max(size / 10, 0.3 * spacing) : .infinity
        }
        var field = [Double](repeating: size, count: mesh.vertices.count)
        for (vertex, distance) in disc(mesh, SurfaceGraph(mesh), around: center, radius: 1.4 * size) {
            field[vertex] = min(size, distance - lobed(mesh.vertices[vertex]))
        }
        if isThrough {
            let normals = mesh.vertexNormals()
            for (vertex, p) in mesh.vertices.enumerated() where dot(normals[vertex], normal) < -0.2 {
                let away = p - at
                let height = dot(away, normal)
                guard height < 0, height > -1.4 * wall else { continue }
                field[vertex] = min(size, length(away - normal * height) - lobed(p))
            }
        }
        let part = DefectivePart(.hole, good: mesh, clipped: mesh.clipped(where: field))
        return part.border.isEmpty || part.place.area > 0.12 * area ? nil : part
    }

    /// Broken: everything beyond a rough plane is gone, and the break is a new surface where the part is solid.
    func breakOff(_ random: inout SplitMix64) -> DefectivePart? {
        let toward = random.direction()
        let start = offset(along: toward, beyond: boost * random.uniform(in: ranges.brokenShare))
        let (u, v) = frame(along: toward)
        let waves = (0..<5).map { _ in
            let angle = random.unit() * 2 * .pi
            let k = 2 * .pi / (random.uniform(in: 0.04...0.15) * diagonal)
            return (k * SeriesTrigonometry.cosine(angle), k * SeriesTrigonometry.sine(angle), random.unit() * 2 * .pi)
        }
        func rough(_ x: Double, _ y: Double) -> Double {
            waves.reduce(0) { $0 + 0.0012 * diagonal * SeriesTrigonometry.sine($1.0 * x + $1.1 * y + $1.2) }
        }
        let mesh = refined { (dot($0, toward) - start).magnitude < 0.02 * diagonal ? 0.5 * spacing : .infinity }
        let field = mesh.vertices.map { start + rough(dot($0, u), dot($0, v)) - dot($0, toward) }
        let clipped = mesh.clipped(where: field)
        var part = DefectivePart(.broken, good: mesh, clipped: clipped)
        guard !part.border.isEmpty, !part.place.triangles.isEmpty else { return nil }
        let outline = part.border.map { (SIMD2(dot($0, u), dot($0, v)), SIMD2(dot($1, u), dot($1, v))) }
        for square in filled(outline, pitch: 0.5 * spacing) {
            let first = Int32(part.mesh.vertices.count)
            for (x, y) in square {
                part.mesh.vertices.append(u * x + v * y + toward * (start + rough(x, y)))
            }
            part.mesh.triangles += [SIMD3(first, first + 1, first + 2), SIMD3(first, first + 2, first + 3)]
            part.isChanged += [true, true]
        }
        return part
    }

    /// Squares of a grid whose middles lie inside an outline, by the even-odd rule, row by row; none where more than a
    /// tenth of the rows do not close, as on a part of open sheets.
    private func filled(_ outline: [(SIMD2<Double>, SIMD2<Double>)], pitch: Double) -> [[(Double, Double)]] {
        var rows: [Int: [Double]] = [:]
        for (a, b) in outline {
            let (low, high) = a.y <= b.y ? (a, b) : (b, a)
            var row = Int((low.y / pitch - 0.5).rounded(.up))
            while (Double(row) + 0.5) * pitch < high.y {
                let y = (Double(row) + 0.5) * pitch
                rows[row, default: []].append(low.x + (high.x - low.x) * ((y - low.y) / (high.y - low.y)))
                row += 1
            }
        }
        guard rows.count(where: { $0.value.count % 2 == 1 }) * 10 <= rows.count else { return [] }
        var squares: [[(Double, Double)]] = []
        for (row, crossings) in rows.sorted(by: { $0.key < $1.key }) where crossings.count % 2 == 0 {
            let sorted = crossings.sorted()
            let (bottom, top) = (Double(row) * pitch, Double(row + 1) * pitch)
            for i in stride(from: 0, to: sorted.count, by: 2) {
                // The row's pieces end where the outline is.
                var left = sorted[i]
                while left < sorted[i + 1] - 1e-9 {
                    let right = min(left + pitch, sorted[i + 1])
                    squares.append([(left, bottom), (right, bottom), (right, top), (left, top)])
                    left = right
                }
            }
        }
        return squares
    }
}
