internal import ParallelLoops

/// One global registration on its way.
struct PoseSearch {
    /// A pose settled on the thinned target.
    struct Candidate {
        var transform: RigidTransform
        var fit: PoseFit
        var start: GlobalRegistration.Start
    }

    let source: [SIMD3<Float>]
    let thinned: ThinnedCloud
    let target: RegistrationTarget
    let options: GlobalRegistration.Options
    let coarse: PoseTarget
    let fine: PoseTarget
    let partIndex: NeighborIndex
    /// Source points for poses on the thinned target.
    let coarsePoints: [SIMD3<Float>]
    let voxel: Float
    /// Within which a point has a neighbour on the thinned target, when it lies on it.
    let coarseDistance: Float
    let inlierDistance: Float
    private(set) var candidates: [Candidate] = []

    init(
        source: [SIMD3<Float>], thinned: ThinnedCloud, target: RegistrationTarget, options: GlobalRegistration.Options
    ) {
        self.source = source
        self.thinned = thinned
        self.target = target
        self.options = options
        coarse = PoseTarget(index: target.surface.index, normals: target.surface.normals, workers: options.workers)
        fine = PoseTarget(index: target.index, normals: target.normals, workers: options.workers)
        partIndex = NeighborIndex(thinned.points, workers: options.workers)
        coarsePoints = thinned.sample(600)
        voxel = target.voxelSize
        coarseDistance = max(voxel, 3 * target.spacing)
        inlierDistance = options.inlierDistance ?? max(voxel / 2, 3 * target.spacing)
    }

    mutating func run() -> GlobalRegistration.Result {
        if options.triesPosesFirst { tryPoses() }
        if !(candidates.contains { isConvincing($0) }) {
            let surface = ThinnedSurface(thinned, index: partIndex, workers: options.workers)
            tryFeatures(surface, surface.features)
            // Inside out? The one side of a scan may have been taken for the other.
            if best.fit.fitness < 0.9 { tryFeatures(surface, surface.features.reversed) }
        }
        trySymmetries()
        return PoseChoice(search: self).result()
    }

    /// Of least cost; the first of equal ones.
    var best: Candidate {
        var best = Candidate(transform: .identity, fit: PoseFit(), start: .identity)
        for candidate in candidates where candidate.fit.cost < best.fit.cost { best = candidate }
        return best
    }

    /// Greatest distance between where two poses take the part: of points at its radius in six directions.
    func displacement(_ a: RigidTransform, _ b: RigidTransform) -> Double {
        var greatest = 0.0
        for axis in [SIMD3<Double>(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)] {
            for side in [-thinned.radius, thinned.radius] {
                let p = thinned.centroid + side * axis
                greatest = max(greatest, length(a.apply(p) - b.apply(p)))
            }
        }
        return greatest
    }

    /// Share of the thinned target within 2 voxels of the part.
    func coverage(_ transform: RigidTransform) -> Double {
        let moved = transform.inverse.apply(target.thinned.sample(1000))
        let reach = 4 * voxel * voxel
        let squared = partIndex.nearest(of: moved, workers: options.workers).squaredDistances
        return Double(squared.count { $0 <= reach }) / Double(max(1, moved.count))
    }

    private func isConvincing(_ candidate: Candidate) -> Bool {
        candidate.fit.fitness > 0.97 && candidate.fit.cost < 0.05
            && coverage(candidate.transform) > 0.95
    }

    private mutating func tryPoses() {
        let together = RigidTransform(translation: target.thinned.centroid - thinned.centroid)
        settle(.identity, .identity, reach: nil)
        if let first = candidates.last, isConvincing(first) { return }
        settle(together, .centroids, reach: nil)
    }

    private mutating func tryFeatures(_ surface: ThinnedSurface, _ features: FastPointFeatureHistograms) {
        let matches = FeatureMatching.mutualNearest(
            source: features, rows: surface.salientRows(options.featureCount), target: target.surface.features,
            workers: options.workers)
        var sampling = CorrespondenceSampling(
            matches, source: thinned, surface, target: target.thinned, target.surface, distance: 1.5 * voxel)
        guard options.hypotheses > 0 else { return }
        sampling.run(draws: options.draws, poolSize: options.hypotheses + 6, seed: options.seed)
        let sample = thinned.sample(300)
        // By how the whole part lies, not by the matches alone.
        let reach = voxel + coarseDistance
        let ranked = sampling.hypotheses().map { ($0, coarse.fit(sample, $0.transform, within: reach).cost) }
            .enumerated().sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }
        for (_, hypothesis) in ranked.prefix(options.hypotheses) {
            // Once one fits, only those that lie nearly as well: they may compete with it.
            let fits = best.fit.fitness > 0.97 && best.fit.cost < 0.05
            if fits && hypothesis.1 > 2 * ranked[0].element.1 + 0.2 { break }
            settle(hypothesis.0.transform, .features, reach: 2.5 * voxel)
        }
    }

    /// Turns about the target's principal axes, and about the part's own where it is only a part of it: the poses in
    /// which a shape of some symmetry may be mistaken.
    private mutating func trySymmetries() {
        let start = best
        guard start.fit.fitness > 0.5 else { return }
        let sample = thinned.sample(300)
        let reach = voxel + coarseDistance
        let base = coarse.fit(sample, start.transform, within: reach).cost
        var poses = target.thinned.principalTurns().map { $0 * start.transform }
        if coverage(start.transform) < 0.95 {
            poses += thinned.principalTurns().map { start.transform * $0 }
        }
        for pose in poses where coarse.fit(sample, pose, within: reach).cost < 2 * base + 0.2 {
            settle(pose, .symmetry, reach: 3 * voxel)
        }
    }

    /// Runs coarse ICP from a pose and keeps the result, unless it is one that is there already.
    private mutating func settle(
        _ initial: RigidTransform, _ start: GlobalRegistration.Start, reach: Float?
    ) {
        let transform = coarse.refined(coarsePoints, from: initial, reach: reach, final: coarseDistance)
        if candidates.contains(where: { displacement($0.transform, transform) < Double(voxel) / 2 }) { return }
        candidates.append(
            Candidate(
                transform: transform, fit: coarse.fit(coarsePoints, transform, within: coarseDistance), start: start))
    }
}

extension ThinnedCloud {
    /// Turns by 60, 90, 120, 180, 240, 270 and 300 degrees about the three principal axes through the centroid.
    func principalTurns() -> [RigidTransform] {
        points.principalAxes(about: centroid).flatMap { axis in
            [180.0, 90, 270, 120, 240, 60, 300].map { degrees in
                RigidTransform(axis: axis, degrees: degrees, about: centroid)
            }
        }
    }
}

extension [SIMD3<Float>] {
    /// Their mean; the origin of none.
    public var centroid: SIMD3<Double> {
        var sum = SIMD3<Double>.zero
        for point in self { sum += SIMD3<Double>(point) }
        return sum / Double(Swift.max(1, count))
    }

    /// Unit axes of the covariance about a centre, of least spread first.
    func principalAxes(about center: SIMD3<Double>) -> [SIMD3<Double>] {
        var covariance = [Double](repeating: 0, count: 9)
        for point in self {
            let d = SIMD3<Double>(point) - center
            for i in 0..<3 {
                for j in 0..<3 { covariance[3 * i + j] += d[i] * d[j] }
            }
        }
        return JacobiEigen(covariance, size: 3).vectors.map { SIMD3($0[0], $0[1], $0[2]) }
    }
}
