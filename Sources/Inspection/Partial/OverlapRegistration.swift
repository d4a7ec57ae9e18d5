import ParallelLoops
import PointClouds

/// Brings a scan onto a surface that it shares only in part.
struct OverlapRegistration: Sendable {
    let side: SeenSide
    let diagonal: Float
    let workers: Workers
    /// About which the side nearly turns into itself.
    let axis: TurningAxis?
    private let target: RegistrationTarget

    /// Where so much lies on the surface no other pose is looked for.
    private static let certainOverlap = 0.9
    /// Iterations with a few points only, which tell one valley from another; with the whole sample; with all points.
    private static let roughIterations = 40, sampleIterations = 80, lastIterations = 60
    /// Poses nearer to each other than this share of the diagonal are one.
    static let one: Float = 0.01

    struct Pose: Sendable {
        var transform: RigidTransform
        var fit: OverlapFit
    }

    private var surface: ReferenceSurface { side.surface }

    init(to side: SeenSide, diagonal: Float, workers: Workers) {
        self.side = side
        self.diagonal = diagonal
        self.workers = workers
        axis = TurningAxis(side.sample, normals: side.sampleNormals)
        target = side.surface.registrationTarget(workers: workers)
    }

    /// Rough poses of `scan`, the best by falling score, at most one of several that are nearly the same.
    ///
    /// - Parameters:
    ///   - points: of the scan, for the histograms.
    ///   - count: how many poses at most.
    ///
    /// Starts are: as it arrived, the centroids together, and what matched histograms say (`GlobalRegistration`), by one
    /// draw for each of `seeds` and with the poses that compete with it.
    func poses(of scan: SeenSide, points: [SIMD3<Float>], seeds: Range<UInt64>, count: Int) -> [Pose] {
        var found: [Pose] = []
        let together = RigidTransform(translation: surface.centroid - scan.surface.centroid)
        for start in [.identity, together] { add(roughly(scan, from: start, reach: 0.06 * diagonal)) }
        for seed in seeds where !found.contains(where: { $0.fit.lying > Self.certainOverlap }) {
            var options = GlobalRegistration.Options()
            options.triesPosesFirst = false
            options.minimumFitness = 0.1
            options.minimumCoverage = 0.05
            options.maximumRelativeRmse = 10
            options.seed = seed
            options.workers = workers
            let result = GlobalRegistration.register(source: points, target: target, options: options)
            for transform in [result.registration.transform] + result.quality.alternatives.map(\.transform) {
                add(roughly(scan, from: transform, reach: 0.02 * diagonal))
            }
        }
        return Array(Self.ordered(found).prefix(count))

        func add(_ pose: RigidTransform) {
            let isKnown = found.contains { scan.isSame($0.transform, pose, within: Self.one * diagonal) }
            if !isKnown { found.append(unmoved(scan, at: pose)) }
        }
    }

    /// A rough pose, fitted with the whole sample.
    func settled(_ scan: SeenSide, from rough: RigidTransform) -> Pose {
        unmoved(
            scan,
            at: IterativeClosestPoint.pointToPlane(
                source: scan.sample, target: surface.index, targetNormals: surface.normals, initial: rough,
                options: options(reach: 3 * surface.spacing, iterations: Self.sampleIterations)
            ).transform)
    }

    func unmoved(_ scan: SeenSide, at pose: RigidTransform) -> Pose { Pose(transform: pose, fit: fit(scan, at: pose)) }

    /// ICP from near by with a few of the scan's points, over the overlap only: points farther than a few spacings from the
    /// surface do not count in the end.
    func roughly(_ scan: SeenSide, from start: RigidTransform, reach: Float) -> RigidTransform {
        IterativeClosestPoint.pointToPlane(
            source: scan.sparseSample, target: surface.index, targetNormals: surface.normals, initial: start,
            options: options(reach: reach, iterations: Self.roughIterations)
        ).transform
    }

    private func options(reach: Float, iterations: Int) -> IterativeClosestPoint.Options {
        var options = IterativeClosestPoint.Options()
        options.initialDistance = reach
        options.finalDistance = 1.5 * surface.spacing
        options.workers = workers
        options.maximumIterations = iterations
        return options
    }

    private func fit(_ scan: SeenSide, at pose: RigidTransform) -> OverlapFit {
        let points = OverlapPoints(of: scan, at: pose, on: side, diagonal: diagonal, workers: workers)
        return OverlapFit([points], neighbors: scan.sampleNeighbors)
    }

    /// The best first; of equal ones the earlier.
    static func ordered(_ poses: [Pose]) -> [Pose] {
        poses.enumerated().sorted { ($1.element.fit.score, $0.offset) < ($0.element.fit.score, $1.offset) }
            .map(\.element)
    }

    /// The last fit, on all of a scan's points.
    func refined(_ scan: PartialScan, from start: RigidTransform) -> Pose {
        unmoved(
            scan.side,
            at: IterativeClosestPoint.pointToPlane(
                source: scan.part.index, target: surface.index, targetNormals: surface.normals, initial: start,
                options: options(reach: 3 * surface.spacing, iterations: Self.lastIterations)
            ).transform)
    }
}
