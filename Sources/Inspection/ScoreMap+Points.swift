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
        let values = channel.map { channels[$0] ?? [Float](repeating: 0, count: fused.count) } ?? fused
        var ofPart = Array(values.prefix(partPointCount))
        let part = NeighborIndex(Array(self.points.prefix(partPointCount)), workers: workers)
        for entry in partPointCount..<values.count {
            for near in part.nearest(Self.rimPoints, to: self.points[entry]) {
                ofPart[Int(near.index)] = max(ofPart[Int(near.index)], values[entry])
            }
        }
        return points.map { point in
            part.nearest(1, to: point).first.map { ofPart[Int($0.index)] } ?? 0
        }
    }

    /// Part points that each lacking entry's score goes to.
    private static let rimPoints = 3
}
