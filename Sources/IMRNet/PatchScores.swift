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
    /// - Complexity: O(G K), and O(log G) for each point that no patch holds.
    public func pointMap(_ patches: Patches, points: [SIMD3<Float>], workers: Workers = .all) -> [Float] {
        precondition(values.count == patches.count && patches.count > 0)
        var map = [Float](repeating: 0, count: points.count)
        var counts = [Float](repeating: 0, count: points.count)
        for patch in 0..<patches.count {
            for member in patches.memberIndices[patch * patches.size..<(patch + 1) * patches.size] {
                map[Int(member)] += values[patch]
                counts[Int(member)] += 1
            }
        }
        for point in points.indices where counts[point] > 0 { map[point] /= counts[point] }
        let uncovered = points.indices.filter { counts[$0] == 0 }
        guard !uncovered.isEmpty else { return map }
        let interpolation = InverseDistance(
            from: NeighborIndex(patches.centers), to: uncovered.map { points[$0] }, workers: workers)
        for (point, value) in zip(uncovered, interpolation.map(values)) { map[point] = value }
        return map
    }
}
