public import ParallelLoops

/// A spatial index over a cloud: exact nearest neighbours, for one query, for many, or for all of its own points.
///
/// Distances are squared Euclidean, computed in Float as `(dx*dx + dy*dy) + dz*dz`; results are exact for these values,
/// the same as from comparing all pairs. Equal distances are ordered along the curve on which the points are stored
/// (21-bit Morton code, then x, y, z, then index), which depends on the set of points only: the same cloud shuffled
/// gives the same neighbours. Only repeated points, which nothing else tells apart, are ordered by index.
///
/// Points that are not finite are kept in `points` but are nobody's neighbour (see `PointCloud.removingInvalid`).
/// - Complexity: built in O(n); a query of k takes O(k + log n) on a scanned surface. Many repeated points slow
///   `nearestOfAll` down: drop them first.
public struct NeighborIndex: Sendable {
    /// The points as given, in the caller's order.
    public let points: [SIMD3<Float>]
    let tree: SpatialTree

    public init(_ points: [SIMD3<Float>], workers: Workers = .all) {
        self.points = points
        tree = SpatialTree(points, MortonOrder(points, workers: workers))
    }

    /// Number of points that can be found: the finite ones.
    public var finiteCount: Int { tree.count }

    /// Indices of the finite points in curve order: an order that depends on the set of points only.
    public var curveOrder: [Int32] { Array(UnsafeBufferPointer(start: tree.order, count: tree.count)) }

    /// Position on the curve of each point; -1 for those that are not finite. Shape [N].
    func positions() -> [Int32] {
        var positions = [Int32](repeating: -1, count: points.count)
        for position in 0..<tree.count { positions[Int(tree.order[position])] = Int32(position) }
        return positions
    }
}

/// Distance and position on the curve in one number, so that one comparison orders by distance, then position.
/// Non-negative floats compare as their bit patterns do.
typealias NeighborKey = UInt64

@inline(__always)
func neighborKey(_ squaredDistance: Float, _ position: Int) -> NeighborKey {
    UInt64(squaredDistance.bitPattern) << 32 | UInt64(UInt32(truncatingIfNeeded: position))
}

extension NeighborKey {
    /// Greater than every point's: an infinite distance.
    static let unbounded = neighborKey(.infinity, Int(UInt32.max))

    @inline(__always)
    var squaredDistance: Float { Float(bitPattern: UInt32(truncatingIfNeeded: self >> 32)) }
    @inline(__always)
    var position: Int { Int(UInt32(truncatingIfNeeded: self)) }
}
