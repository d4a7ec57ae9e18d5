public import ParallelLoops

/// Geometry-aware sampling: more centres where the surface changes (IMRNet, eq. 1-6).
public enum GeometryAwareSampling {
    /// How the centres are shared between salient and other points.
    public enum Allocation: String, Sendable, Codable {
        /// Twice as many from the salient set: 171 and 85 of 256 (the paper's sentence).
        case twiceTheNumber
        /// Twice as many for each of its points: 118 and 138 of 256.
        case twiceTheDensity
    }

    public struct Options: Sendable, Codable, Equatable {
        /// Nearest points that make a neighbourhood, the point itself among them.
        public var neighborCount = 24
        /// tau of eq. 6: the share of points that is salient.
        public var salientShare = 0.3
        public var allocation = Allocation.twiceTheNumber
        public var curvature = SurfaceGeometry.CurvatureMeasure.smallestPair
        /// Multiply the change of normals by the mean spacing, so that it and the change of curvature are of one size;
        /// false is the paper's literal eq. 3.
        public var scalesBySpacing = true
        /// Neighbours nearer than this share of the mean spacing count as that far away: else a pair of points on top
        /// of each other outweighs the part.
        public var leastDistance: Float = 0.1
        /// Leave out neighbours farther than this (mm) from the rate of change; nil takes all of them.
        public var radius: Float?

        public init() {}

        /// `salientShare` within 0 to 1; 0 if it is not a number.
        fileprivate var boundedShare: Double { min(1, max(0, salientShare)) }

        /// The paper's literal form of eq. 3.
        public static var paper: Options {
            var options = Options()
            options.scalesBySpacing = false
            return options
        }
    }

    /// Chooses `count` centres.
    ///
    /// - Returns: indices of the centres, those of the salient set first, each set in the order of farthest-point
    ///   sampling; all different. Fewer than `count` only if the cloud is smaller.
    /// - Complexity: O(n k) for n points with k neighbours, and farthest-point sampling; 4 k + 60 bytes for each point.
    public static func sample(
        _ index: NeighborIndex, count: Int = 256, options: Options = Options(), workers: Workers = .all
    ) -> [Int32] {
        let n = index.tree.count
        guard n > 0, count > 0 else { return [] }
        let change = CurveNeighborhoods(index.tree, options, workers).rateOfChange(options, workers)
        let (salient, other) = split(change, salientCount: Int(options.boundedShare * Double(n)))
        let wanted = min(count, n)
        // A set that is too small leaves its share to the other.
        var fromSalient = min(salientCenters(of: wanted, options), salient.count)
        fromSalient = max(fromSalient, wanted - other.count)
        return FarthestPointSampling.sample(index.tree, positions: salient, count: fromSalient)
            + FarthestPointSampling.sample(index.tree, positions: other, count: wanted - fromSalient)
    }

    /// How many of `count` centres come from the salient set.
    public static func salientCenters(of count: Int, _ options: Options) -> Int {
        let share: Double
        switch options.allocation {
        case .twiceTheNumber: share = 2.0 / 3.0
        case .twiceTheDensity: share = 2 * options.boundedShare / (1 + options.boundedShare)
        }
        return min(count, max(0, Int((share * Double(count)).rounded())))
    }

    /// R of eq. 5 for every point: the mean over its neighbours of R_norm (eq. 3) + R_curv (eq. 4).
    ///
    /// R_norm = min(|n_i - n_j|, |n_i + n_j|) / |v_ij|, as normals have no sign; R_curv = |K_i - K_j|. 0 at points that are
    /// not finite. Shape [N].
    public static func rateOfChange(
        _ index: NeighborIndex, options: Options = Options(), workers: Workers = .all
    ) -> [Float] {
        var change = [Float](repeating: 0, count: index.points.count)
        guard index.tree.count > 0 else { return change }
        let along = CurveNeighborhoods(index.tree, options, workers).rateOfChange(options, workers)
        for position in along.indices { change[Int(index.tree.order[position])] = along[position] }
        return change
    }

    /// Curve positions of the highest, ties to the earlier on the curve, and of the rest; both ascending.
    private static func split(_ change: [Float], salientCount: Int) -> (salient: [Int32], other: [Int32]) {
        let n = change.count
        let wanted = min(n, max(0, salientCount))
        // Descending by change, ascending by position: complement the bits of the (non-negative) change.
        func key(_ position: Int) -> NeighborKey {
            NeighborKey(~change[position].bitPattern) << 32 | NeighborKey(position)
        }
        guard wanted > 0 else { return ([], (0..<Int32(n)).map { $0 }) }
        var keys = (0..<n).map(key)
        let last = keys.withUnsafeMutableBufferPointer { keys in
            selectLeast(wanted, of: keys.baseAddress!, count: n)
            return keys[wanted - 1]
        }
        var salient: [Int32] = []
        var other: [Int32] = []
        salient.reserveCapacity(wanted)
        other.reserveCapacity(n - wanted)
        for position in 0..<n {
            if key(position) <= last { salient.append(Int32(position)) } else { other.append(Int32(position)) }
        }
        return (salient, other)
    }
}
