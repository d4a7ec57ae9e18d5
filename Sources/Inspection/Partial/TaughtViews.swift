import ParallelLoops
import PointClouds

/// The taught views of a part. Scans are measured against each view by itself, since a part is never quite the shape of another;
/// where the views lie beside one another tells a pose from one in which the part only looks alike.
struct TaughtViews: Sendable {
    let views: [SeenSide]
    let joints: ViewJoints
    let diagonal: Float
    let workers: Workers
    let registrations: [OverlapRegistration]

    /// Of each search, how many poses are kept.
    private static let candidates = 6
    /// Of a part that nearly turns into itself: how many are looked at, and how many are fitted.
    private static let turns = 72, fittedTurns = 8
    /// A pose is believed where at least this share of the scan lies on the views.
    static let leastOverlap = 0.2
    /// How far from its start a pose is looked for, as a share of the diagonal.
    private static let startReach: Float = 0.02, turnReach: Float = 0.06

    /// Where a scan lies in the frame of a view.
    struct Placement: Sendable {
        let view: Int
        /// From the scan's frame to the view's.
        let pose: RigidTransform
        let fit: OverlapFit
    }

    /// - Parameter joints: how the views lie to one another; without it each stands by itself.
    init(_ views: [SeenSide], joints: ViewJoints? = nil, workers: Workers) {
        self.views = views
        self.workers = workers
        self.joints = joints ?? ViewJoints(apart: views.count)
        let diagonal = views.map(\.diagonal).max() ?? 0
        self.diagonal = diagonal
        registrations = views.map { OverlapRegistration(to: $0, diagonal: diagonal, workers: workers) }
    }

    /// The same views, with what is known of how they lie to one another.
    init(_ other: TaughtViews, joints: ViewJoints) {
        (views, diagonal, workers, registrations) = (other.views, other.diagonal, other.workers, other.registrations)
        self.joints = joints
    }

    /// Rough poses of a scan on one view that may be right.
    ///
    /// - Complexity: a global registration for each seed, about 0.1 s each, and two dozen ICPs of a few points.
    func searched(_ scan: PartialScan, on view: Int, seeds: Range<UInt64>) -> [RigidTransform] {
        let registration = registrations[view], side = views[view]
        let poses = registration.poses(
            of: scan.side, points: scan.part.points, seeds: seeds, count: Self.candidates)
        guard let best = poses.first, best.fit.lying >= Self.leastOverlap, let axis = registration.axis else {
            return poses.map(\.transform)
        }
        // A part that nearly turns into itself looks alike from all sides, and most of it lies on a view where it looks so, not
        // where it belongs: those of its turns are fitted that leave the least unseen.
        let turned = (1..<Self.turns).map { step -> (pose: RigidTransform, unseen: Double) in
            let turned = axis.turn(degrees: 360 * Double(step) / Double(Self.turns)) * best.transform
            return (
                turned,
                roughlyUnseen(of: side, in: scan.side, at: turned.inverse)
                    + roughlyUnseen(of: scan.side, in: side, at: turned)
            )
        }
        let rough = turned.sorted { $0.unseen < $1.unseen }.prefix(Self.fittedTurns)
            .map { registration.roughly(scan.side, from: $0.pose, reach: Self.turnReach * diagonal) }
        return poses.map(\.transform) + rough
    }

    /// The pose near by in which a scan fits a view best; `nil` where it leads away.
    func settled(_ scan: PartialScan, from start: RigidTransform, on view: Int) -> OverlapRegistration.Pose? {
        let registration = registrations[view]
        let rough = registration.roughly(scan.side, from: start, reach: Self.startReach * diagonal)
        let pose = registration.settled(scan.side, from: rough)
        return scan.side.isSame(pose.transform, start, within: Self.same * diagonal) ? pose : nil
    }

    /// How far a fit may lead away, as a share of the diagonal.
    private static let same: Float = 0.03

    /// `unseen` by a few sites: enough to tell turns apart.
    private func roughlyUnseen(of side: SeenSide, in other: SeenSide, at pose: RigidTransform) -> Double {
        let own = DepthPicture(pose.apply(side.sparseSample), from: other.eye, workers: workers)
        return unseen(of: side, sites: side.fewSites, in: other, at: pose, behind: [own])
    }

    /// Share of a side's sites that another's sensor must have seen and did not.
    ///
    /// - Parameter others: what may stand before them, as the other's sensor sees it.
    func unseen(
        of side: SeenSide, sites: [Int32], in other: SeenSide, at pose: RigidTransform, behind others: [DepthPicture]
    ) -> Double {
        ViewGaps.unseenShare(
            ViewGaps.measure(
                of: side, sites: sites, at: pose, in: other, reach: ViewGaps.unseen + 1, occluders: others,
                workers: workers))
    }

    /// How known sides would look from an eye.
    func pictures(_ sides: [SeenSide], at poses: [RigidTransform], from eye: SIMD3<Float>) -> [DepthPicture] {
        zip(sides, poses).map { DepthPicture($1.apply($0.surface.points), from: eye, workers: workers) }
    }
}
