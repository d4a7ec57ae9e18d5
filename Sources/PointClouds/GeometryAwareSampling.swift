public import ParallelLoops

/// Geometry-aware sampling: more centres where the surface changes (IMRNet, eq. 1-6).
public enum GeometryAwareSampling {
    /// How the centres are shared between salient and other points.
    public enum Allocation: Sendable {
        /// Twice as many from the salient set: 171 and 85 of 256 (the paper's sentence).
        case twiceTheNumber
        /// Twice as many for each of its points: 118 and 138 of 256.
        case twiceTheDensity
    }

    public struct Options: Sendable {
        /// tau of eq. 6: the share of points that is salient.
        public var salientShare = 0.3
        public var allocation = Allocation.twiceTheNumber
        /// Multiply the change of normals by the mean spacing, so that it and the change of curvature are of one size;
        /// false is the paper's literal eq. 3.
        public var scalesBySpacing = true
        /// Neighbours nearer than this share of the mean spacing count as that far away: else a pair of points on top
        /// of each other outweighs the part.
        public var leastDistance: Float = 0.1
        /// Leave out neighbours farther than this (mm); nil takes all of the table.
        public var radius: Float?

        public init() {}

        /// The paper's literal form of eq. 3.
        public static var paper: Options {
            var options = Options()
            options.scalesBySpacing = false
            return options
        }
    }

    /// Chooses `count` centres.
    ///
    /// - Parameters:
    ///   - neighbors: usually 24 of each point.
    ///   - geometry: normals and curvatures from the same neighbours.
    /// - Returns: indices of the centres, those of the salient set first, each set in the order of farthest-point
    ///   sampling; all different. Fewer than `count` only if the cloud is smaller.
    public static func sample(
        _ index: NeighborIndex, neighbors: NeighborTable, geometry: SurfaceGeometry, count: Int = 256,
        options: Options = Options(), workers: Workers = .all
    ) -> [Int32] {
        let change = rateOfChange(
            index, neighbors: neighbors, geometry: geometry, options: options, workers: workers)
        let n = index.tree.count
        let (salient, other) = split(index.tree, change, salientCount: Int(options.salientShare * Double(n)))
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
        case .twiceTheDensity: share = 2 * options.salientShare / (1 + options.salientShare)
        }
        return min(count, max(0, Int((share * Double(count)).rounded())))
    }

    /// Mean distance to the nearest other point, in the cloud's unit.
    public static func meanSpacing(_ index: NeighborIndex, _ neighbors: NeighborTable) -> Float {
        guard neighbors.size > 1, index.tree.count > 0 else { return 0 }
        var sum = 0.0
        // Along the curve: the same sum for any order of the input.
        for position in 0..<index.tree.count {
            let row = Int(index.tree.order[position])
            sum += Double(neighbors.squaredDistances[row * neighbors.size + 1]).squareRoot()
        }
        return Float(sum / Double(index.tree.count))
    }

    /// R of eq. 5 for every point: the mean over its neighbours of R_norm (eq. 3) + R_curv (eq. 4).
    ///
    /// R_norm = min(|n_i - n_j|, |n_i + n_j|) / |v_ij|, as normals have no sign; R_curv = |K_i - K_j|. Shape [N].
    public static func rateOfChange(
        _ index: NeighborIndex, neighbors: NeighborTable, geometry: SurfaceGeometry, options: Options = Options(),
        workers: Workers = .all
    ) -> [Float] {
        let n = index.points.count
        precondition(neighbors.count == n && geometry.normals.count == n, "table or geometry of another cloud")
        let size = neighbors.size
        var change = [Float](repeating: 0, count: n)
        guard size > 1 else { return change }
        let spacing = meanSpacing(index, neighbors)
        let least = max(options.leastDistance * spacing, .leastNormalMagnitude)
        let scale = options.scalesBySpacing ? spacing : 1
        let reach = options.radius.map { $0 * $0 } ?? .infinity
        let tree = index.tree
        change.withUnsafeMutableBufferPointer { change in
            let change = DisjointWrites(change)
            workers.run(over: tree.count, by: 2048) { range in
                geometry.normals.withUnsafeBufferPointer { normals in
                    geometry.curvatures.withUnsafeBufferPointer { curvatures in
                        neighbors.indices.withUnsafeBufferPointer { indices in
                            neighbors.squaredDistances.withUnsafeBufferPointer { distances in
                                for position in range {
                                    let row = Int(tree.order[position])
                                    let normal = normals[row]
                                    let curvature = curvatures[row]
                                    var sum: Float = 0
                                    var used: Float = 0
                                    for j in row * size + 1..<(row + 1) * size where distances[j] <= reach {
                                        let other = Int(indices[j])
                                        let bend = min(
                                            squaredDistance(normal, normals[other]),
                                            squaredDistance(normal, -normals[other]))
                                        sum += bend.squareRoot() * scale / max(distances[j].squareRoot(), least)
                                        sum += abs(curvature - curvatures[other])
                                        used += 1
                                    }
                                    change[row] = used > 0 ? sum / used : 0
                                }
                            }
                        }
                    }
                }
            }
        }
        return change
    }

    /// Curve positions of the highest, ties to the earlier on the curve, and of the rest; both ascending.
    private static func split(
        _ tree: SpatialTree, _ change: [Float], salientCount: Int
    ) -> (salient: [Int32], other: [Int32]) {
        let n = tree.count
        let wanted = min(n, max(0, salientCount))
        guard wanted > 0 else { return ([], (0..<Int32(n)).map { $0 }) }
        // Descending by change, ascending by position: complement the bits of the (non-negative) change.
        var keys = (0..<n).map { NeighborKey(~change[Int(tree.order[$0])].bitPattern) << 32 | NeighborKey($0) }
        let last = keys.withUnsafeMutableBufferPointer { keys in
            selectLeast(wanted, of: keys.baseAddress!, count: n)
            return keys[wanted - 1]
        }
        var salient: [Int32] = []
        var other: [Int32] = []
        for position in 0..<n {
            let key = NeighborKey(~change[Int(tree.order[position])].bitPattern) << 32 | NeighborKey(position)
            if key <= last { salient.append(Int32(position)) } else { other.append(Int32(position)) }
        }
        return (salient, other)
    }
}
