import PointClouds

extension TaughtViews {
    /// Of a search's poses, how many are judged by what is unseen in them.
    private static let judged = 8

    /// The views on which a scan was placed, the one on which most of it lies first.
    ///
    /// In each group of views a pose is looked for on one after another, until one is certain; the one that agrees best with
    /// all views of the group is fitted to each of them.
    ///
    /// - Complexity: for each view on which a pose is looked for about 0.3 s.
    func placements(of scan: PartialScan) -> [Placement] {
        joints.groups.flatMap { group -> [Placement] in
            guard let pose = pose(of: scan, on: group) else { return [] }
            return placed(scan, at: pose, on: group)
        }.sorted { ($1.fit.score, $0.view) < ($0.fit.score, $1.view) }
    }

    /// A scan whose pose is known, on each view with which it shares enough.
    ///
    /// - Parameter pose: to the frame of the group.
    func placed(_ scan: PartialScan, at pose: RigidTransform, on group: [Int]) -> [Placement] {
        group.compactMap { view in
            let start = joints.frames[view].inverse * pose, registration = registrations[view]
            guard let settled = settled(scan, from: start, on: view), isBelieved(settled.fit, of: scan.side, on: [view])
            else { return nil }
            // A small overlap may slide away from where all views together say that it is.
            let fits = [
                registration.refined(scan, from: settled.transform), settled,
                registration.unmoved(scan.side, at: start),
            ]
            let most = fits.map(\.fit.score).max() ?? 0
            let best = fits.filter { $0.fit.score >= most - Self.loss }.min { $0.fit.worst < $1.fit.worst }
            return best.map { Placement(view: view, pose: $0.transform, fit: $0.fit) }
        }
    }
    /// Of the score: fits that differ by less lie on the view alike.
    private static let loss = 0.03

    /// The pose that agrees best with the views of a group.
    private func pose(of scan: PartialScan, on group: [Int]) -> RigidTransform? {
        var known: [RigidTransform] = []
        var best: (pose: RigidTransform, judgement: Judgement)?
        for seeds in [1..<2, 2..<4] as [Range<UInt64>] {
            for view in group {
                let fresh = searched(scan, on: view, seeds: seeds).map { joints.frames[view] * $0 }
                    .filter { pose in
                        !known.contains { scan.side.isSame($0, pose, within: OverlapRegistration.one * diagonal) }
                    }
                known += fresh
                for (pose, judgement) in judged(scan, at: fresh, on: group)
                where judgement.cost < best?.judgement.cost ?? .infinity {
                    best = (pose, judgement)
                }
                if best?.judgement.isCertain == true { return best?.pose }
            }
            if let best { return best.pose }
        }
        return nil
    }

    /// The poses that are believed and fit best, judged.
    func judged(
        _ scan: PartialScan, at poses: [RigidTransform], on group: [Int]
    ) -> [(pose: RigidTransform, judgement: Judgement)] {
        let fitted = poses.map {
            OverlapRegistration.Pose(transform: $0, fit: fit(of: scan.side, at: $0, on: group))
        }
        return OverlapRegistration.ordered(fitted).prefix(Self.judged).compactMap { pose in
            judged(pose.fit, of: scan.side, at: pose.transform, on: group).map { (pose.transform, $0) }
        }
    }
}
