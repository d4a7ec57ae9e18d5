public import ParallelLoops

/// Looks for a better pose among the turns of one that nearly fits: a gear that is a tooth off, a cup whose handle points
/// elsewhere, a plate upside down.
///
/// The pose is turned about the target's principal axes in small steps; the turns that lie best are settled by ICP. What
/// `GlobalRegistration` tries of symmetries are the simple fractions of a turn; here no order of symmetry is supposed.
public struct TurnSearch: Sendable {
    /// Degrees between two turns: ICP finds the rest.
    public var step = 5.0
    /// Turns that ICP settles, at most.
    public var settled = 5
    /// Source points that turns are judged by, and that ICP uses.
    public var judgedPoints = 400, settledPoints = 1200
    /// Threads; the result does not depend on them.
    public var workers = Workers.all

    private let target: PoseTarget
    private let centroid: SIMD3<Double>
    private let axes: [SIMD3<Double>]
    /// Beyond this a point counts as lying nowhere, mm: for turns, and for settled poses.
    private let coarseDistance: Float
    private let distance: Float

    /// - Parameters:
    ///   - normals: unit, of either sign. Shape [N].
    ///   - distance: how near a point of a well-placed good part lies at most, mm; three or four of its root mean square.
    ///   - coarseDistance: the same before ICP, mm; a few spacings of a part.
    public init(target: NeighborIndex, normals: [SIMD3<Float>], distance: Float, coarseDistance: Float, workers: Workers) {
        self.workers = workers
        self.target = PoseTarget(index: target, normals: normals, workers: workers)
        self.distance = distance
        self.coarseDistance = coarseDistance
        let sample = target.sampleAlongCurve(2000)
        var sum = SIMD3<Double>.zero
        for point in sample { sum += SIMD3<Double>(point) }
        let middle = sum / Double(max(1, sample.count))
        var covariance = [Double](repeating: 0, count: 9)
        for point in sample {
            let d = SIMD3<Double>(point) - middle
            for i in 0..<3 {
                for j in 0..<3 { covariance[3 * i + j] += d[i] * d[j] }
            }
        }
        centroid = middle
        axes = JacobiEigen(covariance, size: 3).vectors.map { SIMD3($0[0], $0[1], $0[2]) }
    }

    /// Mean over the part's points of the squared distance to the surface in units of `distance`, 1 where it is beyond:
    /// 0 is perfect, 1 hopeless. What good parts have tells what to expect.
    public func cost(_ source: NeighborIndex, _ transform: RigidTransform, within other: Float? = nil) -> Double {
        target.fit(source.sampleAlongCurve(settledPoints), transform, within: other ?? distance).cost
    }

    /// - Returns: poses that differ, settled, by ascending cost; `initial`, settled, among them.
    /// - Complexity: 3 x 360 / `step` times `judgedPoints` nearest neighbours, and ICP for the settled ones.
    public func candidates(_ source: NeighborIndex, from initial: RigidTransform) -> [(transform: RigidTransform, cost: Double)] {
        let judged = source.sampleAlongCurve(judgedPoints), used = source.sampleAlongCurve(settledPoints)
        let steps = max(1, Int(360 / step))
        var starts: [(transform: RigidTransform, cost: Double)] = []
        for axis in axes {
            let turns = (0..<steps).map { number in
                let turn = RigidTransform(axis: axis, degrees: Double(number) * step)
                return RigidTransform(rotation: turn.rotation, translation: centroid - turn.rotation * centroid) * initial
            }
            let costs = turns.map { target.fit(judged, $0, within: coarseDistance).cost }
            // The least of each valley.
            for number in 1..<steps
            where costs[number] <= costs[number - 1] && costs[number] < costs[(number + 1) % steps] {
                starts.append((turns[number], costs[number]))
            }
        }
        let chosen = starts.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
            .prefix(settled).map(\.element.transform)
        return ([initial] + chosen).map { start in
            let transform = target.refined(used, from: start, reach: coarseDistance, final: max(distance, coarseDistance / 2))
            return (transform, target.fit(used, transform, within: distance).cost)
        }.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }.map(\.element)
    }
}
