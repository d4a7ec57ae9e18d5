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
