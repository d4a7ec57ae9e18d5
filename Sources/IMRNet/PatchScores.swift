public import ParallelLoops
public import PointClouds

/// Scores of patches to scores of points.
public struct PatchScores: Sendable, Equatable {
    /// [G].
    public let values: [Float]

    public init(_ values: [Float]) { self.values = values }

    /// One score for each point of the cloud that the patches were cut from: the mean over the patches that hold it, or,
    /// for a point in none, of the three nearest centres, weighted by inverse distance. [N].
    ///
    /// - Complexity: O(G K), and O(G) for each point that no patch holds.
    public func pointMap(_ patches: Patches, points: [SIMD3<Float>], workers: Workers = .all) -> [Float] {
        precondition(values.count == patches.count && patches.count > 0)
        var sums = [Float](repeating: 0, count: points.count)
        var counts = [Float](repeating: 0, count: points.count)
        for patch in 0..<patches.count {
            for member in patches.memberIndices[patch * patches.size..<(patch + 1) * patches.size] {
                sums[Int(member)] += values[patch]
                counts[Int(member)] += 1
            }
        }
        let covered = counts
        sums.withUnsafeMutableBufferPointer { buffer in
            let map = DisjointWrites(buffer)
            workers.run(over: points.count, by: 1024) { range in
                for point in range {
                    map[point] =
                        covered[point] > 0 ? map[point] / covered[point] : interpolate(points[point], patches.centers)
                }
            }
        }
        return sums
    }

    private func interpolate(_ point: SIMD3<Float>, _ centers: [SIMD3<Float>]) -> Float {
        var nearest: [(squared: Float, value: Float)] = []
        for (center, value) in zip(centers, values) {
            let difference = center - point
            let squared = (difference * difference).sum()
            if nearest.count == 3, squared >= nearest[2].squared { continue }
            let place = nearest.firstIndex { squared < $0.squared } ?? nearest.count
            nearest.insert((squared, value), at: place)
            if nearest.count > 3 { nearest.removeLast() }
        }
        var sum: Float = 0, weights: Float = 0
        for (squared, value) in nearest {
            let weight = 1 / max(squared.squareRoot(), 1e-12)
            sum += weight * value
            weights += weight
        }
        return sum / weights
    }
}
