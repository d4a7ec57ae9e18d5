/// Points in buckets of 32 and groups of 16 buckets, both with tight boxes, each point with its squared distance to the
/// nearest chosen one.
final class FarthestPointBuckets {
    private static let size = 32
    private static let fanout = 16

    private let count: Int
    /// Coordinates, and the squared distance to the nearest chosen point, -1 for those chosen. The last bucket is filled
    /// up with points that are never chosen.
    private let x: UnsafeMutablePointer<Float>
    private let y: UnsafeMutablePointer<Float>
    private let z: UnsafeMutablePointer<Float>
    private let distance: UnsafeMutablePointer<Float>
    private let buckets: UnsafeMutableBufferPointer<Part>
    private let groups: UnsafeMutableBufferPointer<Part>

    /// A bucket or a group of them.
    private struct Part {
        var box = Box.empty
        /// The greatest distance of its points.
        var greatest = Float.infinity

        /// Whether a new point at `q` may be nearer to one of its points than what was chosen before.
        @inline(__always)
        func isReached(by q: SIMD3<Float>) -> Bool {
            let below = box.low - q
            let above = q - box.high
            var gap = below.replacing(with: above, where: above .> below)
            gap.replace(with: 0, where: gap .< 0)
            return gap.x * gap.x + gap.y * gap.y + gap.z * gap.z < greatest
        }
    }

    /// - Parameter positions: ascending places on the curve; not empty.
    init(_ tree: SpatialTree, _ positions: [Int32]) {
        count = positions.count
        let bucketCount = (count + Self.size - 1) / Self.size
        let room = bucketCount * Self.size
        x = .allocate(capacity: room)
        y = .allocate(capacity: room)
        z = .allocate(capacity: room)
        distance = .allocate(capacity: room)
        buckets = .allocate(capacity: bucketCount)
        buckets.initialize(repeating: Part())
        groups = .allocate(capacity: (bucketCount + Self.fanout - 1) / Self.fanout)
        groups.initialize(repeating: Part())
        for i in 0..<room {
            let position = Int(positions[min(i, count - 1)])
            (x + i).initialize(to: tree.x[position])
            (y + i).initialize(to: tree.y[position])
            (z + i).initialize(to: tree.z[position])
            (distance + i).initialize(to: i < count ? .infinity : -1)
            buckets[i / Self.size].box.include(tree.point(position))
        }
        for (i, bucket) in buckets.enumerated() { groups[i / Self.fanout].box.include(bucket.box) }
    }

    deinit {
        x.deallocate()
        y.deallocate()
        z.deallocate()
        distance.deallocate()
        buckets.deallocate()
        groups.deallocate()
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
        let q = point(next)
        // Never again, even where all that is left are repetitions; its bucket is looked at in any case.
        distance[next] = -1
        let ownBucket = next / Self.size
        let ownGroup = ownBucket / Self.fanout
        var farthest: Float = -.infinity
        var farthestGroup = 0
        for group in 0..<groups.count {
            if group == ownGroup || groups[group].isReached(by: q) {
                var greatest: Float = -.infinity
                for bucket in group * Self.fanout..<min(buckets.count, (group + 1) * Self.fanout) {
                    if bucket == ownBucket || buckets[bucket].isReached(by: q) {
                        buckets[bucket].greatest = update(bucket, q)
                    }
                    greatest = max(greatest, buckets[bucket].greatest)
                }
                groups[group].greatest = greatest
            }
            if groups[group].greatest > farthest { (farthest, farthestGroup) = (groups[group].greatest, group) }
        }
        var bucket = farthestGroup * Self.fanout
        while buckets[bucket].greatest != farthest { bucket += 1 }
        var i = bucket * Self.size
        while distance[i] != farthest { i += 1 }
        return i
    }

    /// Lowers the distances of a bucket; returns the greatest.
    private func update(_ bucket: Int, _ q: SIMD3<Float>) -> Float {
        typealias Lanes = SIMD8<Float>
        var greatest = Lanes(repeating: -.infinity)
        let base = bucket * Self.size
        for i in stride(from: base, to: base + Self.size, by: 8) {
            let dx = load(x, i) - q.x
            let dy = load(y, i) - q.y
            let dz = load(z, i) - q.z
            let d = dx * dx + dy * dy + dz * dz
            var held = load(distance, i)
            held.replace(with: d, where: d .< held)
            UnsafeMutableRawPointer(distance + i).storeBytes(of: held, as: Lanes.self)
            greatest.replace(with: held, where: held .> greatest)
        }
        return greatest.max()
    }

    @inline(__always)
    private func load(_ base: UnsafeMutablePointer<Float>, _ i: Int) -> SIMD8<Float> {
        UnsafeRawPointer(base + i).loadUnaligned(as: SIMD8<Float>.self)
    }
}
