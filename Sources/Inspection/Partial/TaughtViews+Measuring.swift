import ParallelLoops
import PointClouds

extension TaughtViews {
    /// How far over or under a view's surface a point is still measured against it, as a share of the diagonal: beyond lies
    /// other surface, which nobody taught.
    private static let reach: Float = 0.03
    /// How far beside a surface point its plane counts, in spacings.
    private static let lateral: Float = 1.5
    /// Points (the point included) over which a distance is averaged.
    private static let smoothing = 16
    /// Cosine between the normals of a point and of what it is measured against, both towards their sensors: the other side of a
    /// wall is not what was seen.
    private static let leastCosine: Float = 0.4

    /// Holds a scan against the views on which it was placed.
    ///
    /// - Complexity: O(V N log M).
    func measure(_ scan: PartialScan, at placements: [Placement]) -> PartialMeasurement {
        let count = scan.part.points.count
        var measurement = PartialMeasurement(
            deviations: [Float](repeating: 0, count: count), isJudged: [Bool](repeating: false, count: count),
            weights: scan.weights, gaps: [])
        for placement in placements { measureSurface(scan, at: placement, &measurement) }
        let poses = placements.map { $0.pose.inverse }
        let sides = placements.map { views[$0.view] }
        let known = pictures(sides, at: poses, from: scan.side.eye)
        for (placement, pose) in zip(placements, poses) {
            let side = views[placement.view]
            let gaps = ViewGaps.measure(
                of: side, sites: side.sites, at: pose, in: scan.side, occluders: known,
                workers: workers)
            let others = placements.filter { $0.view != placement.view }
            for (slot, gap) in gaps.enumerated() where gap > 0 {
                let place = pose.apply(side.surface.points[Int(side.sites[slot])])
                // Another view that looked through this place says that nothing is to be there: one of the two is placed where the
                // part only looks alike.
                guard !others.contains(where: { ViewGaps.looksThrough(views[$0.view], at: $0.pose.apply(place)) })
                else {
                    continue
                }
                measurement.gaps.append(PartialMeasurement.Gap(place: place, width: gap))
            }
        }
        return measurement
    }

    private func measureSurface(_ scan: PartialScan, at placement: Placement, _ measurement: inout PartialMeasurement) {
        let side = views[placement.view], spacing = side.surface.spacing
        let moved = placement.pose.apply(scan.part.points)
        let projection = side.surface.project(moved, workers: workers)
        var isCovered = [Bool](repeating: false, count: moved.count)
        for i in moved.indices where projection.sites[i] >= 0 {
            let site = Int(projection.sites[i]), normal = side.surface.normals[site]
            let offset = moved[i] - side.surface.points[site]
            let height = (offset * normal).sum()
            let beside = max(0, (offset * offset).sum() - height * height).squareRoot()
            isCovered[i] =
                beside <= Self.lateral * spacing && abs(height) <= Self.reach * diagonal && side.weights[site] > 0
                && (placement.pose.rotate(scan.normals[i]) * normal).sum() >= Self.leastCosine
        }
        let neighbors = scan.part.neighbors
        for i in moved.indices where isCovered[i] {
            var sum: Float = 0, count: Float = 0
            for neighbor in neighbors.neighbors(of: i).prefix(Self.smoothing) where isCovered[Int(neighbor)] {
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
}
