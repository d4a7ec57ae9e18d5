/// A part's points for the metrics over points.
public struct LabelledPoints: Sendable {
    /// Shape [N].
    public var labels: [Bool]
    /// Number of the true region that a point lies in, from 0; -1 outside. Shape [N].
    public var regions: [Int32]

    public init(labels: [Bool], regions: [Int32]) {
        precondition(labels.count == regions.count)
        self.labels = labels
        self.regions = regions
    }
}

/// P-AUROC, P-AP and AUPRO: all points of a class's test parts pooled. Exact, with bootstrap replicates over parts.
public struct PointMetrics: Sendable {
    public var ranking: RankingMetrics
    public var aupro: Double
    /// Of each bootstrap draw; from scores in bins, which are finer than the draws differ.
    public var replicates: [(ranking: RankingMetrics, aupro: Double)?]

    /// Bins of the replicates: half of them share the highest tenth of the points, where precision is decided.
    private static let bins = 4000

    /// - Parameters:
    ///   - scores: by part, finite.
    ///   - parts: in the same order.
    ///   - draws: how often each part counts in each replicate.
    /// - Returns: `nil` where no point is anomalous, or all are.
    /// - Complexity: O(points) and O(bins x (parts x draws)).
    public init?(scores: [[Float]], parts: [LabelledPoints], draws: [[Double]]) {
        precondition(zip(scores, parts).allSatisfy { $0.count == $1.labels.count })
        var ofPoint: [Int32] = [], labels: [Bool] = [], shares: [Float64] = []
        var histogram = PartHistogram(parts: parts.count)
        for (part, points) in parts.enumerated() {
            var sizes = [Int](repeating: 0, count: Int(points.regions.max() ?? -1) + 1)
            for region in points.regions where region >= 0 { sizes[Int(region)] += 1 }
            histogram.regions[part] = Double(sizes.count)
            histogram.normals[part] = Double(points.labels.count { !$0 })
            ofPoint += [Int32](repeating: Int32(part), count: points.labels.count)
            labels += points.labels
            shares += points.regions.map { $0 >= 0 ? 1 / Double(sizes[Int($0)]) : 0 }
        }
        let ranked = RankedScores(Array(scores.joined()))
        var curve = RankingCurve()
        var overlap = RegionOverlapCurve(
            regions: histogram.regions.reduce(0, +), normals: histogram.normals.reduce(0, +))
        var bin = -1, binEnd = 0
        for (start, end) in zip(ranked.levels, ranked.levels.dropFirst()) {
            if start >= binEnd {
                bin += 1
                binEnd = start + Self.width(at: start, of: labels.count)
                histogram.beginBin()
            }
            var positives = 0, covered = 0.0
            for place in start..<end {
                let point = Int(ranked.order[place])
                histogram.add(part: Int(ofPoint[point]), isPositive: labels[point], share: shares[point])
                if labels[point] { positives += 1 }
                covered += shares[point]
            }
            curve.add(positives: Double(positives), negatives: Double(end - start - positives))
            overlap.add(covered: covered, normals: Double(end - start - positives))
        }
        guard let metrics = curve.metrics, let aupro = overlap.value else { return nil }
        ranking = metrics
        self.aupro = aupro
        replicates = draws.map { histogram.metrics(weights: $0) }
    }

    private static func width(at place: Int, of total: Int) -> Int {
        max(1, (place < total / 10 ? total / 10 : total - total / 10) / (bins / 2))
    }
}

/// Points by part and bin of scores, the highest bin first.
private struct PartHistogram {
    let parts: Int
    /// By part.
    var regions: [Double], normals: [Double]
    /// By bin, then part: anomalous points, normal points, shares of regions.
    private var positives: [Double] = [], negatives: [Double] = [], covered: [Double] = []
    private var bins = 0

    init(parts: Int) {
        self.parts = parts
        regions = [Double](repeating: 0, count: parts)
        normals = regions
    }

    mutating func beginBin() {
        bins += 1
        let empty = [Double](repeating: 0, count: parts)
        positives += empty
        negatives += empty
        covered += empty
    }

    mutating func add(part: Int, isPositive: Bool, share: Double) {
        let at = (bins - 1) * parts + part
        if isPositive { positives[at] += 1 } else { negatives[at] += 1 }
        covered[at] += share
    }

    func metrics(weights: [Double]) -> (ranking: RankingMetrics, aupro: Double)? {
        precondition(weights.count == parts)
        var curve = RankingCurve()
        var overlap = RegionOverlapCurve(
            regions: zip(weights, regions).reduce(0) { $0 + $1.0 * $1.1 },
            normals: zip(weights, normals).reduce(0) { $0 + $1.0 * $1.1 })
        let drawn = weights.indices.filter { weights[$0] > 0 }
        // Two hundred draws of some millions of entries: without checks of bounds a third of the time.
        positives.withUnsafeBufferPointer { positives in
            negatives.withUnsafeBufferPointer { negatives in
                covered.withUnsafeBufferPointer { covered in
                    for bin in 0..<bins {
                        var sums = (positives: 0.0, negatives: 0.0, covered: 0.0)
                        for part in drawn {
                            let at = bin * parts + part, weight = weights[part]
                            sums.positives += weight * positives[at]
                            sums.negatives += weight * negatives[at]
                            sums.covered += weight * covered[at]
                        }
                        curve.add(positives: sums.positives, negatives: sums.negatives)
                        overlap.add(covered: sums.covered, normals: sums.negatives)
                    }
                }
            }
        }
        guard let ranking = curve.metrics, let aupro = overlap.value else { return nil }
        return (ranking, aupro)
    }
}
