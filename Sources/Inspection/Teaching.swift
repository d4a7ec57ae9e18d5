public import IMRNet
import NeuralNetwork
public import ParallelLoops
import PointClouds

/// Makes a model from a part type's good parts: template, fine-tuned network, calibration.
public enum Teaching {
    public struct Result: Sendable {
        public var model: PartModel
        public var report: TeachingReport
    }

    /// - Parameters:
    ///   - clouds: good parts in mm, in any pose; at least two.
    ///   - backbone: pretrained network to start from.
    ///   - progress: called on the calling thread.
    ///   - isCancelled: asked between steps; teaching then ends with `interrupted`.
    public static func teach(
        _ partType: String, from clouds: [[SIMD3<Float>]], backbone: ReconstructionNetwork,
        options: TeachingOptions = .init(), workers: Workers = .all, progress: (TeachingProgress) -> Void = { _ in },
        isCancelled: () -> Bool = { false }
    ) throws(TeachingError) -> Result {
        let good = try GoodParts(clouds, workers: workers, progress: progress)
        let surface = good.surface(workers: workers)
        let sites = surface.thinned()
        let (center, radius) = surface.normalization(sites: sites)
        var template = Template(
            surface: surface, sites: sites, center: center, radius: radius, features: [], featureCenters: [])

        let tuned = try fineTune(backbone, good, template, options, workers, progress, isCancelled)
        let channels = NetworkChannels(network: tuned.network, settings: options.scoring, workers: workers)
        let features = good.aligned.compactMap { channels.templateFeatures($0, template: template) }
        guard features.count == good.aligned.count else {
            throw TeachingError(
                code: .tooFewPoints,
                description: "a good part has too few points for \(options.scoring.patchSize)-point patches")
        }
        template = template.with(features[good.medoid])
        let featureLimit = channels.featureLimit(
            features.indices.filter { $0 != good.medoid }.map { features[$0] }, template: template)

        let leaveOneOut = LeaveOneOut(
            good: good, template: template, secondFeatures: features[good.secondMedoid], channels: channels,
            featureLimit: featureLimit, options: options, workers: workers)
        let calibration = try leaveOneOut.calibrate(progress: progress)
        let model = PartModel(
            partType: partType, network: tuned.network, template: template, calibration: calibration,
            settings: options.scoring)
        return Result(model: model, report: tuned.report)
    }

    /// Fine-tunes on all good parts but one, which validates: not the medoid, that the template comes from.
    private static func fineTune(
        _ backbone: ReconstructionNetwork, _ good: GoodParts, _ template: Template, _ options: TeachingOptions,
        _ workers: Workers, _ progress: (TeachingProgress) -> Void, _ isCancelled: () -> Bool
    ) throws(TeachingError) -> (network: ReconstructionNetwork, report: TeachingReport) {
        var tuning = FineTuning.Options()
        tuning.steps = options.steps
        tuning.batch = options.batch
        tuning.rate = options.learningRate
        tuning.maskRatio = Float(options.scoring.maskRatio)
        tuning.seed = options.seed
        let heldOut = good.secondMedoid
        let channels = NetworkChannels(network: backbone, settings: options.scoring, workers: workers)
        let training = FineTuningSamples(
            good.aligned.indices.filter { $0 != heldOut }.map { good.aligned[$0] }, channels: channels,
            template: template, options: options, seed: options.seed)
        let validation = FineTuningSamples(
            [good.aligned[heldOut]], channels: channels, template: template, options: options,
            seed: options.seed &+ 1_000_000)
        var points: [TeachingReport.Point] = []
        let outcome: FineTuning.Outcome
        do {
            outcome = try FineTuning(tuning, workers: workers).run(
                backbone, validation: Array(validation.unchanged.prefix(2)), sample: training.sample,
                isCancelled: isCancelled,
                progress: { step in
                    if let loss = step.validationLoss { points.append(.init(step: step.step, loss: loss)) }
                    progress(
                        .fineTuning(
                            step: step.step, steps: step.steps, loss: step.loss, validationLoss: points.last?.loss))
                })
        } catch {
            throw TeachingError(code: .notAlike, description: "fine-tuning cannot begin: \(error)")
        }
        guard outcome.ending != .cancelled else {
            throw TeachingError(
                code: .interrupted, description: "interrupted after \(outcome.steps) of \(options.steps) steps")
        }
        let report = TeachingReport(
            steps: outcome.steps, stepsPlanned: options.steps, ending: outcome.ending.rawValue,
            lossBefore: outcome.initialValidationLoss, bestValidationLoss: outcome.validationLoss,
            bestStep: outcome.bestStep, validation: points)
        return (outcome.network, report)
    }
}

/// How the fine-tuning went.
public struct TeachingReport: Sendable, Codable, Equatable {
    public var steps: Int
    public var stepsPlanned: Int
    /// `finished`, or `converged` where the validation loss stopped falling.
    public var ending: String
    /// Validation loss of the backbone, before the first step.
    public var lossBefore: Float
    public var bestValidationLoss: Float
    public var bestStep: Int
    /// (step, loss) of the validation on the held-out part.
    public var validation: [Point]

    public struct Point: Sendable, Codable, Equatable {
        public var step: Int
        public var loss: Float
    }
}
