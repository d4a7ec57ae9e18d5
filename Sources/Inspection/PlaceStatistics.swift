import ParallelLoops
import PointClouds

/// How a channel behaves on good parts, place by place in the taught frame: its mean and standard deviation there.
///
/// An edge or a handle is rebuilt worse than a flat wall on every good part; judged by its own place's statistics it is
/// no anomaly, and a defect on the flat wall shows at its full height.
public struct PlaceStatistics: Sendable, Equatable {
    /// Shape [A], taught frame, mm.
    public let anchors: [SIMD3<Float>]
    public let means: [Float]
    /// Standard deviations, never below half their root mean square over all anchors, nor below `resolution`.
    public let deviations: [Float]

    /// Samples taken together at an anchor.
    static let samplesPerAnchor = 96

    public init(anchors: [SIMD3<Float>], means: [Float], deviations: [Float]) {
        precondition(!anchors.isEmpty && means.count == anchors.count && deviations.count == anchors.count)
        self.anchors = anchors
        self.means = means
        self.deviations = deviations
    }

    /// Statistics of `values` measured at `places` on good parts.
    ///
    /// - Parameter resolution: smallest standard deviation to believe, in the values' unit.
    init(values: [Float], at places: [SIMD3<Float>], anchors: [SIMD3<Float>], resolution: Float, workers: Workers) {
        precondition(values.count == places.count && !places.isEmpty && !anchors.isEmpty)
        let index = NeighborIndex(places, workers: workers)
        let k = min(Self.samplesPerAnchor, places.count)
        var means = [Float](repeating: 0, count: anchors.count)
        var variances = [Float](repeating: 0, count: anchors.count)
        means.withUnsafeMutableBufferPointer { meanBuffer in
            variances.withUnsafeMutableBufferPointer { varianceBuffer in
                let mean = DisjointWrites(meanBuffer), variance = DisjointWrites(varianceBuffer)
                workers.run(over: anchors.count, by: 64) { range in
                    for a in range {
                        let near = index.nearest(k, to: anchors[a])
                        var sum = 0.0, squares = 0.0
                        for sample in near {
                            let value = Double(values[Int(sample.index)])
                            sum += value
                            squares += value * value
                        }
                        let average = sum / Double(near.count)
                        mean[a] = Float(average)
                        variance[a] = Float(max(0, squares / Double(near.count) - average * average))
                    }
                }
            }
        }
        let pooled = (variances.reduce(0, +) / Float(variances.count)).squareRoot()
        let floor = max(pooled / 2, resolution)
        self.init(anchors: anchors, means: means, deviations: variances.map { max(floor, $0.squareRoot()) })
    }

    /// The same statistics everywhere: one anchor, mean and standard deviation of all `values`.
    ///
    /// - Parameter resolution: as above.
    init(overall values: [Float], resolution: Float) {
        precondition(!values.isEmpty)
        var sum = 0.0, squares = 0.0
        for value in values { sum += Double(value) }
        let mean = sum / Double(values.count)
        for value in values { squares += (Double(value) - mean) * (Double(value) - mean) }
        let deviation = Float((squares / Double(values.count)).squareRoot())
        self.init(anchors: [.zero], means: [Float(mean)], deviations: [max(deviation, resolution)])
    }

    /// `(value - mean) / deviation` with the statistics interpolated between the three nearest anchors.
    func standardized(_ values: [Float], at places: [SIMD3<Float>], workers: Workers) -> [Float] {
        let interpolation = InverseDistance(from: NeighborIndex(anchors), to: places, workers: workers)
        let mean = interpolation.map(means), deviation = interpolation.map(deviations)
        return values.indices.map { (values[$0] - mean[$0]) / deviation[$0] }
    }
}
