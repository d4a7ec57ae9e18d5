internal import CKernels

/// Points in buckets of 32 along the curve, each bucket with a tight box, each point with its squared distance to the
/// nearest chosen one.
final class FarthestPointBuckets {
    private static let size = Int(GEOMETRY_BUCKET)

    private let count: Int
    /// Coordinates, and the squared distance to the nearest chosen point, -1 for those chosen. The last bucket is filled
    /// up with points that are never chosen.
    private let x: UnsafeMutablePointer<Float>
    private let y: UnsafeMutablePointer<Float>
    private let z: UnsafeMutablePointer<Float>
    private let distance: UnsafeMutablePointer<Float>
    /// The sides of the buckets' boxes, one after the other, and the greatest distance of their points.
    private let bounds: UnsafeMutablePointer<Float>
    private let greatest: UnsafeMutablePointer<Float>
    private let set: geometry_buckets

    /// - Parameter positions: ascending places on the curve, not empty; nil for all.
    init(_ tree: SpatialTree, _ positions: [Int32]?) {
        let count = positions?.count ?? tree.count
        self.count = count
        let bucketCount = (count + Self.size - 1) / Self.size
        let room = bucketCount * Self.size
        x = .allocate(capacity: room)
        y = .allocate(capacity: room)
        z = .allocate(capacity: room)
        distance = .allocate(capacity: room)
        let step = Int(GEOMETRY_BUCKETS_AT_A_TIME)
        let buckets = (bucketCount + step - 1) / step * step
        bounds = .allocate(capacity: 6 * buckets)
        bounds.initialize(repeating: 0, count: 6 * buckets)
        greatest = .allocate(capacity: buckets)
        greatest.initialize(repeating: .infinity, count: bucketCount)
        (greatest + bucketCount).initialize(repeating: -.infinity, count: buckets - bucketCount)
        for (from, to) in [(tree.x, x), (tree.y, y), (tree.z, z)] {
            if let positions {
                positions.withUnsafeBufferPointer { positions in
                    for i in 0..<count { (to + i).initialize(to: from[Int(positions[i])]) }
                }
            } else {
                to.initialize(from: from, count: count)
            }
            (to + count).initialize(repeating: to[count - 1], count: room - count)
        }
        distance.initialize(repeating: .infinity, count: count)
        (distance + count).initialize(repeating: -1, count: room - count)
        let (x, y, z, bounds) = (x, y, z, bounds)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 6) { sides in
            let low = sides.baseAddress!
            for bucket in 0..<bucketCount {
                let first = Int64(bucket * Self.size)
                geometry_box(x, y, z, first, first + Int64(Self.size), low, low + 3)
                for side in 0..<6 { bounds[side * buckets + bucket] = sides[side] }
            }
        }
        set = geometry_buckets(
            x: x, y: y, z: z, distance: distance, bounds: bounds, greatest: greatest, buckets: Int64(buckets))
    }

    deinit {
        for column in [x, y, z, distance, bounds, greatest] { column.deallocate() }
    }

    private func point(_ i: Int) -> SIMD3<Float> { SIMD3(x[i], y[i], z[i]) }

    func farthestFromCentroid() -> Int {
        var sum = SIMD3<Double>.zero
        for i in 0..<count { sum += SIMD3<Double>(point(i)) }
        let centroid = SIMD3<Float>(sum / Double(count))
        var best = 0
        var farthest: Float = -1
        for i in 0..<count {
            let d = squaredDistance(point(i), centroid)
            if d > farthest { (best, farthest) = (i, d) }
        }
        return best
    }

    /// Adds a point to the chosen ones; returns the one now farthest from them, of equal ones the first.
    func choose(_ next: Int) -> Int {
        withUnsafePointer(to: set) { Int(geometry_farthest_step($0, Int64(next))) }
    }
}
