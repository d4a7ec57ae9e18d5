internal import SeededRandom

/// RANSAC over matched points (Fischler and Bolles 1981), with the checks of Open3D's `registration_ransac`: three
/// matches whose triangles have sides of one length, and that their motion brings together. Keeps several motions that
/// differ.
struct CorrespondenceSampling {
    /// A motion and how many matches it brings together.
    struct Hypothesis {
        var transform: RigidTransform
        var support: Int
    }

    /// Matched points relative to their clouds' centres, padded to eight with matches that nothing supports.
    private var sx: [SIMD8<Float>] = []
    private var sy: [SIMD8<Float>] = []
    private var sz: [SIMD8<Float>] = []
    private var tx: [SIMD8<Float>] = []
    private var ty: [SIMD8<Float>] = []
    private var tz: [SIMD8<Float>] = []
    private let source: [SIMD3<Float>]
    private let target: [SIMD3<Float>]
    private let sourceNormals: [SIMD3<Float>]
    private let targetNormals: [SIMD3<Float>]
    private let sourceCenter: SIMD3<Double>
    private let targetCenter: SIMD3<Double>
    private let radius: Double
    private let distance: Float
    private(set) var pool: [Hypothesis] = []

    /// - Parameter distance: matches that end nearer than this support a motion.
    init(
        _ matches: [FeatureMatching.Match], source: ThinnedCloud, _ sourceSurface: ThinnedSurface,
        target: ThinnedCloud, _ targetSurface: ThinnedSurface, distance: Float
    ) {
        func local(_ p: SIMD3<Float>, _ center: SIMD3<Double>) -> SIMD3<Float> {
            SIMD3<Float>(SIMD3<Double>(p) - center)
        }
        self.source = matches.map { local(source.points[Int($0.source)], source.centroid) }
        self.target = matches.map { local(target.points[Int($0.target)], target.centroid) }
        sourceNormals = matches.map { sourceSurface.normals[Int($0.source)] }
        targetNormals = matches.map { targetSurface.normals[Int($0.target)] }
        sourceCenter = source.centroid
        targetCenter = target.centroid
        radius = source.radius
        self.distance = distance
        for start in stride(from: 0, to: matches.count, by: 8) {
            var lanes = [SIMD8<Float>](repeating: .zero, count: 6)
            // Not a number: never within any distance.
            lanes[3] = SIMD8(repeating: .nan)
            for lane in 0..<min(8, matches.count - start) {
                let (p, q) = (self.source[start + lane], self.target[start + lane])
                (lanes[0][lane], lanes[1][lane], lanes[2][lane]) = (p.x, p.y, p.z)
                (lanes[3][lane], lanes[4][lane], lanes[5][lane]) = (q.x, q.y, q.z)
            }
            sx.append(lanes[0])
            sy.append(lanes[1])
            sz.append(lanes[2])
            tx.append(lanes[3])
            ty.append(lanes[4])
            tz.append(lanes[5])
        }
    }

    /// Draws until a better motion is unlikely (confidence 0.9999 by the best one's support), `most` times at the most.
    mutating func run(draws most: Int, poolSize: Int, seed: UInt64) {
        let count = source.count
        guard count >= 3 else { return }
        var generator = SplitMix64(seed: seed)
        let least = min(most, 5000)
        var limit = most
        var best = 0
        var draw = 0
        while draw < limit {
            draw += 1
            let a = generator.next(below: count)
            let b = generator.next(below: count)
            let c = generator.next(below: count)
            guard sidesAgree(a, b), sidesAgree(b, c), sidesAgree(c, a), normalsAgree(a, b), normalsAgree(b, c),
                normalsAgree(c, a),
                let transform = RigidFit.triangles(
                    (source[a], source[b], source[c]), (target[a], target[b], target[c])),
                [a, b, c].allSatisfy({ isTogether(transform, $0) })
            else { continue }
            let support = self.support(transform)
            guard support > 3 else { continue }
            keep(Hypothesis(transform: transform, support: support), poolSize)
            if support > best {
                best = support
                let share = Double(best) / Double(count)
                // Of three good matches one triangle in four is taken to pass the checks.
                let needed = 9.2 / max(1e-9, share * share * share / 4)
                limit = max(least, min(most, needed < Double(most) ? Int(needed) : most))
            }
        }
    }

    /// The pool, best supported first, each refitted to its support and in the clouds' own coordinates.
    func hypotheses() -> [Hypothesis] {
        pool.map { hypothesis in
            var refined = hypothesis
            for _ in 0..<3 {
                let inliers = source.indices.filter { isTogether(refined.transform, $0) }
                guard
                    let fit = RigidFit.leastSquares(
                        inliers.map { SIMD3<Double>(source[$0]) }, inliers.map { SIMD3<Double>(target[$0]) })
                else { break }
                let support = self.support(fit)
                guard support > refined.support else { break }
                refined = Hypothesis(transform: fit, support: support)
            }
            let t = refined.transform
            refined.transform.translation = targetCenter + t.translation - t.rotation * sourceCenter
            return refined
        }
    }

    @inline(__always)
    private func sidesAgree(_ i: Int, _ j: Int) -> Bool {
        let s = squaredDistance(source[i], source[j])
        let t = squaredDistance(target[i], target[j])
        // Sides of a few voxels at least, and 0.9 of each other.
        return min(s, t) > 9 * distance * distance && s < 1.235 * t && t < 1.235 * s
    }

    /// The angle between the two normals is the same, within 40 degrees or so, whatever their signs.
    @inline(__always)
    private func normalsAgree(_ i: Int, _ j: Int) -> Bool {
        let s = abs((sourceNormals[i] * sourceNormals[j]).sum())
        let t = abs((targetNormals[i] * targetNormals[j]).sum())
        return abs(s - t) < 0.4
    }

    private func isTogether(_ transform: RigidTransform, _ i: Int) -> Bool {
        squaredDistance(transform.apply(source[i]), target[i]) <= distance * distance
    }

    private func support(_ transform: RigidTransform) -> Int {
        let (a, b, c) = transform.rotation.rows
        let (ra, rb, rc) = (SIMD3<Float>(a), SIMD3<Float>(b), SIMD3<Float>(c))
        let t = SIMD3<Float>(transform.translation)
        let bound = SIMD8<Float>(repeating: distance * distance)
        var counts = SIMD8<Int32>.zero
        let one = SIMD8<Int32>(repeating: 1)
        for i in sx.indices {
            let (x, y, z) = (sx[i], sy[i], sz[i])
            let dx = x * ra.x + y * ra.y + z * ra.z + (t.x - tx[i])
            let dy = x * rb.x + y * rb.y + z * rb.z + (t.y - ty[i])
            let dz = x * rc.x + y * rc.y + z * rc.z + (t.z - tz[i])
            let near = dx * dx + dy * dy + dz * dz .<= bound
            counts &+= one.replacing(with: 0, where: .!near)
        }
        return Int(counts.wrappedSum())
    }

    /// Into the pool, unless a better one there is about the same motion; what it betters of that kind goes.
    private mutating func keep(_ new: Hypothesis, _ size: Int) {
        if pool.count == size, let last = pool.last, last.support >= new.support { return }
        for other in pool where other.support >= new.support && isSame(other.transform, new.transform) { return }
        pool = pool.filter { !isSame($0.transform, new.transform) }
        let place = pool.firstIndex { $0.support < new.support } ?? pool.count
        pool.insert(new, at: place)
        if pool.count > size { pool.removeLast() }
    }

    private func isSame(_ a: RigidTransform, _ b: RigidTransform) -> Bool {
        let reach = 3 * Double(distance)
        for p in [SIMD3(radius, 0, 0), SIMD3(0, radius, 0), SIMD3(0, 0, radius), .zero]
        where length(a.apply(p) - b.apply(p)) > reach { return false }
        return true
    }
}
