/// The end of a global registration: the best of the poses, fitted on many points, and a verdict on it.
struct PoseChoice {
    let search: PoseSearch
    /// Along the curve.
    private let source: [SIMD3<Float>]
    private let sample: [SIMD3<Float>]

    init(search: PoseSearch) {
        self.search = search
        let index = NeighborIndex(search.source, workers: search.options.workers)
        source = index.sampleAlongCurve(max(100, search.options.refinementCount))
        let step = (source.count + 1999) / 2000
        let all = source
        sample = stride(from: 0, to: all.count, by: step).map { all[$0] }
    }

    func result() -> GlobalRegistration.Result {
        let options = search.options
        // Those that may be the best one, settled on the fine target.
        let coarseBest = search.best
        let ranked = search.candidates.enumerated().filter {
            $0.element.fit.cost <= 1.5 * coarseBest.fit.cost + 0.02
        }.sorted { ($0.element.fit.cost, $0.offset) < ($1.element.fit.cost, $1.offset) }
        var settled = ranked.prefix(6).map { _, candidate in
            var pose = candidate
            if ranked.count > 1 {
                pose.transform = search.fine.refined(
                    sample, from: pose.transform, reach: search.voxel, final: search.inlierDistance, iterations: 12)
                pose.fit = search.fine.fit(sample, pose.transform, within: search.inlierDistance)
            }
            return pose
        }
        if settled.isEmpty { settled = [coarseBest] }
        var chosen = settled[0]
        for pose in settled where pose.fit.cost < chosen.fit.cost { chosen = pose }
        if options.checksAmbiguity { chosen = turned(chosen) }

        var icp = IterativeClosestPoint.Options()
        icp.initialDistance = search.voxel
        icp.finalDistance = search.inlierDistance
        icp.inlierDistance = search.inlierDistance
        icp.workers = options.workers
        let registration = IterativeClosestPoint.pointToPlane(
            source: source, target: search.fine.index, targetNormals: search.fine.normals,
            initial: chosen.transform, options: icp)
        let quality = quality(of: registration, others: settled)
        return GlobalRegistration.Result(registration: registration, quality: quality, start: chosen.start)
    }

    /// Where there is one axis about which the pose has little resistance: the best of the turns about it, also of the
    /// part upside down. A label or a bump on a round part pulls from near by only.
    private func turned(_ pose: PoseSearch.Candidate) -> PoseSearch.Candidate {
        let distance = search.inlierDistance
        let analysis = SlippageAnalysis(sample, pose.transform, on: search.fine, within: distance)
        let axes = analysis.separated(analysis.suspects).map { analysis.describe($0, keepsSurface: false) }
            .filter { $0.kind == .rotation }
        var best = pose
        best.fit = search.fine.fit(sample, pose.transform, within: distance)
        // About one only: a ball would take three at once.
        guard axes.count == 1, let axis = axes.first else { return best }
        func turn(_ direction: SIMD3<Double>, _ degrees: Double) -> RigidTransform {
            RigidTransform(axis: direction, degrees: degrees, about: axis.center)
        }
        func compete(_ transform: RigidTransform) {
            let fit = search.fine.fit(sample, transform, within: distance)
            // By more than chance.
            if fit.cost < best.fit.cost - 0.0015 {
                best = PoseSearch.Candidate(transform: transform, fit: fit, start: .symmetry)
            }
        }
        let d = axis.direction
        let across = cross(d, abs(d.x) < 0.6 ? SIMD3(1, 0, 0) : SIMD3(0, 1, 0))
        let flipped = search.fine.refined(
            sample, from: turn(across, 180) * pose.transform, reach: 2 * search.voxel, final: distance, iterations: 12)
        let flippedFits = isAsGood(
            search.fine.fit(sample, flipped, within: distance).cost, best.fit.cost + 0.01)
        for step in 0..<48 {
            let about = turn(d, 7.5 * Double(step))
            if step > 0 { compete(about * pose.transform) }
            if flippedFits { compete(about * flipped) }
        }
        return best
    }

    private func quality(
        of registration: Registration, others: [PoseSearch.Candidate]
    ) -> RegistrationQuality {
        let options = search.options
        let transform = registration.transform
        let distance = Double(search.inlierDistance)
        var quality = RegistrationQuality(
            verdict: .reliable, inlierDistance: distance, relativeRmse: registration.rmse / distance,
            coverage: search.coverage(transform), freeMotions: [], alternatives: [])
        guard registration.fitness >= options.minimumFitness, quality.coverage >= options.minimumCoverage,
            quality.relativeRmse <= options.maximumRelativeRmse
        else {
            quality.verdict = .poor
            return quality
        }
        guard options.checksAmbiguity else { return quality }
        let base = search.fine.fit(sample, transform, within: search.inlierDistance)
        quality.freeMotions = freeMotions(transform, base)
        let back = transform.inverse
        for other in others where quality.alternatives.count < 4 {
            guard search.displacement(other.transform, transform) > 3 * Double(search.voxel),
                isAsGood(other.fit.cost, base.cost)
            else { continue }
            quality.alternatives.append(
                RegistrationQuality.Alternative(
                    transform: other.transform, fitness: other.fit.fitness, rmse: other.fit.rmse,
                    keepsSurface: keepsSurface(other.transform * back)))
        }
        if !quality.freeMotions.isEmpty || !quality.alternatives.isEmpty { quality.verdict = .ambiguous }
        return quality
    }

    /// Costs are of the same points, so their difference is more certain than they are: a quarter more, or a feature on
    /// 1/500 of the surface, tells two poses apart.
    private func isAsGood(_ cost: Double, _ base: Double) -> Bool { cost <= 1.25 * base + 0.0015 }

    private func freeMotions(_ transform: RigidTransform, _ base: PoseFit) -> [RegistrationQuality.FreeMotion] {
        let analysis = SlippageAnalysis(sample, transform, on: search.fine, within: search.inlierDistance)
        let step = 1.5 * Double(search.voxel)
        let free = analysis.suspects.filter { twist in
            [-1.0, 1].allSatisfy { side in
                let far = analysis.motion(twist, 2 * side * step) * transform
                let cost = search.fine.fit(sample, far, within: search.inlierDistance).cost
                if isAsGood(cost, base.cost) { return true }
                // A border resists, but planes do not feel it: a plate that was shifted stays there.
                guard twist.stiffness < 0.004 else { return false }
                let near = analysis.motion(twist, side * step) * transform
                let settled = search.fine.refined(
                    sample, from: near, reach: search.inlierDistance, final: search.inlierDistance, iterations: 12)
                return search.displacement(settled, transform) > 0.5 * search.displacement(near, transform)
            }
        }
        return analysis.separated(free).map { twist in
            // Far enough that a border, or a shape that is not round after all, shows.
            let far = analysis.motion(twist, 0.4 * analysis.radius)
            return analysis.describe(twist, keepsSurface: keepsSurface(far))
        }
    }

    /// The target moved so lies on itself: all but 0.3 % of its points within half of the inlier distance of its
    /// planes.
    private func keepsSurface(_ motion: RigidTransform) -> Bool {
        let points = search.fine.index.sampleAlongCurve(4000)
        let lying = search.fine.countLying(points, motion, within: search.inlierDistance)
        return Double(points.count - lying) <= 0.003 * Double(points.count)
    }
}
