import Foundation
public import PointClouds

/// Joins the channels' standardised maps into one (after eq. 20), and a map into the part's score.
public struct Fusion: Sendable, Equatable, Codable {
    /// How a map becomes the part's score.
    public enum Reduction: String, Sendable, Codable {
        /// Mean of the highest `topShare`.
        case topShare
        /// Highest point of the map averaged over each point's `smoothedPoints` nearest.
        case smoothedMaximum
    }

    /// Order p of the power mean `(mean of z^p)^(1/p)` over channels, z clipped at 0. 1 is the paper's plain average, in
    /// which a channel that is blind to a defect dilutes those that see it; a higher order leans towards the largest.
    public var order: Double
    /// Share of a part's points whose mean is its score.
    public var topShare: Double
    public var reduction = Reduction.topShare
    /// Nearest points (the point included) over which the map is averaged before its maximum is taken.
    public var smoothedPoints = 24
    /// Whether each channel enters in units of the score that good parts hardly exceed in it, so that a restless one does
    /// not drown a calm one; else in standard deviations.
    public var usesChannelLimits = true

    public init(order: Double = 4, topShare: Double = 0.01) {
        self.order = order
        self.topShare = topShare
    }

    /// The paper's: a plain average of standardised maps, and its highest point.
    public static var paper: Fusion {
        var fusion = Fusion(order: 1)
        fusion.reduction = .smoothedMaximum
        fusion.usesChannelLimits = false
        return fusion
    }

    /// Models from before a setting existed were made with its default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        order = try values.decode(Double.self, forKey: .order)
        topShare = try values.decode(Double.self, forKey: .topShare)
        try values.update(&reduction, .reduction)
        try values.update(&smoothedPoints, .smoothedPoints)
        try values.update(&usesChannelLimits, .usesChannelLimits)
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

    /// The part's score by the map's `reduction`: 0 for an empty map, and never below.
    ///
    /// - Parameter neighbors: of the part's points, each point first: the map's first entries. Entries behind them, of
    ///   missing surface, are taken as they are.
    /// - Complexity: O(N log N), or O(N `smoothedPoints`).
    public func partScore(_ map: [Float], neighbors: NeighborTable) -> Float {
        switch reduction {
        case .topShare: topMean(map)
        case .smoothedMaximum: smoothedMaximum(map, neighbors)
        }
    }

    /// Mean of the highest `topShare` of the map, at least one entry; 0 for an empty map. O(N log N).
    func topMean(_ map: [Float]) -> Float {
        let count = max(1, Int((Double(map.count) * topShare).rounded(.up)))
        let top = map.sorted(by: >).prefix(count)
        guard !top.isEmpty else { return 0 }
        return Float(top.reduce(0.0) { $0 + Double(max(0, $1)) } / Double(top.count))
    }

    private func smoothedMaximum(_ map: [Float], _ neighbors: NeighborTable) -> Float {
        precondition(map.count >= neighbors.count)
        let count = min(smoothedPoints, neighbors.size)
        var highest: Float = 0
        for point in 0..<neighbors.count {
            var sum: Float = 0
            for neighbor in neighbors.neighbors(of: point).prefix(count) { sum += max(0, map[Int(neighbor)]) }
            highest = max(highest, sum / Float(count))
        }
        return map[neighbors.count...].reduce(highest) { max($0, $1) }
    }
}
