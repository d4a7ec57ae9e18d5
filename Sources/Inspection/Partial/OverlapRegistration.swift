import ParallelLoops
import PointClouds

/// Brings a scan onto a surface that it shares only in part.
struct OverlapRegistration: Sendable {
    let surface: ReferenceSurface
    let diagonal: Float
    let workers: Workers
    private let target: RegistrationTarget

    /// Where so much lies on the surface no other pose is looked for.
    private static let certainOverlap = 0.9

    struct Pose: Sendable {
        var transform: RigidTransform
        var fit: OverlapFit
    }

    init(to surface: ReferenceSurface, diagonal: Float, workers: Workers) {
        self.surface = surface
        self.diagonal = diagonal
        self.workers = workers
        target = surface.registrationTarget(workers: workers)
    }

    /// Poses of `scan` by falling score, at most one of several that are nearly the same.
    ///
    /// - Parameter points: of the scan, for the histograms.
    ///
    /// Starts are: as it arrived, the centroids together, and what matched histograms say (`GlobalRegistration`), by one
    /// draw for each of `seeds` and with the poses that compete with it.
    func poses(of scan: SeenSide, points: [SIMD3<Float>], seeds: Range<UInt64>) -> [Pose] {
        var found: [Pose] = []
        let together = RigidTransform(translation: surface.centroid - scan.surface.centroid)
        for start in [.identity, together] { add(settled(scan, from: start, reach: 0.06 * diagonal)) }
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
                add(settled(scan, from: transform, reach: 0.02 * diagonal))
            }
        }
        return found.enumerated().sorted { ($1.element.fit.score, $0.offset) < ($0.element.fit.score, $1.offset) }
            .map(\.element)

        func add(_ pose: Pose) {
            let isKnown = found.contains { known in
                scan.sample.prefix(1).allSatisfy { distance($0, known, pose) < 0.01 * diagonal }
                    && distance(scan.sample[scan.sample.count / 2], known, pose) < 0.01 * diagonal
                    && distance(scan.sample[scan.sample.count - 1], known, pose) < 0.01 * diagonal
            }
            if !isKnown { found.append(pose) }
        }
        func distance(_ point: SIMD3<Float>, _ a: Pose, _ b: Pose) -> Float {
            (a.transform.apply(point) - b.transform.apply(point)).norm
        }
    }

    /// ICP from near by, over the overlap only: points farther than a few spacings from the surface do not count.
    func settled(_ scan: SeenSide, from start: RigidTransform, reach: Float) -> Pose {
        var options = IterativeClosestPoint.Options()
        options.initialDistance = reach
        options.finalDistance = 1.5 * surface.spacing
        options.workers = workers
        options.maximumIterations = 80
        let registration = IterativeClosestPoint.pointToPlane(
            source: scan.sample, target: surface.index, targetNormals: surface.normals, initial: start, options: options
        )
        return Pose(
            transform: registration.transform,
            fit: .of(scan, at: registration.transform, on: surface, diagonal: diagonal, workers: workers))
    }

    /// The last fit, on all of a scan's points.
    func refined(_ scan: PartialScan, from start: RigidTransform) -> Pose {
        var options = IterativeClosestPoint.Options()
        options.initialDistance = 3 * surface.spacing
        options.finalDistance = 1.5 * surface.spacing
        options.workers = workers
        let registration = IterativeClosestPoint.pointToPlane(
            source: scan.part.index, target: surface.index, targetNormals: surface.normals, initial: start,
            options: options)
        return Pose(
            transform: registration.transform,
            fit: .of(scan.side, at: registration.transform, on: surface, diagonal: diagonal, workers: workers))
    }
}
