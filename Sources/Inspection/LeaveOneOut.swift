import Foundation
import IMRNet
import ParallelLoops
import PointClouds

/// Scores each good part against what the others teach, so that the calibration knows how an unseen good part looks.
///
/// What leaves the part out: the surface it is measured against, the statistics by place, and for the medoid the
/// template's features. What does not: the network (fine-tuned on all good parts but the held-out one), tau2, and the
/// sites where gaps are looked for. So the scores are a little lower than those of a part that was never seen.
struct LeaveOneOut {
    let good: GoodParts
    let template: Template
    /// Features to compare the medoid itself with.
    let secondFeatures: NetworkChannels.TemplateFeatures
    let channels: PartChannels
    /// Of each good part, in their order; empty where the descriptor is not used.
    let descriptors: [LocalDescriptors]
    let featureLimit: Float
    let options: TeachingOptions
    let workers: Workers

    /// Anchors of the place statistics.
    private static let anchorCount = 1024
    /// Deviations below this are below what a scanner resolves, mm.
    private static let deviationResolution: Float = 0.005
    /// A channel's part score is at least one standard deviation: a part calmer than that says nothing of the spread.
    private static let calmest = 1.0
    /// Most that the threshold may lie above the highest good score, as a ratio.
    private static let widestRatio = 10.0
    /// Differences of A_p and A_f below 5 % say nothing.
    private static let logResolution: Float = 0.05
    /// On the raw scale, a share of their mean that is never reached by real parts: it guards against equal values.
    private static let rawResolution: Float = 1e-3
    /// Slack on what the good parts themselves showed: an unseen good part may do a little worse.
    private static let fitnessSlack = 0.6, coverageSlack = 0.5, pointSlack = 0.25

    private struct Run {
        var part: Int
        var measurement: PartMeasurement
        /// Of the part's points, for the reduction of maps to scores.
        var neighbors: NeighborTable
        var fitness: Double
        var rmse: Double
        var roughness: Float
        /// Of its pose (`Alignment.strain`).
        var strain: (ExpectedFit) -> Double
        var coverage: Double
    }

    /// A resampled good part against the others: its maps, and what its points lie beside.
    private typealias LeftOut = (maps: StandardizedMaps, neighbors: NeighborTable)

    struct Result {
        var calibration: Calibration
        var goodParts: [TeachingReport.GoodPart]
    }

    /// - Throws: `notAlike` where the good parts' scores lie so far apart that no threshold could find a defect.
    func calibrate(progress: (TeachingProgress) -> Void) throws(TeachingError) -> Result {
        let runs = measure(progress)
        let anchors = FarthestPointSampling.sample(
            template.surface.index, count: Self.anchorCount, subset: template.sites
        ).map { template.surface.points[Int($0)] }
        let gate = RegistrationGate(
            minimumFitness: Self.fitnessSlack * (runs.map(\.fitness).min() ?? 1),
            minimumCoverage: Self.coverageSlack * (runs.map(\.coverage).min() ?? 1),
            minimumPoints: max(1000, Int(Self.pointSlack * Double(good.parts.map(\.points.count).min() ?? 0))),
            expectedFit: expectedFit(runs))
        let placeholder = Threshold(scoresByPart: [[1], [1]])
        let parts: [[LeftOut]] = good.parts.indices.map { part in
            let others = statistics(of: runs.filter { $0.part != part }, anchors, [:], placeholder, gate)
            return runs.filter { $0.part == part }.map { run in
                let maps = StandardizedMaps(
                    run.measurement, template: template, calibration: others, channels: options.scoring.channels,
                    workers: workers)
                return (maps, run.neighbors)
            }
        }
        let channelScores = scores(ofChannels: parts).mapValues(byPart)
        var limits: [Channel: Float] = [:]
        for (channel, scores) in channelScores {
            limits[channel] = options.fusion.usesChannelLimits ? channel.limit(scoresByPart: scores) : 1
        }
        let fusion = options.fusion
        let scores = byPart(
            parts.map { part in
                part.map { run in
                    max(
                        Self.calmest / 10,
                        Double(fusion.partScore(fusion.fused(run.maps.limited(limits)), neighbors: run.neighbors)))
                }
            })
        let threshold = Threshold(scoresByPart: scores, falseRejects: options.falseRejects)
        let highest = threshold.goodScores.max() ?? 0
        guard threshold.value <= Self.widestRatio * highest, limits.values.allSatisfy(\.isFinite) else {
            let found = threshold.goodScores.map { String(format: "%.2f", $0) }.joined(separator: ", ")
            throw TeachingError(
                code: .notAlike,
                description:
                    "expected good parts that score alike, found scores of \(found) when each is left out: with these "
                    + "the threshold would be \(String(format: "%.3g", threshold.value)), and hardly a defect would reach it. "
                    + "Check that all are good, and add more good parts")
        }
        return Result(
            calibration: statistics(of: runs, anchors, limits, threshold, gate),
            goodParts: scores.indices.map { part in
                TeachingReport.GoodPart(
                    scores: scores[part], channels: channelScores.mapValues { $0[part] },
                    rejected: scores[part].count { $0 > threshold.value })
            })
    }

    /// The halves of a single part are one part.
    private func byPart(_ scores: [[Double]]) -> [[Double]] {
        good.areHalves ? [scores.flatMap { $0 }] : scores
    }

    private func expectedFit(_ runs: [Run]) -> ExpectedFit? {
        guard let rmse = runs.map(\.rmse).sorted().dropFirst(runs.count / 2).first, rmse > 0 else { return nil }
        let distance = ExpectedFit.reach * Float(rmse)
        let roughness = runs.map(\.roughness).sorted()[runs.count / 2]
        var expected = ExpectedFit(distance: distance, roughness: roughness, cost: 1)
        expected.cost = runs.map { $0.strain(expected) }.max() ?? 1
        return expected
    }

    /// By channel, part and resampling.
    private func scores(ofChannels parts: [[LeftOut]]) -> [Channel: [[Double]]] {
        Dictionary(
            uniqueKeysWithValues: options.scoring.channels.map { channel in
                let scores = parts.map { part in
                    part.map { run in
                        max(
                            Self.calmest,
                            Double(
                                options.fusion.partScore(run.maps.channels[channel] ?? [], neighbors: run.neighbors)))
                    }
                }
                return (channel, scores)
            })
    }

    /// Every good part, freshly resampled and moved, measured against the surface of the others.
    private func measure(_ progress: (TeachingProgress) -> Void) -> [Run] {
        var runs: [Run] = []
        let features = (
            first: channels.network.reference(template),
            second: channels.network.reference(template.with(secondFeatures))
        )
        let total = good.parts.count * options.resamplings
        for part in good.parts.indices {
            let alignment = Alignment(
                surface: good.surface(excluding: part, workers: workers), expected: nil, findsAnyPose: false,
                workers: workers)
            let against = PartChannels.Reference(
                features: part == good.medoid ? features.second : features.first, featureLimit: featureLimit,
                descriptors: template.descriptors.map { bank in
                    DescriptorBank(
                        descriptors.indices.filter { $0 != part }.map { descriptors[$0] }, grid: bank.grid,
                        settings: options.scoring.descriptor)
                })
            for resampling in 0..<options.resamplings {
                let seed = options.seed &+ UInt64(part) &* 1000 &+ UInt64(resampling)
                if let run = measure(part, alignment: alignment, against: against, seed: seed) { runs.append(run) }
                progress(.calibrating(run: part * options.resamplings + resampling + 1, runs: total))
            }
        }
        return runs
    }

    private func measure(_ part: Int, alignment: Alignment, against: PartChannels.Reference, seed: UInt64)
        -> Run?
    {
        var resampling = Resampling(seed: seed, keptShare: options.keptShare)
        // Where the right pose is, is known: how parts in theirs look is asked, not whether it is found.
        resampling.maximumAngle = 0.5
        resampling.maximumShift = 0.5 * Double(good.spacing)
        let cloud = resampling.resample(good.aligned[part])
        guard let prepared = PreparedPart(cloud, minimum: 100, workers: workers) else { return nil }
        let registration = alignment.refine(prepared)
        let aligned = prepared.points.map { registration.transform.apply($0) }
        let distances = DeviationChannel.measure(
            prepared, aligned: aligned, registration: registration.transform, surface: alignment.surface,
            sites: [],
            workers: workers)
        let gaps = template.surface.gaps(
            at: template.sites, to: prepared.index, registration: registration.transform,
            projection: template.surface.project(aligned, workers: workers), workers: workers)
        var watch = StageWatch()
        guard let measured = channels.maps(aligned, template: template, reference: against, watch: &watch) else {
            return nil
        }
        return Run(
            part: part,
            measurement: PartMeasurement(
                aligned: aligned, deviations: distances.deviations, depths: distances.depths, gaps: gaps,
                maps: measured.maps),
            neighbors: prepared.neighbors, fitness: registration.fitness, rmse: registration.rmse,
            roughness: prepared.roughness,
            strain: { alignment.strain(prepared, registration.transform, of: $0) },
            coverage: PartScorer.coverage(gaps, spacing: template.surface.spacing))
    }

    private func statistics(
        of runs: [Run], _ anchors: [SIMD3<Float>], _ limits: [Channel: Float], _ threshold: Threshold,
        _ gate: RegistrationGate
    ) -> Calibration {
        let places = runs.flatMap(\.measurement.aligned)
        func statistics(_ values: [Float], resolution: Float) -> PlaceStatistics {
            PlaceStatistics(values: values, at: places, anchors: anchors, resolution: resolution, workers: workers)
        }
        var byChannel: [Channel: PlaceStatistics] = [:]
        for channel in options.scoring.channels where channel != .deviation {
            let values = runs.flatMap { $0.measurement.maps[channel] ?? [] }
            byChannel[channel] =
                channel == .descriptor ? statistics(values, resolution: Self.logResolution) : network(values)
        }
        byChannel[.deviation] = statistics(
            runs.flatMap(\.measurement.deviations), resolution: Self.deviationResolution)
        return Calibration(
            statistics: byChannel,
            gaps: GapLimits(runs: runs.map(\.measurement.gaps), surface: template.surface, sites: template.sites),
            fusion: options.fusion, channelLimits: limits, featureLimit: featureLimit, threshold: threshold, gate: gate)

        func network(_ values: [Float]) -> PlaceStatistics {
            let resolution =
                switch options.scoring.scale {
                case .logarithmic: Self.logResolution
                case .raw:
                    max(.leastNormalMagnitude, Self.rawResolution * abs(values.reduce(0, +)) / Float(values.count))
                }
            return switch options.scoring.statistics {
            case .byPlace: statistics(values, resolution: resolution)
            case .overall: PlaceStatistics(overall: values, resolution: resolution)
            }
        }
    }
}
