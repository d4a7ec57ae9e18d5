import ParallelLoops
import PointClouds

/// A memory bank whose features are coordinates: the same as `MemoryBank`, by an index over the points.
struct CoordinateBank: Sendable {
    let index: NeighborIndex
    /// Number of the part from which each point came. Shape [B].
    private let owners: [Int32]

    /// - Parameters:
    ///   - parts: good parts' points, all in one frame; what is not finite is left out.
    ///   - count: if given, a greedy coreset of so many: farthest points, which for coordinates is the same.
    /// - Complexity: O(B), and O(B) for each of the first of a coreset.
    init(_ parts: [[SIMD3<Float>]], coreset count: Int? = nil, workers: Workers) {
        let owners = parts.enumerated().flatMap { number, part in [Int32](repeating: Int32(number), count: part.count) }
        let all = NeighborIndex(parts.flatMap { $0 }, workers: workers)
        var kept = all.curveOrder
        if let count, count < kept.count { kept = FarthestPointSampling.sample(all, count: count) }
        kept.sort()
        index = NeighborIndex(kept.map { all.points[Int($0)] }, workers: workers)
        self.owners = kept.map { owners[Int($0)] }
    }

    private init(_ points: [SIMD3<Float>], workers: Workers) {
        index = NeighborIndex(points, workers: workers)
        owners = []
    }

    /// Distance of each point to the nearest of the bank; 0 where it is not finite. Shape [N].
    func distances(of points: [SIMD3<Float>], workers: Workers) -> [Float] {
        index.nearest(of: points, workers: workers).squaredDistances.map { $0.isFinite ? $0.squareRoot() : 0 }
    }

    /// As `MemoryBank.reweightedMaximum`.
    func reweightedMaximum(_ points: [SIMD3<Float>], _ distances: [Float]) -> Float {
        guard let worst = distances.indices.max(by: { distances[$0] < distances[$1] }) else { return 0 }
        let own = index.nearest(to: points[worst]).index
        guard own >= 0 else { return 0 }
        let others = index.nearest(3, to: index.points[Int(own)]).filter { $0.index != own }.prefix(2)
        let away = others.map { other in
            let d = points[worst] - index.points[Int(other.index)]
            return (d * d).sum().squareRoot()
        }
        return MemoryBank.reweighted(distances[worst], others: away, width: 3)
    }

    /// As `MemoryBank.heldOutMean`.
    func heldOutMean(_ parts: [[SIMD3<Float>]], workers: Workers) -> Float {
        var sum = 0.0, count = 0
        for (number, part) in parts.enumerated() {
            let others = owners.indices.filter { owners[$0] != Int32(number) }.map { index.points[$0] }
            let bank = others.isEmpty ? self : CoordinateBank(others, workers: workers)
            sum += bank.distances(of: part, workers: workers).reduce(0.0) { $0 + Double($1) }
            count += part.count
        }
        return max(Float(sum / Double(max(1, count))), .leastNormalMagnitude)
    }
}
