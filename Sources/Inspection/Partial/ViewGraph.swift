import ParallelLoops
import PointClouds

/// Joins scans from several sides into one frame through their overlaps.
///
/// Every pair of views is registered; starting from the view that agrees best with the others, the one that lies best on
/// what is joined so far is added, from any of its pairs' poses (a maximum spanning tree whose edges are looked at again
/// on the joined surface). At the end each view is fitted to all others in turn, a few times over.
struct ViewGraph: Sendable {
    /// From each view's frame to the common one, that of `root`; `nil` for a view that does not join.
    private(set) var poses: [RigidTransform?]
    /// What each view shares with the others in the end.
    private(set) var fits: [OverlapFit]
    private(set) var root: Int

    var joined: [Int] { poses.indices.filter { poses[$0] != nil } }

    /// A view joins where at least this share of it lies on the others ...
    static let leastOverlap = 0.12
    /// ... and no larger share than that beside them.
    private static let mostConflict = 0.6
    private static let candidatesOfPair = 6, rounds = 3
    /// In spacings: how densely unseen surface is looked for, and how far from the scan it counts.
    private static let siteSize: Float = 3, leastGap: Float = 6

    /// - Complexity: O(V^2) registrations of V views, each about 0.2 s.
    init(_ views: [PartialScan], spacing: Float, workers: Workers, progress: (Int, OverlapFit) -> Void) {
        let diagonal = views.map(\.surface.diagonal).max() ?? 0
        let registrations = views.map { OverlapRegistration(to: $0.surface, diagonal: diagonal, workers: workers) }
        var pairs: [[[OverlapRegistration.Pose]]] = views.map { _ in views.map { _ in [] } }
        for target in views.indices {
            for source in views.indices where source != target {
                pairs[source][target] = Array(
                    registrations[target].poses(of: views[source], seeds: 1..<3).prefix(Self.candidatesOfPair))
            }
            progress(target, pairs.compactMap { $0[target].first?.fit }.max { $0.score < $1.score } ?? OverlapFit())
        }
        func agreement(_ view: Int) -> Double {
            views.indices.reduce(0) { $0 + max(0, pairs[$1][view].first?.fit.score ?? 0) }
        }
        root = views.indices.max { (agreement($0), $1) < (agreement($1), $0) } ?? 0
        poses = views.map { _ in nil }
        fits = views.map { _ in OverlapFit() }
        poses[root] = .identity
        while joined.count < views.count {
            let known = joined
            let surface = ReferenceSurface(
                joining: known.map { (views[$0].surface, poses[$0] ?? .identity) }, spacing: spacing)
            let registration = OverlapRegistration(to: surface, diagonal: diagonal, workers: workers)
            var best: (view: Int, pose: OverlapRegistration.Pose, score: Double)?
            for view in views.indices where poses[view] == nil {
                for other in known {
                    guard let frame = poses[other] else { continue }
                    // The pair was registered in both directions: the other one turned about is a start as well.
                    let starts =
                        pairs[view][other].map { frame * $0.transform }
                        + pairs[other][view].map { frame * $0.transform.inverse }
                    for start in starts {
                        let pose = registration.settled(views[view], from: start, reach: 0.01 * diagonal)
                        guard pose.fit.score > best?.score ?? 0 else { continue }
                        let unseen = Self.unseen(
                            views, view, at: pose.transform, known: known.map { ($0, poses[$0] ?? .identity) },
                            on: surface, diagonal: diagonal, workers: workers)
                        let score = pose.fit.score - unseen
                        if score > best?.score ?? 0 { best = (view, pose, score) }
                    }
                }
            }
            guard let found = best, Self.joins(found.pose.fit) else { break }
            poses[found.view] = found.pose.transform
            fits[found.view] = found.pose.fit
        }
        refine(views, spacing: spacing, diagonal: diagonal, workers: workers)
    }

    /// Fits each view to all others, a few times over.
    private mutating func refine(_ views: [PartialScan], spacing: Float, diagonal: Float, workers: Workers) {
        for _ in 0..<Self.rounds where joined.count > 1 {
            for view in joined where view != root {
                guard let pose = poses[view] else { continue }
                let others = joined.filter { $0 != view }.map { (views[$0].surface, poses[$0] ?? .identity) }
                let registration = OverlapRegistration(
                    to: ReferenceSurface(joining: others, spacing: spacing), diagonal: diagonal, workers: workers)
                let refined = registration.refined(views[view], from: pose)
                if refined.fit.score >= fits[view].score - 0.02 {
                    poses[view] = refined.transform
                    fits[view] = refined.fit
                }
            }
        }
    }

    /// Share of surface that a sensor must have seen and did not: of the known one by the new view, and of the new view's by
    /// the known ones. A pose that is right by its overlap alone, since the part looks alike there, is told by what is
    /// missing elsewhere.
    private static func unseen(
        _ views: [PartialScan], _ view: Int, at pose: RigidTransform, known: [(view: Int, pose: RigidTransform)],
        on surface: ReferenceSurface, diagonal: Float, workers: Workers
    ) -> Double {
        func share(_ scan: PartialScan, _ pose: RigidTransform, _ surface: ReferenceSurface) -> Double {
            let sites = VoxelSampling.representatives(surface.points, size: siteSize * surface.spacing)
            let gaps = ViewGaps.measure(
                pose.apply(scan.surface.points), along: pose.rotate(scan.sensor), surface: surface, sites: sites,
                diagonal: diagonal, isSigned: true, workers: workers)
            return Double(gaps.count { $0 > leastGap * surface.spacing }) / Double(max(1, sites.count))
        }
        let own = ReferenceSurface(joining: [(views[view].surface, pose)], spacing: surface.spacing)
        return share(views[view], pose, surface)
            + known.reduce(0) { $0 + share(views[$1.view], $1.pose, own) } / Double(known.count)
    }

    /// Views whose poses are known, such as from a turntable; only the last fits are made.
    init(_ views: [PartialScan], at known: [RigidTransform], spacing: Float, workers: Workers) {
        let diagonal = views.map(\.surface.diagonal).max() ?? 0
        root = 0
        poses = known
        fits = views.map { _ in OverlapFit() }
        refine(views, spacing: spacing, diagonal: diagonal, workers: workers)
    }

    static func joins(_ fit: OverlapFit) -> Bool {
        fit.lying >= leastOverlap && fit.conflicting <= mostConflict * fit.lying
    }
}
