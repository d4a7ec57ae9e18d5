import PointClouds

/// Plain reference implementations: all pairs, no index. Ties by the order along the curve.
struct BruteForce {
    let points: [SIMD3<Float>]
    /// Place of each point on the curve.
    let rank: [Int]

    init(_ index: NeighborIndex) {
        points = index.points
        var rank = [Int](repeating: 0, count: points.count)
        for (place, i) in index.curveOrder.enumerated() { rank[Int(i)] = place }
        self.rank = rank
    }

    static func squared(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
        let d = a - b
        return d.x * d.x + d.y * d.y + d.z * d.z
    }

    func nearest(_ k: Int, to q: SIMD3<Float>, first: Int? = nil) -> [(Int32, Float)] {
        points.indices.map { (Int32($0), Self.squared(points[$0], q)) }
            .sorted { a, b in
                if a.1 != b.1 { return a.1 < b.1 }
                if let first, a.0 != b.0, a.0 == first || b.0 == first { return a.0 == first }
                return rank[Int(a.0)] < rank[Int(b.0)]
            }
            .prefix(k).map { $0 }
    }

    func within(_ radius: Float, of q: SIMD3<Float>) -> [Int32] {
        points.indices.filter { Self.squared(points[$0], q) <= radius * radius }
            .sorted { rank[$0] < rank[$1] }.map { Int32($0) }
    }

    func farthest(_ count: Int, subset: [Int32]) -> [Int32] {
        let set = subset.map { Int($0) }.sorted { rank[$0] < rank[$1] }
        var sum = SIMD3<Double>.zero
        for i in set { sum += SIMD3<Double>(points[i]) }
        let centroid = SIMD3<Float>(sum / Double(set.count))
        var distances = set.map { Self.squared(points[$0], centroid) }
        var next = distances.indices.max {
            distances[$0] < distances[$1] || (distances[$0] == distances[$1] && $0 > $1)
        }!
        distances = set.map { _ in .infinity }
        var chosen: [Int32] = []
        while true {
            chosen.append(Int32(set[next]))
            if chosen.count == count { return chosen }
            distances[next] = -1
            for i in set.indices where distances[i] >= 0 {
                distances[i] = min(distances[i], Self.squared(points[set[i]], points[set[next]]))
            }
            next = distances.indices.max {
                distances[$0] < distances[$1] || (distances[$0] == distances[$1] && $0 > $1)
            }!
        }
    }

    func components(_ radius: Float) -> [Int32] {
        var labels = [Int32](repeating: -1, count: points.count)
        var count: Int32 = 0
        for start in points.indices where labels[start] < 0 {
            var open = [start]
            labels[start] = count
            while let i = open.popLast() {
                for j in points.indices
                where labels[j] < 0 && Self.squared(points[i], points[j]) <= radius * radius {
                    labels[j] = count
                    open.append(j)
                }
            }
            count += 1
        }
        return labels
    }
}

/// All pairs for large clouds: coordinates in columns along the curve, so that a pass over a million points takes a
/// millisecond, and a place in the column breaks ties.
///
/// Distances are those of `NeighborIndex`, operation by operation: (dx*dx + dy*dy) + dz*dz in Float.
struct BruteForceColumns {
    /// Index of the point at each place along the curve.
    let order: [Int32]
    /// Place of each point.
    let place: [Int32]
    private let x: [Float]
    private let y: [Float]
    private let z: [Float]

    init(_ index: NeighborIndex) {
        order = index.curveOrder
        var place = [Int32](repeating: -1, count: index.points.count)
        for (at, i) in order.enumerated() { place[Int(i)] = Int32(at) }
        self.place = place
        x = order.map { index.points[Int($0)].x }
        y = order.map { index.points[Int($0)].y }
        z = order.map { index.points[Int($0)].z }
    }

    private func squaredDistances(to q: SIMD3<Float>) -> [Float] {
        let n = x.count
        return [Float](unsafeUninitializedCapacity: n) { buffer, count in
            x.withUnsafeBufferPointer { x in
                y.withUnsafeBufferPointer { y in
                    z.withUnsafeBufferPointer { z in
                        for i in 0..<n {
                            let (dx, dy, dz) = (x[i] - q.x, y[i] - q.y, z[i] - q.z)
                            buffer[i] = dx * dx + dy * dy + dz * dz
                        }
                    }
                }
            }
            count = n
        }
    }

    /// The k nearest by distance, then place.
    ///
    /// - Parameter own: a point that is to be among them whatever its place: see `ownFirst`.
    func nearest(_ k: Int, to q: SIMD3<Float>, including own: Int? = nil) -> [(Int32, Float)] {
        let distances = squaredDistances(to: q)
        var best: [(place: Int, distance: Float)] = []
        var bound = Float.infinity
        distances.withUnsafeBufferPointer { distances in
            for i in 0..<distances.count where distances[i] < bound || best.count < k {
                let at = best.firstIndex { $0.distance > distances[i] } ?? best.count
                best.insert((i, distances[i]), at: at)
                if best.count > k { best.removeLast() }
                if best.count == k { bound = best[k - 1].distance }
            }
        }
        var found = best.map { (order[$0.place], $0.distance) }
        if let own, !found.contains(where: { Int($0.0) == own }) { found[k - 1] = (Int32(own), 0) }
        return found
    }

    /// A row of a table: the point itself comes before its twins.
    func ownFirst(_ own: Int, _ found: [(Int32, Float)], _ k: Int) -> [(Int32, Float)] {
        [(Int32(own), Float(0))] + found.filter { Int($0.0) != own }.prefix(k - 1)
    }

    /// Those no farther than the radius, along the curve.
    func within(_ radius: Float, of q: SIMD3<Float>) -> [Int32] {
        let squared = radius * radius
        return squaredDistances(to: q).withUnsafeBufferPointer { distances in
            var found: [Int32] = []
            for i in 0..<distances.count where distances[i] <= squared { found.append(order[i]) }
            return found
        }
    }

    /// Farthest points, started at the one farthest from the centroid; ties to the first along the curve.
    func farthest(_ count: Int) -> [Int32] {
        let n = x.count
        var sum = SIMD3<Double>.zero
        for i in 0..<n { sum += SIMD3(Double(x[i]), Double(y[i]), Double(z[i])) }
        let start = squaredDistances(to: SIMD3<Float>(sum / Double(n)))
        var next = 0
        for i in 0..<n where start[i] > start[next] { next = i }
        var least = [Float](repeating: .infinity, count: n)
        var chosen: [Int32] = []
        while true {
            chosen.append(order[next])
            if chosen.count == count { return chosen }
            let q = SIMD3(x[next], y[next], z[next])
            let distances = squaredDistances(to: q)
            least[next] = -1
            next = least.withUnsafeMutableBufferPointer { least in
                var (best, greatest) = (0, -Float.infinity)
                for i in 0..<n {
                    if distances[i] < least[i] { least[i] = distances[i] }
                    if least[i] > greatest { (best, greatest) = (i, least[i]) }
                }
                return best
            }
        }
    }

    /// Mean squared distance from points to the nearest of the cloud, in Double.
    func meanSquared(from points: [SIMD3<Float>]) -> Double {
        points.reduce(0) { $0 + Double(squaredDistances(to: $1).min() ?? 0) } / Double(points.count)
    }
}
