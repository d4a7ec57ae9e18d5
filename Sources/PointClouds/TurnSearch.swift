public import ParallelLoops

/// Looks for a better pose among the turns of one that nearly fits: a gear that is a tooth off, a cup whose handle points
/// elsewhere, a plate upside down.
///
/// The pose is turned about the target's principal axes in small steps, each mended by a little ICP; those that lie best
/// are settled with more points. What `GlobalRegistration` tries of symmetries are the simple fractions of a turn; here no
/// order of symmetry is supposed.
public struct TurnSearch: Sendable {
    /// Degrees between two turns: ICP finds the rest.
    public var step = 15.0
    /// Turns that ICP settles with more points, at most.
    public var settled = 6
    /// Source points that turns are judged by, and that are settled.
    public var judgedPoints = 200, settledPoints = 1200
    /// Threads; the result does not depend on them.
    public var workers = Workers.all

    /// Iterations that mend a turn.
    private static let mending = 8
    let target: PoseTarget
    let centroid: SIMD3<Double>
    let axes: [SIMD3<Double>]
    /// Beyond this a point counts as lying nowhere, mm: for turns, and for settled poses.
    let coarseDistance: Float
    private let distance: Float

    /// - Parameters:
    ///   - normals: unit, of either sign. Shape [N].
    ///   - distance: how near to the tangent planes a point of a well-placed good part lies at most, mm; three or four of
    ///     its root mean square.
    ///   - coarseDistance: how near to a point of the target, mm; a few spacings of a part.
    public init(
        target: NeighborIndex, normals: [SIMD3<Float>], distance: Float, coarseDistance: Float, workers: Workers
    ) {
        self.workers = workers
        self.target = PoseTarget(index: target, normals: normals, workers: workers)
        self.distance = distance
        self.coarseDistance = coarseDistance
        let sample = target.sampleAlongCurve(2000)
        centroid = sample.centroid
        axes = sample.principalAxes(about: centroid)
    }

    /// Mean over the part's points of the squared distance to the tangent planes in units of `distance`, 1 where it is
    /// beyond: 0 is perfect, 1 hopeless. What good parts have tells what to expect.
    ///
    /// - Parameter points: how many of the part's; usually `settledPoints`.
    public func cost(
        _ source: NeighborIndex, _ transform: RigidTransform, within other: Float? = nil, points: Int? = nil
    ) -> Double {
        let sample = source.sampleAlongCurve(points ?? settledPoints)
        return target.fit(sample, transform, within: coarseDistance, plane: other ?? distance).cost
    }

    /// The same before a pose is settled: points that lie on the surface may be half of `coarseDistance` off it.
    func coarseCost(_ sample: [SIMD3<Float>], _ transform: RigidTransform) -> Double {
        target.fit(sample, transform, within: coarseDistance, plane: coarseDistance / 2).cost
    }

    /// A little ICP with a few points, and what the pose is then worth.
    func mended(_ judged: [SIMD3<Float>], from start: RigidTransform) -> (transform: RigidTransform, cost: Double) {
        let pose = target.refined(
            judged, from: start, reach: 4 * coarseDistance, final: coarseDistance, iterations: Self.mending)
        return (pose, coarseCost(judged, pose))
    }

    /// - Returns: poses that differ, settled, by ascending cost; `initial`, settled, among them.
    /// - Complexity: 3 x 360 / `step` times ICP of `judgedPoints`, 0.1 to 0.2 s on one thread, and of the settled ones.
    public func candidates(_ source: NeighborIndex, from initial: RigidTransform) -> [(
        transform: RigidTransform, cost: Double
    )] {
        let judged = source.sampleAlongCurve(judgedPoints), used = source.sampleAlongCurve(settledPoints)
        var starts: [(transform: RigidTransform, cost: Double)] = []
        for axis in axes {
            for number in 1..<max(2, Int(360 / step)) {
                let turned = RigidTransform(axis: axis, degrees: Double(number) * step, about: centroid) * initial
                // A handle moves centroid and axes away from those of the round body: a turn about them needs mending.
                starts.append(mended(judged, from: turned))
            }
        }
        let chosen = Self.byCost(starts).prefix(settled).map(\.transform)
        let poses = ([initial] + chosen).map { start in
            let transform = target.refined(
                used, from: start, reach: coarseDistance, final: max(distance, coarseDistance / 2))
            return (transform, target.fit(used, transform, within: coarseDistance, plane: distance).cost)
        }
        return Self.byCost(poses)
    }

    /// Ascending, of equal ones the earlier first.
    public static func byCost(
        _ poses: [(transform: RigidTransform, cost: Double)]
    ) -> [(transform: RigidTransform, cost: Double)] {
        poses.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }.map(\.element)
    }
}
