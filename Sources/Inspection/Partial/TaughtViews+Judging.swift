import ParallelLoops
import PointClouds

extension TaughtViews {
    /// How well a pose agrees with all that the views of a group say.
    struct Judgement: Sendable {
        let fit: OverlapFit
        /// Share of a view that the scan's sensor must have seen and did not; the sum over the views. 0 where no sensor is known.
        var lacking = 0.0
        /// Share of the scan that a view's sensor must have seen and did not; the sum over the views.
        var excess = 0.0
        var unseen: Double { lacking + excess }

        /// Poses are chosen by the least. Surface that one sensor should have seen and did not speaks more than how much lies on
        /// each other: a part that nearly turns into itself lies well in every turn. What is wrong with the part itself is
        /// wrong in all poses alike.
        var cost: Double {
            -fit.score + Self.unseenWeight * unseen + Self.worstWeight * Double(min(fit.worst, Self.worstLimit))
        }
        private static let unseenWeight = 25.0, worstWeight = 0.15
        private static let worstLimit: Float = 3

        /// Nothing contradicts it and most lies on what is known: no other pose is looked for.
        var isCertain: Bool { fit.lying >= 0.8 && unseen <= 0.001 && fit.worst <= 0.45 }
    }

    /// Of what lies on the views this share faces as they do, and what lies beside is this share of it at most: less where nothing
    /// is known of the sensors.
    private static let leastAgreement = 0.93, mostConflict = 0.4, mostConflictUnseen = 0.12

    /// By view. A large piece may have broken off; hardly anything grows that large.
    private static let mostLacking = 0.02, mostExcess = 0.005

    /// Whether enough of a scan lies on the views, and little beside.
    func isBelieved(_ fit: OverlapFit, of scan: SeenSide, on group: [Int]) -> Bool {
        let isSeen = scan.sensor != nil && group.contains { views[$0].sensor != nil }
        return fit.lying >= Self.leastOverlap && fit.agreement > Self.leastAgreement
            && fit.conflicting <= (isSeen ? Self.mostConflict : Self.mostConflictUnseen) * fit.lying
    }

    /// How a scan lies on the views of a group.
    ///
    /// - Parameter pose: to the group's frame.
    func fit(of scan: SeenSide, at pose: RigidTransform, on group: [Int]) -> OverlapFit {
        OverlapFit(
            group.map { view in
                OverlapPoints(
                    of: scan, at: joints.frames[view].inverse * pose, on: views[view], diagonal: diagonal,
                    workers: workers)
            }, neighbors: scan.sampleNeighbors)
    }

    /// - Returns: `nil` for a pose that is not believed.
    /// - Complexity: about 10 ms for each view.
    func judged(_ fit: OverlapFit, of scan: SeenSide, at pose: RigidTransform, on group: [Int]) -> Judgement? {
        guard isBelieved(fit, of: scan, on: group) else { return nil }
        var judgement = Judgement(fit: fit)
        guard scan.sensor != nil else { return judgement }
        // In the scan's frame all views may stand before a site of one of them.
        let known = group.map { view in
            DepthPicture(
                (pose.inverse * joints.frames[view]).apply(views[view].sample), from: scan.eye, workers: workers)
        }
        for view in group where views[view].sensor != nil {
            let side = views[view], placed = joints.frames[view].inverse * pose
            let own = DepthPicture(placed.apply(scan.sample), from: side.eye, workers: workers)
            judgement.lacking += unseen(
                of: side, sites: side.sparseSites, in: scan, at: placed.inverse, behind: known)
            judgement.excess += unseen(
                of: scan, sites: scan.sparseSites, in: side, at: placed, behind: [own])
        }
        let count = Double(group.count)
        return judgement.lacking <= Self.mostLacking * count && judgement.excess <= Self.mostExcess * count
            ? judgement : nil
    }
}
