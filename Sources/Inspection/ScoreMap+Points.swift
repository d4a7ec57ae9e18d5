public import ParallelLoops
import PointClouds

extension ScoreMap {
    /// The map at any points of the part: one value each, as an evaluation asks for.
    ///
    /// Entries for surface that the part lacks have no point in its cloud; their score goes to the part points nearest to
    /// them, the rim of what is missing, as the ground truth of holes and breaks has it.
    /// - Parameters:
    ///   - channel: `nil` for the fused map.
    ///   - points: in the frame in which the part arrived; those that the map left out (repeated, stray) get their nearest
    ///     point's value, those that are not finite 0.
    /// - Returns: shape of `points`; zeros where the channel was not used.
    /// - Complexity: O(N log N).
    public func values(
        of channel: Channel? = nil, at points: [SIMD3<Float>], workers: Workers = .all
    ) -> [Float] {
        values(of: [channel], at: points, workers: workers)[0]
    }

    /// Several channels' maps at once: the points are looked for only once.
    /// - Returns: one array for each of `wanted`, in their order.
    public func values(
        of wanted: [Channel?], at points: [SIMD3<Float>], workers: Workers = .all
    ) -> [[Float]] {
        let part = NeighborIndex(Array(self.points.prefix(partPointCount)), workers: workers)
        let nearest = part.nearest(of: points, workers: workers).indices
        let rims = self.points[partPointCount...].map { part.nearest(Self.rimPoints, to: $0).map { Int($0.index) } }
        return wanted.map { channel in
            let values = channel.map { channels[$0] ?? [Float](repeating: 0, count: fused.count) } ?? fused
            var ofPart = Array(values.prefix(partPointCount))
            for (rim, value) in zip(rims, values[partPointCount...]) {
                for point in rim { ofPart[point] = max(ofPart[point], value) }
            }
            return nearest.map { $0 >= 0 ? ofPart[Int($0)] : 0 }
        }
    }

    /// Part points that each lacking entry's score goes to.
    private static let rimPoints = 3
}
