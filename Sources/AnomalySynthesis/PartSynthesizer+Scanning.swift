internal import PointClouds
internal import SeededRandom

extension PartSynthesizer {
    /// What is labelled: points on changed surface that are farther from the good surface than `labelDistance`, and points
    /// within `rimWidth` of a border of missing surface. Told from where the points are without noise.
    func labels(_ scan: SurfaceScan, of part: DefectivePart) -> [Bool] {
        var labels = [Bool](repeating: false, count: scan.places.count)
        let changed = scan.places.indices.filter { part.isChanged[Int(scan.triangles[$0])] }
        if !changed.isEmpty {
            let box = Bounds(changed.lazy.map { scan.places[$0] })
            // Moved surface has its good place within the depth; a break's may be farther from all that is left.
            let far = part.kind == .broken ? diagonal : part.depth
            let surface = SurfaceDistance(part.good, within: box.grown(by: far + labelDistance))
            for i in changed { labels[i] = surface.distance(to: scan.places[i]) > labelDistance }
        }
        if !part.border.isEmpty {
            let rim = SurfaceDistance(segments: part.border)
            let box = Bounds(part.border.lazy.map(\.0)).grown(by: rimWidth)
            for (i, p) in scan.places.enumerated()
            where !labels[i] && all(p .>= box.low) && all(p .<= box.high) {
                labels[i] = rim.distance(to: p) < rimWidth
            }
        }
        return labels
    }

    func scan(
        _ mesh: SurfaceMesh, eyes: [SIMD3<Double>], count: Int, noise: Double, _ random: inout SplitMix64
    ) -> SurfaceScan? {
        if options.scanner == .uniform {
            return SurfaceScan.uniform(mesh, count: count, noise: noise, &random)
        }
        return SurfaceScan.lines(
            mesh, from: eyes, count: count, diagonal: diagonal, noise: noise, isSheet: isSheet, &random)
    }

    /// Where the sensor stands, in the part's frame: all around at varying distance; for single views, training parts are seen from
    /// four sides, test parts from between them.
    func eyes(_ plan: SamplePlan, _ random: inout SplitMix64) -> [SIMD3<Double>] {
        switch options.scanner {
        case .uniform: return []
        case .lines:
            let turn = random.rotation()
            return (0..<14).map {
                turn.apply(OutsideSurface.spiral($0, of: 14)) * (diagonal * random.uniform(in: 1.1...1.7))
            }
        case .singleView:
            let quarter = Double(plan.isTraining ? plan.number : random.next(below: 4))
            let between = plan.isTraining ? 0 : random.uniform(in: 0.3...0.7)
            let azimuth = (quarter + between) * .pi / 2
            let elevation = (plan.isTraining ? 25 : random.uniform(in: 10...40)) * .pi / 180
            let flat = SeriesTrigonometry.cosine(elevation)
            // OBJ models stand along y as often as along z: the sensor goes around z here.
            let direction = SIMD3(
                flat * SeriesTrigonometry.cosine(azimuth), flat * SeriesTrigonometry.sine(azimuth),
                SeriesTrigonometry.sine(elevation))
            return [direction * (diagonal * (plan.isTraining ? 2 : random.uniform(in: 1.8...2.2)))]
        }
    }

    /// Where parts lie: turned as the style says, and moved a little where they are not fixed.
    func drawPose(_ random: inout SplitMix64) -> RigidTransform {
        let isAny = random.unit() < options.anyPoseShare
        let (any, tilted) = (random.rotation(), random.tilt(degrees: 10))
        let move = random.direction() * (0.05 * diagonal * random.unit())
        switch options.pose {
        case .fixed: return .identity
        case .tilted: return RigidTransform(rotation: tilted.rotation, translation: move)
        case .any: return RigidTransform(rotation: (isAny ? any : tilted).rotation, translation: move)
        }
    }

    /// What differs between good parts: six waves, a fifth of the diagonal or longer, together 0.05 to 0.15 % of the diagonal at most.
    func vary(_ mesh: inout SurfaceMesh, _ random: inout SplitMix64) {
        let amplitude = random.uniform(in: DefectRanges.variation) * diagonal
        let waves = (0..<6).map { _ in
            (
                random.direction() * (2 * .pi / (diagonal * random.uniform(in: 0.2...1.5))), random.unit() * 2 * .pi,
                random.direction()
            )
        }
        for i in mesh.vertices.indices {
            let p = mesh.vertices[i]
            for (wave, phase, push) in waves {
                mesh.vertices[i] += push * (SeriesTrigonometry.sine(dot(p, wave) + phase) * amplitude / 6)
            }
        }
    }

    /// - Parameter eyes: defects begin where these see the surface; nil: anywhere.
    func carver(_ good: SurfaceMesh, eyes: [SIMD3<Double>]?) -> DefectCarver {
        var candidates = good.triangles.indices.map(Int32.init)
        if let eye = eyes?.first {
            let camera = DepthBuffer.Camera(eye: eye, target: .zero, radius: 0.55 * diagonal, size: 300)
            let seen = Set(DepthBuffer(good, camera: camera).triangle)
            let visible = candidates.filter { seen.contains($0) }
            if !visible.isEmpty { candidates = visible }
        }
        var sum = 0.0
        let cumulative = candidates.map { index in
            sum += good.area(Int(index))
            return sum
        }
        // Shares are of the points that the scanner gives.
        let seenArea = eyes == nil ? area : sum
        return DefectCarver(
            good: good, graph: graph, diagonal: diagonal, area: seenArea, spacing: spacing,
            labelDistance: labelDistance, rimWidth: rimWidth, ranges: DefectRanges(options.draw),
            candidates: candidates, cumulative: cumulative, seesWalls: options.scanner == .uniform)
    }
}
