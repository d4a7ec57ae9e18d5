import ParallelLoops
import PointClouds

/// The taught views of a part, each by itself: scans are placed on and measured against every one of them, since a part is never
/// quite the shape of another, and no joint that could be wrong stands between.
struct TaughtViews: Sendable {
    let views: [SeenSide]
    let diagonal: Float
    let workers: Workers
    private let registrations: [OverlapRegistration]

    /// How many of a view's poses are looked at more closely.
    private static let candidates = 6
    /// Of a part that nearly turns into itself.
    private static let turns = 24
    /// A pose is believed where at least this share of the scan lies on the view ...
    static let leastOverlap = 0.2
    /// ... and at most this share of that much lies beside it: less where nothing is known of the sensors ...
    private static let mostConflict = 0.4, mostConflictUnseen = 0.12
    /// ... most of it faces the way the view does, and hardly anything is missing that a sensor must have seen.
    private static let leastAgreement = 0.93, mostUnseen = 0.004
    /// Up to here a pose is believed of a scan that has no better one: a large piece may have broken off.
    private static let mostLacking = 0.02
    /// Of two poses the one that leaves less unseen is believed, even where less of the scan lies on the view.
    private static let unseenWeight = 50.0, spotless = 0.0005

    /// Where a scan lies in the frame of a view.
    struct Placement: Sendable {
        let view: Int
        /// From the scan's frame to the model's.
        let pose: RigidTransform
        let fit: OverlapFit
        /// Whether the scan lacks hardly anything of the view that its sensor must have seen.
        var isWhole = true
    }

    init(_ views: [SeenSide], workers: Workers) {
        self.views = views
        self.workers = workers
        let diagonal = views.map(\.diagonal).max() ?? 0
        self.diagonal = diagonal
        registrations = views.map { OverlapRegistration(to: $0.surface, diagonal: diagonal, workers: workers) }
    }

    /// The views on which a scan was placed, the one on which most of it lies first.
    ///
    /// - Parameter excluded: a view that is not looked at.
    /// - Complexity: for each view one or two global registrations, each about 0.2 s, and a dozen ICPs.
    func placements(of scan: PartialScan, excluding excluded: Int? = nil) -> [Placement] {
        var found = views.indices.filter { $0 != excluded }.compactMap { placement(of: scan, on: $0, seeds: 1..<2) }
        if found.count(where: \.isWhole) < 2 {
            let missing = views.indices.filter { view in
                view != excluded && !found.contains { $0.view == view && $0.isWhole }
            }
            let again = missing.compactMap { placement(of: scan, on: $0, seeds: 2..<4) }
            found = found.filter { old in !again.contains { $0.view == old.view && $0.isWhole } }
            found += again.filter { new in !found.contains { $0.view == new.view } }
        }
        // What lacks much fits nowhere without a gap. Such poses count where there are no others: the gap is then the verdict.
        let whole = found.filter(\.isWhole)
        return (whole.isEmpty ? found : whole).sorted { ($1.fit.score, $0.view) < ($0.fit.score, $1.view) }
    }

    private func placement(of scan: PartialScan, on view: Int, seeds: Range<UInt64>) -> Placement? {
        let registration = registrations[view]
        let poses = registration.poses(of: scan.side, points: scan.part.points, seeds: seeds).prefix(Self.candidates)
        var best: (pose: OverlapRegistration.Pose, belief: Belief)?
        func consider(_ pose: OverlapRegistration.Pose) {
            guard let belief = belief(in: pose, of: scan.side, on: view),
                belief.score > best?.belief.score ?? -.infinity
            else { return }
            best = (pose, belief)
        }
        for pose in poses { consider(pose) }
        // A part that nearly turns into itself looks alike from all sides, and most of it lies on a view where it looks so, not
        // where it belongs: of its turns that one is looked for which leaves nothing unseen.
        if best?.belief.isSpotless != true, let pose = poses.first, pose.fit.lying >= Self.leastOverlap,
            let axis = views[view].axis
        {
            for step in 1..<Self.turns {
                let turned = axis.turn(degrees: 360 * Double(step) / Double(Self.turns)) * pose.transform
                guard unseen(of: views[view], in: scan.side, at: turned.inverse) <= Self.mostLacking,
                    unseen(of: scan.side, in: views[view], at: turned) <= 2 * Self.mostUnseen
                else { continue }
                consider(registration.settled(scan.side, from: turned, reach: 0.02 * diagonal))
            }
        }
        guard let (pose, belief) = best else { return nil }
        let refined = registration.refined(scan, from: pose.transform)
        let final = refined.fit.score >= pose.fit.score - 0.02 ? refined : pose
        return Placement(view: view, pose: final.transform, fit: final.fit, isWhole: belief.lacking <= Self.mostUnseen)
    }

    /// How far a pose is to be believed.
    private struct Belief {
        let score: Double
        /// Share of the view that the scan's sensor must have seen and did not.
        let lacking: Double
        /// Nothing is missing that a sensor must have seen.
        let isSpotless: Bool
    }

    /// - Returns: `nil` for a pose that is not believed.
    private func belief(in pose: OverlapRegistration.Pose, of scan: SeenSide, on view: Int) -> Belief? {
        let fit = pose.fit, side = views[view]
        let isSeen = scan.sensor != nil && side.sensor != nil
        guard fit.lying >= Self.leastOverlap, fit.agreement > Self.leastAgreement,
            fit.conflicting <= (isSeen ? Self.mostConflict : Self.mostConflictUnseen) * fit.lying
        else { return nil }
        guard isSeen else { return Belief(score: fit.score, lacking: 0, isSpotless: true) }
        let here = unseen(of: side, in: scan, at: pose.transform.inverse)
        guard here <= Self.mostLacking else { return nil }
        let there = unseen(of: scan, in: side, at: pose.transform)
        guard there <= Self.mostUnseen else { return nil }
        return Belief(
            score: fit.score - Self.unseenWeight * (here + there), lacking: here,
            isSpotless: here + there <= Self.spotless)
    }

    /// Share of a side that another's sensor must have seen and did not.
    private func unseen(of side: SeenSide, in other: SeenSide, at pose: RigidTransform) -> Double {
        let own = DepthPicture(pose.apply(side.sample), from: other.eye, workers: workers)
        return ViewGaps.unseenShare(
            ViewGaps.measure(
                of: side, sites: side.sparseSites, at: pose, in: other, reach: ViewGaps.unseen + 1, occluders: [own],
                workers: workers))
    }

    /// How known sides would look from an eye.
    func pictures(_ sides: [SeenSide], at poses: [RigidTransform], from eye: SIMD3<Float>) -> [DepthPicture] {
        zip(sides, poses).map { DepthPicture($1.apply($0.surface.points), from: eye, workers: workers) }
    }
}
