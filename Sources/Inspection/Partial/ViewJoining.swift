import PointClouds

/// Finds how the taught views lie to one another.
///
/// A group begins with the two views of which a pose on each other agrees best. It grows by the view and pose that agree best
/// with all views that are in it: so two views that only look alike in a pose are found out by a third. What agrees with none begins
/// a group of its own.
struct ViewJoining {
    private let scans: [PartialScan]
    private let views: TaughtViews
    /// Poses of one view in the frame of another.
    private var edges: [Edge] = []

    private struct Edge {
        let from: Int
        let to: Int
        let pose: RigidTransform
        let cost: Double
    }

    /// Of a view on another, how many poses are kept.
    private static let kept = 8
    /// Good parts hardly lack surface of one another: by view of the group, share of the sites.
    private static let mostUnseen = 0.01
    /// Views overlap little, so that a search may miss where a scan from between would not.
    private static let seeds: Range<UInt64> = 1..<3

    /// - Complexity: V (V - 1) searches of about 0.3 s.
    init(_ scans: [PartialScan], on views: TaughtViews, progress: (_ view: Int, _ lying: Double) -> Void) {
        self.scans = scans
        self.views = views
        for (from, scan) in scans.enumerated() {
            var lying = 0.0
            for to in scans.indices where to != from {
                let judged = views.judged(scan, at: views.searched(scan, on: to, seeds: Self.seeds), on: [to])
                    .filter { $0.judgement.unseen <= Self.mostUnseen }
                    .sorted { $0.judgement.cost < $1.judgement.cost }.prefix(Self.kept)
                for (rough, judgement) in judged {
                    let pose = views.registrations[to].settled(scan.side, from: rough).transform
                    edges.append(Edge(from: from, to: to, pose: pose, cost: judgement.cost))
                    edges.append(Edge(from: to, to: from, pose: pose.inverse, cost: judgement.cost))
                }
                lying = max(lying, judged.first?.judgement.fit.lying ?? 0)
            }
            progress(from, lying)
        }
    }

    func joints() -> ViewJoints {
        var frames = [RigidTransform](repeating: .identity, count: scans.count)
        var left = Set(scans.indices), groups: [[Int]] = []
        while let first = edges.filter({ left.contains($0.from) && left.contains($0.to) })
            .min(by: { ($0.cost, $0.from, $0.to) < ($1.cost, $1.from, $1.to) })
        {
            var group = [first.to]
            left.remove(first.to)
            while let (view, pose) = next(to: group, of: left, frames) {
                frames[view] = pose
                group.append(view)
                left.remove(view)
            }
            groups.append(group)
        }
        return ViewJoints(frames: frames, groups: groups + left.sorted().map { [$0] })
    }

    /// The view that agrees best with a group, and its pose there.
    private func next(
        to group: [Int], of left: Set<Int>, _ frames: [RigidTransform]
    ) -> (view: Int, pose: RigidTransform)? {
        let joined = TaughtViews(views, joints: ViewJoints(frames: frames, groups: [group]))
        var best: (view: Int, pose: RigidTransform, cost: Double)?
        for view in left.sorted() {
            var known: [RigidTransform] = []
            for edge in edges where edge.from == view && group.contains(edge.to) {
                let pose = frames[edge.to] * edge.pose, scan = scans[view]
                let distance = OverlapRegistration.one * views.diagonal
                guard !known.contains(where: { scan.side.isSame($0, pose, within: distance) }) else { continue }
                known.append(pose)
                guard let judgement = joined.judged(scan, at: [pose], on: group).first?.judgement,
                    judgement.unseen <= Self.mostUnseen * Double(group.count),
                    judgement.cost < best?.cost ?? .infinity
                else { continue }
                best = (view, pose, judgement.cost)
            }
        }
        return best.map { ($0.view, $0.pose) }
    }
}
