internal import SeededRandom

extension DefectCarver {
    /// Crack: a deep, jagged, V-shaped groove. Scratch: a shallow, smooth, rounded one. Both along a shortest path on the surface.
    func groove(_ kind: DefectKind, _ random: inout SplitMix64) -> DefectivePart? {
        let isCrack = kind == .crack
        let normals = good.vertexNormals()
        let drawn = random.skewed(in: isCrack ? ranges.crackDepth : ranges.scratchDepth) * diagonal
        let least = (isCrack ? ranges.crackDepth : ranges.scratchDepth).lowerBound * diagonal
        var width = random.uniform(in: isCrack ? ranges.crackWidth : ranges.scratchWidth) * diagonal
        let share = boost * random.uniform(in: ranges.narrowShare)
        // On a part with much surface for its size, no path is long enough for a narrow groove's share.
        width *= min(2.5, max(1, grooveLength(share, width, drawn) / (1.2 * diagonal)))
        var best: (path: [Int32], room: Double)?
        for _ in 0..<5 {
            let start = seed(&random)
            let goal = min(max(grooveLength(share, width, drawn), 0.1 * diagonal), 1.2 * diagonal)
            let noise = random.next()
            // Dear vertices here and there make the shortest way a jagged one.
            let found = graph.distances(from: [start], over: good.vertices, limit: goal * (isCrack ? 1.6 : 1.1)) {
                guard isCrack else { return 1 }
                var hash = SplitMix64(seed: noise ^ UInt64(UInt32(bitPattern: $0)))
                return 1 + 1.2 * hash.unit()
            }
            let far = found.reached.filter { found.distance[$0]! > 0.85 * found.distance[found.reached.last!]! }
            guard let end = far.isEmpty ? nil : far[random.next(below: far.count)] else { continue }
            var path = [end]
            while let before = found.before[path.last!] { path.append(before) }
            guard path.count >= 4 else { continue }
            // Not through the wall, looked at in a few places.
            var room = Double.infinity
            for i in stride(from: 0, through: path.count - 1, by: max(1, path.count / 4)) {
                room = min(room, 0.8 * thickness(at: path[i], normal: normals[Int(path[i])]))
            }
            if room > best?.room ?? -1 { best = (path, room) }
            if room >= least { break }
        }
        guard let (path, room) = best else { return nil }
        let depth = min(drawn, max(room, least))
        let line = smoothed(path.map { good.vertices[Int($0)] }, rounds: isCrack ? 1 : 8)
        let segments = Array(zip(line, line.dropFirst()))
        let near = SurfaceDistance(segments: segments)
        let box = Bounds(line).grown(by: 2 * width)
        let mesh = refined { p in
            guard all(p .>= box.low), all(p .<= box.high) else { return .infinity }
            let distance = near.distance(to: p)
            return distance < width ? width / 5 : distance < 2 * width ? width / 2 : .infinity
        }
        let fineNormals = mesh.vertexNormals()
        let strayed = path.indices.reduce(0.0) { max($0, near.distance(to: good.vertices[Int(path[$1])])) }
        let reached = SurfaceGraph(mesh).distances(from: path, over: mesh.vertices, limit: width + strayed).reached
        var moved = mesh.vertices
        for vertex in reached {
            let p = mesh.vertices[Int(vertex)]
            let r = near.distance(to: p) / (width / 2)
            guard r < 1 else { continue }
            let fromEnd = min(length(p - line.first!), length(p - line.last!))
            let taper = min(1, fromEnd / (2 * width)).squareRoot()
            moved[Int(vertex)] -= fineNormals[Int(vertex)] * (depth * taper * (isCrack ? 1 - r : 1 - r * r))
        }
        return DefectivePart(kind, good: mesh, moved: moved, visible: labelDistance)
    }

    /// Of a groove whose labelled surface is that share of all: with its steep sides where points lie evenly on these too; a sensor
    /// that looks from above sees no more than its width.
    private func grooveLength(_ share: Double, _ width: Double, _ depth: Double) -> Double {
        let slope = seesWalls ? (1 + 4 * depth * depth / (width * width)).squareRoot() : 1
        return share * area / (width * slope * max(0.3, 1 - labelDistance / depth))
    }

    /// Every inner point goes to a quarter, half, quarter mean with its neighbours.
    private func smoothed(_ line: [SIMD3<Double>], rounds: Int) -> [SIMD3<Double>] {
        var line = line
        for _ in 0..<rounds {
            let old = line
            for i in 1..<line.count - 1 { line[i] = old[i - 1] * 0.25 + old[i] * 0.5 + old[i + 1] * 0.25 }
        }
        return line
    }
}
