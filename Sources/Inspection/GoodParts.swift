import ParallelLoops
import PointClouds

/// The good parts of a type, registered to one of them.
///
/// A single part is taken as two: every other point of its scan makes one half, the rest the other. They tell how scans of
/// one part differ, and nothing of how parts do.
struct GoodParts: Sendable {
    /// Whether `parts` are the halves of one.
    let areHalves: Bool
    /// Each part as it arrived, cleaned.
    let parts: [PreparedPart]
    /// Each part's points in the medoid's frame, mm.
    let aligned: [[SIMD3<Float>]]
    /// The part that lies closest to all others: its frame is the taught one.
    let medoid: Int
    /// The part closest to the others after the medoid.
    let secondMedoid: Int
    let spacing: Float

    /// Least share of each good part's points that must lie on the medoid's surface.
    private static let minimumFitness = 0.6

    init(
        _ clouds: [[SIMD3<Float>]], workers: Workers, progress: (TeachingProgress) -> Void
    ) throws(TeachingError) {
        guard let first = clouds.first else {
            throw TeachingError(
                code: .tooFewParts, description: "expected good parts, 4 or more, found none: scan good parts")
        }
        let areHalves = clouds.count == 1
        self.areHalves = areHalves
        let least = areHalves ? 2000 : 1000
        let clouds =
            areHalves ? [0, 1].map { half in stride(from: half, to: first.count, by: 2).map { first[$0] } } : clouds
        var parts: [PreparedPart] = []
        for (number, cloud) in clouds.enumerated() {
            guard let part = PreparedPart(cloud, minimum: 1000, workers: workers) else {
                throw TeachingError(
                    code: .tooFewPoints,
                    description: "expected at least \(least) usable points in each good part, found "
                        + "\(areHalves ? first.count : cloud.count) in part \(areHalves ? 1 : number + 1): check that the file "
                        + "is the whole part")
            }
            guard !part.hasTooManyStrays else {
                throw TeachingError(
                    code: .tooFewPoints,
                    description: "expected at most 2 % stray points in each good part, found \(part.strayCount) of "
                        + "\(cloud.count) in part \(number + 1): scan it again, or cut the surroundings away")
            }
            parts.append(part)
        }
        spacing = parts.map(\.spacing).sorted()[parts.count / 2]
        let surfaces = parts.map { ReferenceSurface(fitting: [$0.points], spacing: $0.spacing, workers: workers) }
        var registrations: [[Registration]] = []
        for (target, surface) in surfaces.enumerated() {
            let alignment = Alignment(surface: surface, expected: nil, findsAnyPose: true, workers: workers)
            registrations.append(
                parts.indices.map { source in
                    // Halves of one scan are where they belong.
                    source == target || areHalves
                        ? Registration(transform: .identity, fitness: 1, rmse: 0, iterations: 0, converged: true)
                        : alignment.register(parts[source])
                })
            let others = registrations[target].indices.filter { $0 != target }
            let fitness = others.map { registrations[target][$0].fitness }.min() ?? 1
            let rmse = others.map { registrations[target][$0].rmse }.max() ?? 0
            progress(.registered(index: target + 1, count: parts.count, fitness: fitness, rmse: rmse))
        }
        // Unfit pairs first, then the residual: the medoid is what most others agree with.
        let costs = registrations.map { row in row.reduce(0.0) { $0 + (1 - $1.fitness) * 1000 + $1.rmse } }
        let ranking = costs.indices.sorted { (costs[$0], $0) < (costs[$1], $1) }
        medoid = ranking[0]
        secondMedoid = ranking[1]
        for (number, registration) in registrations[medoid].enumerated()
        where registration.fitness < Self.minimumFitness {
            throw TeachingError(
                code: .notAlike,
                description: "expected all good parts to fit each other, found that part \(number + 1) lies on part "
                    + "\(medoid + 1) with only \(Int(registration.fitness * 100)) % of its points: check that it is the "
                    + "same part type, good, and whole")
        }
        let chosen = registrations[medoid], center = medoid
        let count = parts.count, commonSpacing = spacing, arrived = parts.map(\.points)
        var placed = (0..<count).map { i in
            i == center ? arrived[i] : arrived[i].map { chosen[i].transform.apply($0) }
        }
        // Once more, against all others together: one scan's surface is noisier than that of several.
        if count > 2 {
            placed = (0..<count).map { i in
                guard i != center else { return placed[i] }
                let others = ReferenceSurface(
                    fitting: placed.indices.filter { $0 != i }.map { placed[$0] }, spacing: commonSpacing,
                    workers: workers)
                let fine = IterativeClosestPoint.pointToPlane(
                    source: placed[i], target: others.index, targetNormals: others.normals,
                    options: Self.fineOptions(workers))
                return placed[i].map { fine.transform.apply($0) }
            }
        }
        aligned = placed
        self.parts = parts
    }

    private static func fineOptions(_ workers: Workers) -> IterativeClosestPoint.Options {
        var options = IterativeClosestPoint.Options()
        options.workers = workers
        return options
    }

    /// The surface of all parts but `excluded`.
    func surface(excluding excluded: Int? = nil, workers: Workers) -> ReferenceSurface {
        let scans = aligned.indices.filter { $0 != excluded }.map { aligned[$0] }
        return ReferenceSurface(fitting: scans, spacing: spacing, workers: workers)
    }
}
