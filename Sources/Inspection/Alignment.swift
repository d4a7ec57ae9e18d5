import ParallelLoops
import PointClouds

/// Brings an arriving part into the taught frame.
///
/// A part of some symmetry fits nearly as well in wrong poses as in the right one; which is right, only the residual
/// tells, held against that of good parts in theirs.
struct Alignment: Sendable {
    let surface: ReferenceSurface
    /// What good parts reach; `nil` while it is not known yet.
    let expected: ExpectedFit?
    private let target: RegistrationTarget?
    private let search: TurnSearch
    /// Turns that lay the surface nearly onto itself.
    private let symmetries: [RigidTransform]
    private let workers: Workers

    /// A pose this much worse than good parts' is looked into.
    private static let tolerance = 1.15
    /// Before good parts' fits are known: points this near lie on the surface, in spacings.
    private static let usualDistance: Float = 0.5
    /// Points that poses are tried with; the one chosen is fitted with all.
    private static let sampledPoints = 2000
    /// Another pose must be better by this share of the cost, and by a feature on 1/600 of the surface.
    private static let clearGain = 0.95, leastGain = 0.0015
    /// Poses no worse than this are fitted with all points, so many at most, and compared by so many of them.
    private static let rivalCost = 1.3, rivals = 3, decidingPoints = 8000
    /// Of a part whose best pose by histograms and by axes costs more, turns of that pose mend nothing: parts of the taught
    /// type cost up to 0.21 there, others 0.8 to 1 (docs/architecture.md).
    private static let hopelessCost = 0.6
    /// Poses by principal axes that are settled.
    private static let axisPoses = 3
    /// Poses related by a symmetry that are settled.
    private static let relatedPoses = 3, relatedRounds = 3

    /// - Parameter findsAnyPose: whether parts may arrive in any pose; else near the taught one.
    init(surface: ReferenceSurface, expected: ExpectedFit?, findsAnyPose: Bool, workers: Workers) {
        self.surface = surface
        self.expected = expected
        self.workers = workers
        target = findsAnyPose ? surface.registrationTarget(workers: workers) : nil
        search = TurnSearch(
            target: surface.index, normals: surface.normals,
            distance: expected?.distance ?? Self.usualDistance * surface.spacing,
            coarseDistance: 1.5 * surface.spacing + 0.5, workers: workers)
        symmetries = findsAnyPose ? search.nearSymmetries() : []
    }

    /// How far a pose is from fitting as `expected`: the cost in units of the distance that a part of this one's noise
    /// lies within.
    func strain(_ part: PreparedPart, _ transform: RigidTransform, of expected: ExpectedFit) -> Double {
        let noise = expected.roughness > 0 ? part.roughness / expected.roughness : 1
        return search.cost(part.index, transform, within: expected.distance * min(2, max(0.5, noise)))
    }

    /// Registers `part`: by ICP with its centroid moved onto the surface's and as it arrived; where that does not fit as
    /// good parts do, with histograms of the two surfaces matched (`GlobalRegistration`), where those have nothing to
    /// hold on to with its principal axes, and with turns of what was found (`TurnSearch`). Of what is found the poses
    /// related to it by a near symmetry of the surface are tried in any case: a gear a tooth off fits nearly as well. The
    /// pose of least cost wins, the earlier one where another is not clearly better.
    func register(_ part: PreparedPart) -> Registration {
        let sample = part.index.sampleAlongCurve(Self.sampledPoints)
        var best = settled(sample, from: RigidTransform(translation: surface.centroid - part.centroid))
        var cost = search.cost(part.index, best)
        var poses = [(transform: best, cost: cost)]
        func consider(_ start: RigidTransform) {
            let other = settled(sample, from: start)
            let otherCost = search.cost(part.index, other)
            poses.append((other, otherCost))
            if otherCost < min(Self.clearGain * cost, cost - Self.leastGain) { (best, cost) = (other, otherCost) }
        }
        // Again from what was better: a tooth off hides which of a gear's five holes lies where, a hole off its keyway.
        func considerRelated() {
            for _ in 0..<Self.relatedRounds {
                let before = cost
                search.related(
                    symmetries, to: best, of: part.index, atMost: Self.relatedPoses, except: poses.map(\.transform)
                ).forEach(consider)
                if cost == before { break }
            }
        }
        var isGood: Bool {
            expected.map { strain(part, best, of: $0) <= Self.tolerance * $0.cost } ?? false
        }
        // In teaching all poses are tried.
        var isHopeless: Bool { expected != nil && cost > Self.hopelessCost }
        considerRelated()
        if !isGood { consider(.identity) }
        if !isGood, let target {
            var options = GlobalRegistration.Options()
            options.triesPosesFirst = false
            options.refinementCount = Self.sampledPoints
            options.workers = workers
            consider(
                GlobalRegistration.register(source: part.points, target: target, options: options).registration
                    .transform)
            if isHopeless { search.alongAxes(part.index, atMost: Self.axisPoses).forEach(consider) }
            if isHopeless { return fit(part, from: best) }
            considerRelated()
        }
        // Twice: the second time from the best of the first, so that turns about two axes are found.
        for _ in 0..<2 where !isGood {
            let before = cost
            for candidate in search.candidates(part.index, from: best).prefix(2) where candidate.cost < cost {
                consider(candidate.transform)
            }
            if cost == before { break }
            considerRelated()
        }
        return finest(of: poses, part)
    }

    /// Of poses that fit about equally well, the one that does when fitted with all points: what tells the sides of a
    /// square bottle apart may be less than the noise of a few.
    private func finest(of poses: [(transform: RigidTransform, cost: Double)], _ part: PreparedPart) -> Registration {
        let ranked = TurnSearch.byCost(poses)
        var rivals: [RigidTransform] = []
        for pose in ranked where pose.cost <= Self.rivalCost * ranked[0].cost + Self.leastGain {
            guard rivals.count < Self.rivals else { break }
            if !(rivals.contains { $0.isTurned(as: pose.transform) }) {
                rivals.append(pose.transform)
            }
        }
        var best = fit(part, from: rivals[0])
        guard rivals.count > 1 else { return best }
        var cost = search.cost(part.index, best.transform, points: Self.decidingPoints)
        for rival in rivals.dropFirst() {
            let other = fit(part, from: rival)
            let otherCost = search.cost(part.index, other.transform, points: Self.decidingPoints)
            if otherCost < cost { (best, cost) = (other, otherCost) }
        }
        return best
    }

    /// The pose that a few of a part's points come to rest in.
    private func settled(_ sample: [SIMD3<Float>], from start: RigidTransform) -> RigidTransform {
        var options = IterativeClosestPoint.Options()
        options.workers = workers
        return IterativeClosestPoint.pointToPlane(
            source: sample, target: surface.index, targetNormals: surface.normals, initial: start, options: options
        ).transform
    }

    /// Registers a part that lies in the taught pose but for a little.
    func refine(_ part: PreparedPart) -> Registration { fit(part, from: .identity) }

    private func fit(_ part: PreparedPart, from start: RigidTransform) -> Registration {
        var options = IterativeClosestPoint.Options()
        options.inlierDistance = Self.inlierDistance(surface.spacing)
        // From close by: what is left is a fraction of the spacing.
        options.initialDistance = Self.inlierDistance(surface.spacing)
        options.workers = workers
        return IterativeClosestPoint.pointToPlane(
            source: part.index, target: surface.index, targetNormals: surface.normals, initial: start,
            options: options)
    }

    /// Farther than this from the surface, a point does not speak for the registration: mm.
    static func inlierDistance(_ spacing: Float) -> Float { 2 * spacing + 0.5 }
}

/// How well good parts fit their taught surface.
public struct ExpectedFit: Sendable, Codable, Equatable {
    /// Within which a good part's points lie, mm.
    public var distance: Float
    /// Roughness of the parts of which this is told, mm (`NeighborIndex.roughness`): a noisier one lies less near.
    public var roughness: Float
    /// Largest of the good parts' costs, each in units of the distance that goes with its roughness.
    public var cost: Double

    public init(distance: Float, roughness: Float, cost: Double) {
        self.distance = distance
        self.roughness = roughness
        self.cost = cost
    }

    /// Root mean squares of good parts' residuals, in units of which a point lies on the surface.
    static let reach: Float = 4
}

extension ReferenceSurface {
    /// What parts in any pose are registered to.
    func registrationTarget(workers: Workers) -> RegistrationTarget {
        RegistrationTarget(index: index, normals: normals, workers: workers)
    }
}
