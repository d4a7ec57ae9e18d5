public import ParallelLoops

/// Brings a part from any pose onto a template, and says how far the answer can be trusted.
///
/// Both clouds are thinned; the poses "as it is" and "centroids together" are tried first, by point-to-plane ICP. Where
/// neither fits, histograms (FPFH) are matched, RANSAC over the matches gives several motions, and ICP settles each.
/// Turns of the best by 60, 90, 120 and 180 degrees about the template's principal axes compete with it, so that a part
/// which looks nearly the same from two sides is not left in the wrong pose. The winner is fitted on up to
/// `refinementCount` points, and then pushed in the directions of least resistance.
///
/// Symmetries about other axes are found only if RANSAC comes upon them: a cube, whose principal axes are any, may
/// count as reliable. A scan of a part that looks nearly the same turned over, and lacks what tells the two sides apart
/// but for one or two points in a hundred, may be found in the wrong one.
public enum GlobalRegistration {
    /// Lengths are in the unit of the clouds; none has a default that supposes millimetres.
    public struct Options: Sendable {
        /// Edge of the voxels by which both clouds are thinned, mm; nil is chosen by the target. A `RegistrationTarget`
        /// that is there already keeps its own.
        public var voxelSize: Float?
        /// Try the poses "as it is" and "centroids together" first, and go without histograms where one fits.
        public var triesPosesFirst = true
        /// Source rows that are matched, the most salient ones.
        public var featureCount = 2500
        /// Triples of matches that RANSAC may draw.
        public var draws = 100_000
        /// Motions that RANSAC hands on to ICP; of those beyond the first that fits, only competitors.
        public var hypotheses = 18
        /// Source points used in the last fit.
        public var refinementCount = 20_000
        /// Within which a point counts as fitting, mm; nil is half a voxel, but at least 3 spacings of the target.
        public var inlierDistance: Float?
        /// Share of the part's points that must fit; the rest may be a defect.
        public var minimumFitness = 0.9
        /// Share of the template that the part must cover.
        public var minimumCoverage = 0.2
        /// Greatest rmse, as a share of the inlier distance.
        public var maximumRelativeRmse = 0.4
        /// Look for other poses that fit as well, and for free motions.
        public var checksAmbiguity = true
        /// Of RANSAC's draws: the same seed gives the same bits.
        public var seed: UInt64 = 1
        /// Threads; the result does not depend on them.
        public var workers = Workers.all

        public init() {}
    }

    /// Where the pose came from.
    public enum Start: String, Sendable, CaseIterable {
        /// As the part came, and moved so that the centroids meet.
        case identity, centroids
        /// Matched histograms.
        case features
        /// A turn of another pose, which fits better than that.
        case symmetry
    }

    /// A pose and what it is worth.
    public struct Result: Sendable, Equatable {
        /// Fitness and rmse by `quality.inlierDistance`.
        public var registration: Registration
        public var quality: RegistrationQuality
        /// Of the pose that won.
        public var start: Start
    }

    /// - Parameters:
    ///   - source: the part; points that are not finite are left out.
    ///   - target: the template.
    /// - Returns: with `tooFewPoints` (fewer than 30 voxels on either side) the identity, of fitness 0.
    /// - Complexity: O(N) for the source, about 20 ms where a start fits and 50 ms where none does, on one thread.
    public static func register(
        source: [SIMD3<Float>], target: RegistrationTarget, options: Options = Options()
    ) -> Result {
        let voxel = target.voxelSize
        let thinned = voxel > 0 ? ThinnedCloud(source, voxel: voxel) : ThinnedCloud([], voxel: 1)
        guard thinned.points.count >= 30, target.thinned.points.count >= 30 else {
            return Result(
                registration: Registration(
                    transform: .identity, fitness: 0, rmse: 0, iterations: 0, converged: false),
                quality: RegistrationQuality(
                    verdict: .tooFewPoints, inlierDistance: Double(options.inlierDistance ?? 0), relativeRmse: 0,
                    coverage: 0, freeMotions: [], alternatives: []),
                start: .identity)
        }
        var search = PoseSearch(source: source, thinned: thinned, target: target, options: options)
        return search.run()
    }

    /// Normals of the target, of either sign, are there already: see `RegistrationTarget`.
    public static func register(
        source: [SIMD3<Float>], target: NeighborIndex, targetNormals: [SIMD3<Float>], options: Options = Options()
    ) -> Result {
        register(
            source: source,
            target: RegistrationTarget(
                index: target, normals: targetNormals, voxelSize: options.voxelSize, workers: options.workers),
            options: options)
    }

    /// From points alone: see `RegistrationTarget`.
    public static func register(
        source: [SIMD3<Float>], target: [SIMD3<Float>], options: Options = Options()
    ) -> Result {
        register(
            source: source,
            target: RegistrationTarget(points: target, voxelSize: options.voxelSize, workers: options.workers),
            options: options)
    }
}
