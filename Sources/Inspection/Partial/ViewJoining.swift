import PointClouds

/// Lays the taught views side by side in one frame, for people to look at: nothing is measured there.
///
/// From the view that the others agree with best a tree grows by the placement that lays most of a view on another. A view that
/// none confirms stays as it came. Placements of two views on each other that say the same go before those that only one side found.
struct ViewJoining: Sendable {
    /// From each view's frame to the common one.
    let poses: [RigidTransform]
    /// Views that are placed on no other, and on which no other is placed.
    let unconfirmed: [Int]

    /// - Parameter placements: of each view on the others.
    init(_ placements: [[TaughtViews.Placement]]) {
        let views = placements.indices
        var edges: [(from: Int, to: Int, pose: RigidTransform, score: Double)] = []
        for from in views {
            for placement in placements[from] {
                let isMutual = placements[placement.view].contains { $0.view == from }
                let score = placement.fit.score + (isMutual ? 1 : 0)
                edges.append((from, placement.view, placement.pose, score))
                edges.append((placement.view, from, placement.pose.inverse, score))
            }
        }
        func agreement(_ view: Int) -> Double { edges.filter { $0.to == view }.reduce(0) { $0 + $1.score } }
        var found = [RigidTransform?](repeating: nil, count: placements.count)
        if let root = views.max(by: { (agreement($0), $1) < (agreement($1), $0) }) { found[root] = .identity }
        while let next = edges.filter({ found[$0.from] == nil && found[$0.to] != nil }).max(by: {
            ($0.score, $1.from, $1.to) < ($1.score, $0.from, $0.to)
        }) {
            found[next.from] = (found[next.to] ?? .identity) * next.pose
        }
        poses = found.map { $0 ?? .identity }
        unconfirmed = views.filter { view in !edges.contains { $0.from == view } }
    }

    /// Without the placements of two views on each other that contradict one another: one of them is wrong, and nobody knows which.
    ///
    /// - Parameter middles: of each view, in its own frame.
    /// - Parameter distance: within which two poses say the same, mm at a view's middle.
    static func agreeing(
        _ placements: [[TaughtViews.Placement]], middles: [SIMD3<Double>], distance: Double
    ) -> [[TaughtViews.Placement]] {
        placements.enumerated().map { view, placed in
            placed.filter { placement in
                guard let back = placements[placement.view].first(where: { $0.view == view }) else { return true }
                let loop = back.pose * placement.pose
                let shift = loop.apply(middles[view]) - middles[view]
                return loop.angle < largestAngle && (shift * shift).sum().squareRoot() < distance
            }
        }
    }
    /// Degrees within which two poses say the same.
    private static let largestAngle = 3.0
}
