public import ParallelLoops

/// Point-to-plane ICP (Chen and Medioni 1992): finds the motion that brings a part onto a template from near by.
///
/// First with a sample of the source and a distance for correspondences that shrinks, then with all of it. Works from
/// offsets of about 10 degrees and 15 mm on parts of 80 to 250 mm; the start for larger ones is found elsewhere.
public enum IterativeClosestPoint {
    /// How residuals are weighted, so that a defect does not pull the part over.
    public enum RobustWeight: Sendable, Equatable {
        case none
        /// 1 up to 1.345 scales, then falling as 1/r.
        case huber
        /// Tukey's biweight: 0 beyond 4.685 scales.
        case tukey
    }

    public struct Options: Sendable {
        /// Of both stages together.
        public var maximumIterations = 60
        /// Correspondences farther apart than this are not used (mm), to start with; nil is 0.3 of the target's radius.
        public var initialDistance: Float?
        /// And this in the end (mm); nil is 3 mean spacings of the target.
        public var finalDistance: Float?
        /// Within which a point counts for `fitness` and `rmse` (mm); nil is the final distance.
        public var inlierDistance: Float?
        /// In the second stage; the first goes by distance alone.
        public var robustWeight = RobustWeight.tukey
        /// Share of the mean diagonal added to each: see `NormalEquations.solve`.
        public var damping = 1e-3
        /// Converged when a step moves the points by less than this share of the source's radius: along the normals,
        /// root mean square, so that a round part may slide. 1e-5 is 1 um on a part of 200 mm.
        public var tolerance = 1e-5
        /// Source points used while the correspondence distance shrinks.
        public var coarseCount = 2000
        public var workers = Workers.all

        public init() {}
    }

    /// - Parameters:
    ///   - source: points that are not finite are left out.
    ///   - targetNormals: of each target point, of unit length and any sign.
    ///   - initial: where to start, source -> target.
    /// - Returns: with fewer than six correspondences the initial transform, not converged.
    /// - Complexity: O(iterations x n log n).
    public static func pointToPlane(
        source: [SIMD3<Float>], target: NeighborIndex, targetNormals: [SIMD3<Float>],
        initial: RigidTransform = .identity, options: Options = Options()
    ) -> Registration {
        let order = MortonOrder(source, workers: options.workers).indices
        return pointToPlane(
            along: order.map { source[Int($0)] }, target: target, targetNormals: targetNormals, initial: initial,
            options: options)
    }

    /// The same for a source whose index is there already.
    public static func pointToPlane(
        source: NeighborIndex, target: NeighborIndex, targetNormals: [SIMD3<Float>],
        initial: RigidTransform = .identity, options: Options = Options()
    ) -> Registration {
        pointToPlane(
            along: (0..<source.tree.count).map { source.tree.point($0) }, target: target,
            targetNormals: targetNormals, initial: initial, options: options)
    }

    /// - Parameter points: the source along a curve: the same sums for any order of the input, and near queries one after
    ///   another.
    private static func pointToPlane(
        along points: [SIMD3<Float>], target: NeighborIndex, targetNormals: [SIMD3<Float>], initial: RigidTransform,
        options: Options
    ) -> Registration {
        precondition(targetNormals.count == target.points.count, "one normal for each target point")
        guard !points.isEmpty, target.finiteCount > 0 else {
            return Registration(transform: initial, fitness: 0, rmse: 0, iterations: 0, converged: false)
        }
        var fit = PointToPlaneFit(target: target, normals: targetNormals, transform: initial, options: options)
        let spacing = target.sampledSpacing()
        let final = options.finalDistance ?? 3 * spacing
        let start = max(final, options.initialDistance ?? 0.15 * target.tree.box.diagonal)
        let step = max(1, points.count / max(1, options.coarseCount))
        var converged = false
        var distance = start
        let coarse = stride(from: step / 2, to: points.count, by: step).map { points[$0] }
        fit.use(coarse)
        while fit.iterations < options.maximumIterations * 3 / 4 {
            // Not weighted: far off, the large residuals are those that tell the way (with Tukey's weights one start in
            // ten from 15 mm off ends elsewhere on a bracket of 80 mm). The shrinking distance keeps strays out.
            guard let motion = fit.iterate(within: distance, weighting: .none) else { break }
            if distance <= final && motion < max(1e-4, options.tolerance) { break }
            distance = max(final, min(distance * 0.8, motion < 1e-3 ? distance * 0.5 : .infinity))
        }
        if step > 1 { fit.use(points) }
        while fit.iterations < options.maximumIterations {
            guard let motion = fit.iterate(within: final, weighting: options.robustWeight) else { break }
            converged = motion < options.tolerance
            if converged { break }
        }
        let (fitness, rmse) = fit.quality(within: options.inlierDistance ?? final)
        return Registration(
            transform: fit.transform, fitness: fitness, rmse: rmse, iterations: fit.iterations, converged: converged)
    }
}

extension NeighborIndex {
    /// Mean distance to the nearest other point, from at most 512 points spread along the curve, in the cloud's unit.
    func sampledSpacing() -> Float {
        guard tree.count > 1 else { return 0 }
        var sum = 0.0
        var used = 0.0
        for position in stride(from: 0, to: tree.count, by: max(1, tree.count / 512)) {
            let pair = nearest(2, to: tree.point(position))
            sum += Double(pair[1].squaredDistance).squareRoot()
            used += 1
        }
        return Float(sum / used)
    }
}
