import IMRNet
public import ParallelLoops
import PointClouds

/// Scores parts against one model. The same cloud gives the same bits, on any number of threads.
public struct PartScorer: Sendable {
    public let model: PartModel
    let workers: Workers
    private let alignment: Alignment
    private let channels: PartChannels
    private let reference: PartChannels.Reference
    /// Of a model taught from views.
    private let partial: PartialScorer?

    public init(model: PartModel, workers: Workers = .all) {
        self.model = model
        self.workers = workers
        // Views are registered by their own scorer: what finds whole parts in any pose is not prepared for them.
        alignment = Alignment(
            surface: model.template.surface, expected: model.calibration.gate.expectedFit,
            findsAnyPose: model.settings.coverage == .whole, workers: workers)
        let network = NetworkChannels(network: model.network, settings: model.settings, workers: workers)
        channels = PartChannels(network: network)
        reference = PartChannels.Reference(
            features: network.reference(model.template), featureLimit: model.calibration.featureLimit,
            descriptors: model.template.descriptors)
        partial = model.settings.coverage == .views ? PartialScorer(model: model, workers: workers) : nil
    }

    /// - Parameter cloud: the whole part in mm, in any pose; within 10 degrees of the taught one it is found soonest.
    /// - Complexity: O(N log N) in its points, beside a network pass of fixed size.
    public func inspect(_ cloud: [SIMD3<Float>]) -> PartInspection {
        let calibration = model.calibration
        var result = PartInspection(
            evaluation: .notDecidable, reasons: [], score: nil, threshold: Float(calibration.threshold.value),
            channelScores: [:], regions: [], map: nil, receivedPoints: cloud.count, usedPoints: 0, registration: nil,
            durations: StageDurations())
        var watch = StageWatch()
        guard let part = PreparedPart(cloud, minimum: calibration.gate.minimumPoints, workers: workers) else {
            result.reasons = [.tooFewPoints(cloud.count, minimum: calibration.gate.minimumPoints)]
            return result
        }
        result.usedPoints = part.points.count
        guard !part.hasTooManyStrays else {
            result.reasons = [.tooManyStrays(part.strayCount, of: cloud.count)]
            return result
        }
        if let partial {
            partial.inspect(part, &result, watch: &watch)
            return result
        }
        let registration = alignment.register(part)
        result.registration = registration
        let aligned = part.points.map { registration.transform.apply($0) }
        let deviation = DeviationChannel.measure(
            part, aligned: aligned, registration: registration.transform, surface: model.template.surface,
            sites: model.template.sites, workers: workers)
        if let reason = refusal(registration, gaps: deviation.gaps) {
            result.reasons = [reason]
            result.durations.sample = watch.lap()
            return result
        }
        guard
            let measured = channels.maps(
                aligned, template: model.template, reference: reference, watch: &watch)
        else {
            result.durations.sample = watch.lap()
            result.reasons = [.tooFewPoints(cloud.count, minimum: calibration.gate.minimumPoints)]
            return result
        }
        result.durations.sample = measured.sampling
        result.durations.infer = watch.lap()

        let measurement = PartMeasurement(
            aligned: aligned, deviations: deviation.deviations, depths: deviation.depths, gaps: deviation.gaps,
            maps: measured.maps)
        if measurement.isFinite {
            judge(measurement, of: part, &result)
        } else {
            result.reasons = [.notFinite]
        }
        result.durations.localize = watch.lap()
        return result
    }

    private func judge(
        _ measurement: PartMeasurement, of part: PreparedPart, _ result: inout PartInspection
    ) {
        let maps = StandardizedMaps(
            measurement, template: model.template, calibration: model.calibration, channels: model.settings.channels,
            workers: workers)
        let fusion = model.calibration.fusion
        let limited = maps.limited(model.calibration.channelLimits)
        guard limited.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            result.reasons = [.notFinite]
            return
        }
        let fused = fusion.fused(limited)
        let score = fusion.partScore(fused, neighbors: part.neighbors)
        result.score = score
        result.channelScores = maps.channels.mapValues { fusion.partScore($0, neighbors: part.neighbors) }
        result.evaluation = score > result.threshold ? .notOK : .ok

        let back = (result.registration?.transform ?? .identity).inverse
        let map = ScoreMap(
            points: part.points + maps.points[maps.partPointCount...].map { back.apply($0) },
            partPointCount: maps.partPointCount, fused: fused, channels: maps.channels, deviations: maps.deviations)
        result.map = map
        guard result.evaluation == .notOK else { return }
        result.regions = model.regions(in: map, of: part, threshold: result.threshold)
        result.reasons = [.aboveThreshold(score, result.threshold, regions: result.regions.count)]
    }

    private func refusal(_ registration: Registration, gaps: [Float]) -> Reason? {
        let gate = model.calibration.gate
        if registration.fitness < gate.minimumFitness {
            return .notRegistered(fitness: registration.fitness, minimum: gate.minimumFitness)
        }
        let coverage = Self.coverage(gaps, spacing: model.template.surface.spacing)
        if coverage < gate.minimumCoverage { return .notCovered(coverage, minimum: gate.minimumCoverage) }
        return nil
    }

    /// Share of the template's sites that have a part point within five spacings.
    static func coverage(_ gaps: [Float], spacing: Float) -> Double {
        guard !gaps.isEmpty else { return 0 }
        return Double(gaps.count { $0 <= 5 * spacing }) / Double(gaps.count)
    }
}
