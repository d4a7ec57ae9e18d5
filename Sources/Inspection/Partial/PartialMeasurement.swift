import ParallelLoops
import PointClouds

/// What was measured on one scan from one side.
struct PartialMeasurement: Sendable {
    /// Taught surface that the scan lacks although its sensor must have seen it.
    struct Gap: Sendable {
        /// In the scan's frame, mm.
        let place: SIMD3<Float>
        /// In spacings of the scan's picture.
        let width: Float
    }

    /// Signed distance to the nearest of the views that cover the point, mm; 0 where none does. Shape [N].
    var deviations: [Float]
    /// Whether a view covers the point: what the taught scans never saw is not judged. Shape [N].
    var isJudged: [Bool]
    /// 0 on the scan's own borders. Shape [N].
    var weights: [Float]
    var gaps: [Gap]

    var judgedShare: Double { Double(isJudged.count { $0 }) / Double(max(1, isJudged.count)) }
    /// See `ViewGaps.width`.
    var widestGap: Float { ViewGaps.width(gaps.map(\.width)) }

    /// Deviations in units of the good parts' spread where judged, 0 elsewhere and on borders. Shape [N].
    func map(_ statistics: PlaceStatistics) -> [Float] {
        let mean = statistics.means[0], deviation = statistics.deviations[0]
        return deviations.indices.map { isJudged[$0] ? abs((deviations[$0] - mean) / deviation) * weights[$0] : 0 }
    }
}
