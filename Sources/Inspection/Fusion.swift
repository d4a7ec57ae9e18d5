import Foundation

/// Joins the channels' standardised maps into one (after eq. 20).
public struct Fusion: Sendable, Equatable, Codable {
    /// Order p of the power mean `(mean of z^p)^(1/p)` over channels, z clipped at 0. 1 is the paper's plain average, in
    /// which a channel that is blind to a defect dilutes those that see it; a higher order leans towards the largest.
    public var order: Double
    /// Share of a part's points whose mean is its score.
    public var topShare: Double

    public init(order: Double = 4, topShare: Double = 0.01) {
        self.order = order
        self.topShare = topShare
    }

    /// Fused map of equally long standardised maps, all of whose entries are finite.
    public func fused(_ maps: [[Float]]) -> [Float] {
        guard let first = maps.first else { return [] }
        return first.indices.map { i in
            var sum = 0.0
            for map in maps where map[i] > 0 { sum += pow(Double(map[i]), order) }
            return Float(pow(sum / Double(maps.count), 1 / order))
        }
    }

    /// Mean of the highest `topShare` of the map, at least one entry; 0 for an empty map. O(N log N).
    public func partScore(_ map: [Float]) -> Float {
        let count = max(1, Int((Double(map.count) * topShare).rounded(.up)))
        let top = map.sorted(by: >).prefix(count)
        guard !top.isEmpty else { return 0 }
        return Float(top.reduce(0.0) { $0 + Double(max(0, $1)) } / Double(top.count))
    }
}
