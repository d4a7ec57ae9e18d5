public import Inspection

/// A judged part as a browser draws it: at most so many of its points, with the scores of each channel. And a model's
/// taught surface, which has no scores.
///
/// `part-cloud/1`, little-endian: "SWC1", the header's length as a 32-bit number, the header as JSON padded with spaces to
/// a multiple of 4, then one array of 32-bit floats after another, in the order of `Header.arrays`: positions (x, y, z of
/// each point), score, deviation, and one for each channel.
public struct PartCloud: Sendable, Equatable {
    /// What the arrays are.
    public struct Header: Sendable, Codable, Equatable {
        public var schema = "part-cloud/1"
        /// Points in each array.
        public var points: Int
        /// Points of the whole map, before thinning.
        public var pointsBefore: Int
        /// From this one on they are surface that the part lacks.
        public var missingFrom: Int
        /// To be added to positions, in mm.
        public var origin: [Double]
        public var unit = "mm"
        /// `position`, then what there is of `score`, `deviation` and `channel:NAME`.
        public var arrays: [String]
        /// Score at which colour begins to speak; nil without scores.
        public var threshold: Double?
        /// For each channel the score by which it alone would reach the threshold.
        public var channelThresholds: [String: Double]?
        /// SHA-256 of the model's manifest.
        public var model: String?
        /// From the taught frame to the part's, both with their origins added: nine numbers of the rotation by rows, three
        /// of the shift in mm. Nil where the part was not registered.
        public var templatePose: [Double]?

        enum CodingKeys: String, CodingKey {
            case schema, points, origin, unit, arrays, threshold, model
            case pointsBefore = "points_before"
            case missingFrom = "missing_from"
            case channelThresholds = "channel_thresholds"
            case templatePose = "template_pose"
        }
    }

    public var header: Header
    /// In the order of `header.arrays`, each of `points` values, positions of three times as many.
    public var arrays: [[Float]]

    /// Most points that a browser is sent.
    public static let maximumPoints = 50_000

    /// Thins a map to `maximum` points: up to half of them from what is above the threshold, the rest spread over all others
    /// in their order, always the same ones. What is not finite is left out.
    ///
    /// - Parameters:
    ///   - offset: to be added to the map's coordinates, mm.
    ///   - threshold: of the part's score.
    ///   - channelThresholds: as in the header.
    /// - Complexity: O(n).
    public init(
        _ map: ScoreMap, offset: SIMD3<Double> = .zero, threshold: Float,
        channelThresholds: [Channel: Float] = [:], maximum: Int = PartCloud.maximumPoints
    ) {
        let usable = map.points.indices.filter { map.points[$0].isFinite && map.fused[$0].isFinite }
        let kept = Self.thinned(usable, maximum) { map.fused[$0] > threshold }
        let (origin, positions) = Self.positions(kept.map { map.points[$0] })
        var names = ["position", "score"]
        var arrays = [positions, kept.map { map.fused[$0] }]
        if !map.deviations.isEmpty {
            names.append("deviation")
            arrays.append(kept.map { $0 < map.deviations.count ? map.deviations[$0] : .nan })
        }
        for channel in Channel.allCases {
            guard let values = map.channels[channel] else { continue }
            names.append("channel:\(channel.rawValue)")
            arrays.append(kept.map { values[$0] })
        }
        self.arrays = arrays
        let whole = origin + offset
        header = Header(
            points: kept.count, pointsBefore: map.points.count,
            missingFrom: kept.firstIndex { $0 >= map.partPointCount } ?? kept.count,
            origin: [whole.x, whole.y, whole.z], arrays: names, threshold: Double(threshold),
            channelThresholds: Dictionary(
                uniqueKeysWithValues: channelThresholds.filter { map.channels[$0.key] != nil }
                    .map { ($0.key.rawValue, Double($0.value)) }))
    }

    /// Points without scores, thinned to `maximum`.
    public init(surface points: [SIMD3<Float>], model: String, maximum: Int = PartCloud.maximumPoints) {
        let kept = Self.thinned(points.indices.filter { points[$0].isFinite }, maximum) { _ in false }
        let (origin, positions) = Self.positions(kept.map { points[$0] })
        arrays = [positions]
        header = Header(
            points: kept.count, pointsBefore: points.count, missingFrom: kept.count,
            origin: [origin.x, origin.y, origin.z], arrays: ["position"], model: model)
    }

    /// Of `indices` at most `maximum`, in their order.
    private static func thinned(_ indices: [Int], _ maximum: Int, isWanted: (Int) -> Bool) -> [Int] {
        guard indices.count > maximum else { return indices }
        let wanted = indices.filter(isWanted)
        let first = spread(wanted, min(wanted.count, maximum / 2))
        let rest = spread(indices.filter { !isWanted($0) }, maximum - first.count)
        return (first + rest).sorted()
    }

    /// `count` of `indices`, one of each stretch of equal length; where in it, by a hash of its number, so that a scanner's
    /// own pattern does not show.
    private static func spread(_ indices: [Int], _ count: Int) -> [Int] {
        guard indices.count > count else { return indices }
        return (0..<count).map { number in
            let lower = number * indices.count / count, upper = (number + 1) * indices.count / count
            let hash = (UInt64(number) &* 0x9E37_79B9_7F4A_7C15) >> 33
            return indices[lower + Int(hash % UInt64(max(1, upper - lower)))]
        }
    }

    /// Points relative to an origin near them, in whole mm.
    private static func positions(_ points: [SIMD3<Float>]) -> (origin: SIMD3<Double>, values: [Float]) {
        var sum = SIMD3<Double>.zero
        for point in points { sum += SIMD3<Double>(point) }
        let origin = (sum / Double(max(1, points.count))).rounded(.toNearestOrAwayFromZero)
        var values: [Float] = []
        values.reserveCapacity(points.count * 3)
        for point in points {
            let place = SIMD3<Float>(SIMD3<Double>(point) - origin)
            values += [place.x, place.y, place.z]
        }
        return (origin, values)
    }
}
