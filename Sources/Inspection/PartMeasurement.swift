import ParallelLoops
import PointClouds

/// What the channels measured on one registered part, before any comparison with good parts.
struct PartMeasurement: Sendable {
    /// The part's points in the taught frame, mm. Shape [N].
    var aligned: [SIMD3<Float>]
    /// Signed distance to the taught surface, mm. Shape [N].
    var deviations: [Float]
    /// The same less smoothed, for telling depths, mm. Shape [N].
    var depths: [Float]
    /// Lateral distance from each site of the template to the part, mm. Shape [S].
    var gaps: [Float]
    /// The other channels' values at each point, on the model's scale. Shape [N] each. They are positive and spread over
    /// good parts about log-normally: on a logarithmic scale the good parts' standard deviation means what it says.
    var maps: [Channel: [Float]]

    /// Whether every number is one: a part of which anything is not cannot be judged.
    var isFinite: Bool {
        ([deviations, gaps] + maps.values).allSatisfy { $0.allSatisfy(\.isFinite) }
    }
}

/// A part's channels in units of the good parts' own spread, over its points and the sites that it lacks.
struct StandardizedMaps: Sendable {
    /// Part points, then the lacking sites, all in the taught frame.
    var points: [SIMD3<Float>]
    var partPointCount: Int
    var channels: [Channel: [Float]]
    /// Signed, mm; at lacking sites the distance from there to the part's nearest point, negative.
    var deviations: [Float]

    /// - Parameter used: the channels that enter the score. Lacking sites are the deviation's, and join with it.
    init(
        _ measurement: PartMeasurement, template: Template, calibration: Calibration, channels used: [Channel],
        workers: Workers
    ) {
        let aligned = measurement.aligned
        let gapScores = calibration.gaps.standardized(measurement.gaps)
        let lacking =
            used.contains(.deviation) ? GapLimits.lacking(gapScores) : []
        let none = [Float](repeating: 0, count: lacking.count)
        partPointCount = aligned.count
        points = aligned + lacking.map { template.surface.points[Int(template.sites[$0])] }
        deviations = measurement.depths + lacking.map { -measurement.gaps[$0] }
        channels = Dictionary(
            uniqueKeysWithValues: used.map { channel in
                guard let statistics = calibration.statistics[channel] else {
                    preconditionFailure("no calibration of \(channel.rawValue)")
                }
                guard channel != .deviation else {
                    let map = statistics.standardized(measurement.deviations, at: aligned, workers: workers)
                    return (channel, map.map { abs($0) } + lacking.map { gapScores[$0] })
                }
                guard let values = measurement.maps[channel] else {
                    preconditionFailure("no map of \(channel.rawValue)")
                }
                return (channel, statistics.standardized(values, at: aligned, workers: workers) + none)
            })
    }

    /// The channels' maps for the fusion, each in units of its limit (1 where there is none): in a fixed order, since sums
    /// must not depend on a dictionary's.
    func limited(_ limits: [Channel: Float]) -> [[Float]] {
        Channel.allCases.compactMap { channel in
            guard let map = channels[channel] else { return nil }
            let limit = limits[channel] ?? 1
            return map.map { $0 / limit }
        }
    }
}
