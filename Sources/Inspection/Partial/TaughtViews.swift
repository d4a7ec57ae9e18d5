import ParallelLoops
import PointClouds

/// What the taught views say of a part's surface: each view by itself, in its own frame.
///
/// The views are not joined into one surface: on parts that look nearly alike from several sides a joint is easily wrong,
/// and a scan laid onto it can be right on one view and off on the next. Laid onto each view by itself it is measured where
/// that view covers it, and a pose that is merely as good as the true one does no harm.
struct TaughtViews: Sendable {
    struct View: Sendable {
        let surface: ReferenceSurface
        /// 0 on the view's borders.
        let weights: [Float]
        /// Surface points at which missing surface is looked for, none on borders.
        let sites: [Int32]
        /// The sensor's place when the view was taught.
        let eye: SIMD3<Float>
        let registration: OverlapRegistration
    }

    /// A view that the scan shares surface with, and how the scan lies on it.
    struct Fit: Sendable {
        let view: Int
        var pose: OverlapRegistration.Pose
    }

    let views: [View]
    let diagonal: Float
    let spacing: Float
    let workers: Workers

    /// How far over or under a view's surface a point is still measured against it, as a share of the diagonal: beyond lies
    /// other surface, which nobody taught.
    private static let reach: Float = 0.03
    /// How far beside a surface point its plane counts, in spacings.
    private static let lateral: Float = 1.5
    /// Points (the point included) over which a distance is averaged.
    private static let smoothing = 16
    /// A view is measured against where at least this share of the scan lies on it, and no larger part of that beside it.
    private static let leastOverlap = 0.3, mostConflict = 0.5
    /// Poses of a view that are looked at closely.
    private static let candidates = 4
    /// Gaps in units of a good scan's: wider ones speak against a pose.
    private static let unseenGap: Float = 4

    /// - Parameter members: for each point of `joint` its view.
    init(_ joint: ReferenceSurface, members: [Int32], workers: Workers) {
        self.workers = workers
        spacing = joint.spacing
        var places: [[Int]] = []
        for (point, view) in members.enumerated() {
            while places.count <= Int(view) { places.append([]) }
            places[Int(view)].append(point)
        }
        let surfaces = places.filter { !$0.isEmpty }.map { rows in
            ReferenceSurface(
                points: rows.map { joint.points[$0] }, normals: rows.map { joint.normals[$0] }, spacing: joint.spacing)
        }
        let diagonal = surfaces.map(\.diagonal).max() ?? 0
        self.diagonal = diagonal
        views = surfaces.map { surface in
            let weights = ScanBorder.weights(surface.index, workers: workers)
            let towards = surface.normals.reduce(.zero, +)
            let step = max(1, surface.points.count / 2000)
            let rows = stride(from: 0, to: surface.points.count, by: step)
            let view = SensorView(
                of: rows.map { surface.points[$0] }, normals: rows.map { surface.normals[$0] },
                axis: towards / max(towards.norm, .leastNormalMagnitude), spacing: surface.spacing,
                diagonal: surface.diagonal)
            return View(
                surface: surface, weights: weights, sites: surface.thinned().filter { weights[Int($0)] > 0 },
                eye: view.eye, registration: OverlapRegistration(to: surface, diagonal: diagonal, workers: workers))
        }
    }

    /// The views that a scan shares surface with, each with the pose that explains best what both sensors saw and did not see.
    func fits(of scan: PartialScan, excluding excluded: Int? = nil) -> [Fit] {
        views.indices.filter { $0 != excluded }.compactMap { number in
            let view = views[number]
            let poses = view.registration.poses(of: scan, seeds: 1..<3).prefix(Self.candidates)
            let ranked = poses.filter { Self.isShared($0.fit) }.map { pose in
                (pose, pose.fit.score - unseenShare(of: scan, on: view, at: pose.transform))
            }
            return ranked.max { $0.1 < $1.1 }.map { Fit(view: number, pose: $0.0) }
        }
    }

    private static func isShared(_ fit: OverlapFit) -> Bool {
        fit.lying >= leastOverlap && fit.conflicting <= mostConflict * fit.lying
    }

    /// Share of surface that a sensor must have seen and did not: of the view's by the scan's sensor, and the other way about.
    private func unseenShare(of scan: PartialScan, on view: View, at pose: RigidTransform) -> Double {
        func share(
            _ index: NeighborIndex, _ pose: RigidTransform, _ eye: SIMD3<Float>, _ surface: ReferenceSurface, _ sites: [Int32]
        ) -> Double {
            let few = stride(from: 0, to: sites.count, by: max(1, sites.count / 1500)).map { sites[$0] }
            let gaps = ViewGaps.measure(
                index, at: pose, from: eye, surface: surface, occluders: surface.points, sites: few, workers: workers)
            return Double(gaps.count { $0 > Self.unseenGap }) / Double(max(1, few.count))
        }
        return share(scan.part.index, pose, scan.eye, view.surface, view.sites)
            + share(view.surface.index, pose.inverse, view.eye, scan.surface, scan.sites)
    }

    /// - Parameter fits: of the scan on the views; each is made finer here, since a part is never quite the shape of another.
    func measure(_ scan: PartialScan, _ fits: [Fit]) -> PartialMeasurement {
        let part = scan.part
        var measurement = PartialMeasurement(
            deviations: [Float](repeating: 0, count: part.points.count),
            isJudged: [Bool](repeating: false, count: part.points.count),
            weights: ScanBorder.weights(part.index, workers: workers), gaps: [], places: [])
        for fit in fits {
            let view = views[fit.view]
            let own = OverlapRegistration.refined(
                scan, to: view.surface, from: fit.pose.transform, diagonal: diagonal, workers: workers)
            let moved = own.transform.apply(part.points)
            let projection = view.surface.project(moved, workers: workers)
            var isCovered = [Bool](repeating: false, count: moved.count)
            for i in moved.indices where projection.sites[i] >= 0 {
                let site = Int(projection.sites[i])
                let offset = moved[i] - view.surface.points[site]
                let height = (offset * view.surface.normals[site]).sum()
                let beside = max(0, (offset * offset).sum() - height * height).squareRoot()
                isCovered[i] =
                    beside <= Self.lateral * spacing && abs(height) <= Self.reach * diagonal
                    && view.weights[site] > 0
            }
            for i in moved.indices where isCovered[i] {
                var sum: Float = 0, count: Float = 0
                for neighbor in part.neighbors.neighbors(of: i).prefix(Self.smoothing) where isCovered[Int(neighbor)] {
                    sum += projection.values[Int(neighbor)]
                    count += 1
                }
                let mean = sum / count
                // Each view is a good one: a point that lies on any of them lies on the surface.
                if !measurement.isJudged[i] || abs(mean) < abs(measurement.deviations[i]) {
                    measurement.deviations[i] = mean
                    measurement.isJudged[i] = true
                }
            }
            measurement.gaps += ViewGaps.measure(
                part.index, at: own.transform, from: scan.eye, surface: view.surface, occluders: view.surface.points,
                sites: view.sites, workers: workers)
            let back = own.transform.inverse
            measurement.places += view.sites.map { back.apply(view.surface.points[Int($0)]) }
        }
        return measurement
    }
}

/// What was measured on one scan from one side.
struct PartialMeasurement: Sendable {
    /// Signed distance to the nearest of the views that cover the point, mm; 0 where none does. Shape [N].
    var deviations: [Float]
    /// Whether a view covers the point: what the taught scans never saw is not judged. Shape [N].
    var isJudged: [Bool]
    /// 0 on the scan's own borders. Shape [N].
    var weights: [Float]
    /// How far each site of each fitting view is from the scan where the sensor must have seen it, in units of what a good
    /// scan leaves open; 0 elsewhere. Shape [S].
    var gaps: [Float]
    /// The sites in the scan's frame, mm. Shape [S].
    var places: [SIMD3<Float>]

    var judgedShare: Double { Double(isJudged.count { $0 }) / Double(max(1, isJudged.count)) }

    /// Deviations in units of the good parts' spread where judged, 0 elsewhere and on borders. Shape [N].
    func map(_ statistics: PlaceStatistics, workers: Workers) -> [Float] {
        let standardized = statistics.standardized(
            deviations, at: [SIMD3<Float>](repeating: .zero, count: deviations.count), workers: workers)
        return standardized.indices.map { isJudged[$0] ? abs(standardized[$0]) * weights[$0] : 0 }
    }

    /// The widest gap but for the few that chance leaves.
    var widestGap: Float { gaps.sorted(by: >).dropFirst(Self.chanceGaps).first ?? 0 }
    private static let chanceGaps = 8
}
