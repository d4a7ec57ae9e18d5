import ParallelLoops
import PointClouds

/// What the taught views say of a part's surface: each view's own surface in the common frame, and where it is to be
/// believed.
struct TaughtViews: Sendable {
    struct View: Sendable {
        let surface: ReferenceSurface
        /// 0 on the view's borders.
        let weights: [Float]
    }

    let views: [View]
    /// All views side by side.
    let joint: ReferenceSurface
    let diagonal: Float
    let registration: OverlapRegistration
    let workers: Workers

    /// How far over or under a view's surface a point is still measured against it, as a share of the diagonal: beyond lies
    /// other surface, which nobody taught.
    private static let reach: Float = 0.03
    /// How far beside a surface point its plane counts, in spacings.
    private static let lateral: Float = 1.5
    /// Points (the point included) over which a distance is averaged.
    private static let smoothing = 16
    /// A view is measured against where at least this share of the scan lies on it.
    private static let leastOverlap = 0.06

    /// - Parameter members: for each point of `joint` its view.
    init(_ joint: ReferenceSurface, members: [Int32], workers: Workers) {
        self.joint = joint
        self.workers = workers
        diagonal = joint.diagonal
        registration = OverlapRegistration(to: joint, diagonal: diagonal, workers: workers)
        var places: [[Int]] = []
        for (point, view) in members.enumerated() {
            while places.count <= Int(view) { places.append([]) }
            places[Int(view)].append(point)
        }
        views = places.filter { !$0.isEmpty }.map { rows in
            let surface = ReferenceSurface(
                points: rows.map { joint.points[$0] }, normals: rows.map { joint.normals[$0] }, spacing: joint.spacing)
            return View(surface: surface, weights: ScanBorder.weights(surface.index, workers: workers))
        }
    }

    /// - Parameters:
    ///   - pose: from the scan's frame to the common one; each view is fitted anew from there, since a part is never quite
    ///     the shape of another.
    ///   - excluded: a view that is not looked at.
    ///   - sites: surface points at which missing surface is looked for.
    func measure(
        _ scan: PartialScan, at pose: RigidTransform, excluding excluded: Int? = nil, sites: [Int32] = []
    ) -> PartialMeasurement {
        let part = scan.part
        var measurement = PartialMeasurement(
            aligned: pose.apply(part.points), deviations: [Float](repeating: 0, count: part.points.count),
            isJudged: [Bool](repeating: false, count: part.points.count),
            weights: ScanBorder.weights(part.index, workers: workers), gaps: [])
        for (number, view) in views.enumerated() where number != excluded {
            let own = OverlapRegistration.refined(
                scan, to: view.surface, from: pose, diagonal: diagonal, workers: workers)
            guard own.fit.lying >= Self.leastOverlap else { continue }
            let isNear = scan.sample.allSatisfy {
                (own.transform.apply($0) - pose.apply($0)).norm <= 0.02 * diagonal
            }
            let moved = isNear ? own.transform.apply(part.points) : measurement.aligned
            let projection = view.surface.project(moved, workers: workers)
            var isCovered = [Bool](repeating: false, count: moved.count)
            for i in moved.indices where projection.sites[i] >= 0 {
                let site = Int(projection.sites[i])
                let offset = moved[i] - view.surface.points[site]
                let height = (offset * view.surface.normals[site]).sum()
                let beside = max(0, (offset * offset).sum() - height * height).squareRoot()
                isCovered[i] =
                    beside <= Self.lateral * joint.spacing && abs(height) <= Self.reach * diagonal
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
        }
        if !sites.isEmpty {
            measurement.gaps = ViewGaps.measure(
                measurement.aligned, along: pose.rotate(scan.sensor),
                surface: joint, sites: sites, diagonal: diagonal, workers: workers)
        }
        return measurement
    }
}

/// What was measured on one scan from one side.
struct PartialMeasurement: Sendable {
    /// Points in the common frame, mm. Shape [N].
    var aligned: [SIMD3<Float>]
    /// Signed distance to the nearest of the views that cover the point, mm; 0 where none does. Shape [N].
    var deviations: [Float]
    /// Whether a view covers the point: what the taught scans never saw is not judged. Shape [N].
    var isJudged: [Bool]
    /// 0 on the scan's own borders. Shape [N].
    var weights: [Float]
    /// How far each site is from the scan where the sensor must have seen it, mm; 0 elsewhere. Shape [S], or empty.
    var gaps: [Float]

    var judgedShare: Double { Double(isJudged.count { $0 }) / Double(max(1, isJudged.count)) }

    /// Deviations in units of the good parts' spread where judged, 0 elsewhere and on borders. Shape [N].
    func map(_ statistics: PlaceStatistics, workers: Workers) -> [Float] {
        let standardized = statistics.standardized(deviations, at: aligned, workers: workers)
        return standardized.indices.map { isJudged[$0] ? abs(standardized[$0]) * weights[$0] : 0 }
    }
}
