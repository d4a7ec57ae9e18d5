public import ParallelLoops
import PointClouds

extension ScoreMap {
    /// The map at any points of the part: one value each, as an evaluation asks for.
    ///
    /// Entries for surface that the part lacks have no point in its cloud; their score goes to the part points around the
    /// nearest to them, the rim of what is missing, as the ground truth of holes and breaks has it: four times its points'
    /// distance wide, or 1.2 % of its diagonal, falling to half on the way.
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
        let rims = rims(on: part)
        return wanted.map { channel in
            let values = channel.map { channels[$0] ?? [Float](repeating: 0, count: fused.count) } ?? fused
            var ofPart = Array(values.prefix(partPointCount))
            for (rim, value) in zip(rims, values[partPointCount...]) {
                for (point, share) in rim { ofPart[point] = max(ofPart[point], share * value) }
            }
            return nearest.map { $0 >= 0 ? ofPart[Int($0)] : 0 }
        }
    }

    /// For each lacking entry the part points at its rim, and the share of its score that each gets.
    private func rims(on part: NeighborIndex) -> [[(point: Int, share: Float)]] {
        guard points.count > partPointCount else { return [] }
        let reach = max(Self.rim.spacings * part.meanSpacing(), Self.rim.diagonal * part.diagonal)
        return points[partPointCount...].map { site in
            guard let nearest = part.nearest(1, to: site).first else { return [] }
            let border = part.points[Int(nearest.index)]
            return part.within(reach, of: border).map { point in
                (Int(point), 1 - (part.points[Int(point)] - border).norm / (2 * reach))
            }
        }
    }

    /// Width of a rim in mean distances to the nearest point, and as a share of the part's diagonal; the larger counts.
    private static let rim: (spacings: Float, diagonal: Float) = (4, 0.012)
}
