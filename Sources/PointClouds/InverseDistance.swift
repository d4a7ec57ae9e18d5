public import ParallelLoops

/// Carries values from sampled points to all points: the mean of the 3 nearest, weighted by inverse distance.
public struct InverseDistance: Sendable {
    private static let size = 3
    private let targetCount: Int
    private let sourceCount: Int
    /// Index of each source, and its weight; the weights of a target sum to 1. Shape [M, 3].
    private let indices: [Int32]
    private let weights: [Float]

    /// - Parameters:
    ///   - sources: the sampled points.
    ///   - targets: where values are wanted; one that coincides with a source takes its value, one that is not finite 0.
    public init(from sources: NeighborIndex, to targets: [SIMD3<Float>], workers: Workers = .all) {
        let size = min(Self.size, sources.finiteCount)
        var indices = [Int32](repeating: 0, count: targets.count * Self.size)
        var weights = [Float](repeating: 0, count: targets.count * Self.size)
        if size > 0 {
            let order = MortonOrder(targets, workers: workers).indices
            indices.withUnsafeMutableBufferPointer { indices in
                weights.withUnsafeMutableBufferPointer { weights in
                    let indices = DisjointWrites(indices)
                    let weights = DisjointWrites(weights)
                    workers.run(over: order.count, by: 512) { range in
                        var search = NearestOfOne(sources.tree, size)
                        for i in range {
                            let at = Self.size * Int(order[i])
                            search.find(targets[Int(order[i])]) { rank, position, squaredDistance in
                                indices[at + rank] = sources.tree.order[position]
                                weights[at + rank] = squaredDistance.squareRoot()
                            }
                            Self.invert(weights.base + at, size)
                        }
                    }
                }
            }
        }
        targetCount = targets.count
        sourceCount = sources.points.count
        self.indices = indices
        self.weights = weights
    }

    /// Distances, ascending -> weights that sum to 1.
    private static func invert(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
        // Relative to the nearest: neither a tiny nor a huge distance leaves the range of Float.
        // Where even the nearest is beyond the range of Float, none is known to be nearer than another.
        if values[0] == .infinity { for j in 0..<count { values[j] = 1 } }
        let nearest = values[0]
        var sum: Float = 0
        for j in 0..<count {
            values[j] = j == 0 ? 1 : (values[j] > 0 ? nearest / values[j] : 0)
            sum += values[j]
        }
        for j in 0..<count { values[j] /= sum }
    }

    /// - Parameter values: of each source. Shape [N].
    /// - Returns: of each target. Shape [M].
    public func map(_ values: [Float]) -> [Float] {
        precondition(values.count == sourceCount, "one value for each source point")
        return (0..<targetCount).map { target in
            let at = Self.size * target
            guard weights[at] > 0 else { return 0 }
            var sum: Float = 0
            for j in at..<at + Self.size where weights[j] > 0 { sum += weights[j] * values[Int(indices[j])] }
            return sum
        }
    }

    /// The same for several values of each source.
    ///
    /// - Parameter rows: shape [N, width].
    /// - Returns: shape [M, width].
    public func map(_ rows: [Float], width: Int) -> [Float] {
        precondition(rows.count == sourceCount * width, "one row for each source point")
        var result = [Float](repeating: 0, count: targetCount * width)
        for target in 0..<targetCount {
            for j in Self.size * target..<Self.size * (target + 1) where weights[j] > 0 {
                let (to, from) = (target * width, Int(indices[j]) * width)
                for k in 0..<width { result[to + k] += weights[j] * rows[from + k] }
            }
        }
        return result
    }
}
