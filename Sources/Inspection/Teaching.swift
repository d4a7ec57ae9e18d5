public import IMRNet
public import NeuralNetwork
public import ParallelLoops
import PointClouds

/// Makes a model from a part type's good parts: template, fine-tuned network, calibration.
public enum Teaching {
    public struct Result: Sendable {
        public var model: PartModel
        public var report: TeachingReport
    }

    /// - Parameters:
    ///   - clouds: good parts in mm, in any pose; of a single one nothing can be promised (`Threshold.limits`).
    ///   - backbone: pretrained network to start from.
    ///   - checkpoint: of an interrupted teaching of the same parts with the same options: it ends with the same bits as if
    ///     it had not been interrupted.
    ///   - save: given a checkpoint of the fine-tuning after each validation, to be stored.
    ///   - progress: called on the calling thread.
    ///   - stopsEarly: asked before each step of the fine-tuning; once true, teaching goes on with the best weights so far.
    public static func teach(
        _ partType: String, from clouds: [[SIMD3<Float>]], backbone: ReconstructionNetwork,
        options: TeachingOptions = .init(), workers: Workers = .all, resuming checkpoint: SafeTensors? = nil,
        save: ((SafeTensors) -> Void)? = nil, progress: (TeachingProgress) -> Void = { _ in },
        stopsEarly: () -> Bool = { false }
    ) throws(TeachingError) -> Result {
        if PartialTeaching.applies(to: clouds, options: options, workers: workers) {
            return try PartialTeaching.teach(
                partType, from: clouds, backbone: backbone, options: options, workers: workers, progress: progress)
        }
        let good = try GoodParts(clouds, workers: workers, progress: progress)
        let surface = good.surface(workers: workers)
        let sites = surface.thinned()
        let (center, radius) = surface.normalization(sites: sites)
        var template = Template(
            surface: surface, sites: sites, center: center, radius: radius, features: [], featureCenters: [])

        let tuned = try PartFineTuning(good: good, template: template, options: options, workers: workers).run(
            backbone, resuming: checkpoint, save: save, progress: progress, stopsEarly: stopsEarly)
        let network = NetworkChannels(network: tuned.network, settings: options.scoring, workers: workers)
        let features = good.aligned.compactMap { network.templateFeatures($0, template: template) }
        guard features.count == good.aligned.count else {
            throw TeachingError(
                code: .tooFewPoints,
                description: "a good part has too few points for \(options.scoring.patchSize)-point patches")
        }
        template = template.with(features[good.medoid])
        let featureLimit = network.featureLimit(
            features.indices.filter { $0 != good.medoid }.map { features[$0] }, template: template)

        var descriptors: [LocalDescriptors] = []
        if options.scoring.channels.contains(.descriptor) {
            let settings = options.scoring.descriptor
            let grid = LocalDescriptors.grid(for: good.aligned[good.medoid], cells: settings.cells)
            descriptors = good.aligned.compactMap {
                LocalDescriptors(of: $0, surface: surface, grid: grid, settings: settings, workers: workers)
            }
            guard descriptors.count == good.aligned.count else {
                throw TeachingError(
                    code: .tooFewPoints,
                    description:
                        "a good part has too few points to describe its surface over \(settings.averaged) of them")
            }
            template.descriptors = DescriptorBank(descriptors, grid: grid, settings: settings)
        }

        let leaveOneOut = LeaveOneOut(
            good: good, template: template, secondFeatures: features[good.secondMedoid],
            channels: PartChannels(network: network), descriptors: descriptors,
            featureLimit: featureLimit, options: options, workers: workers)
        let leftOut = try leaveOneOut.calibrate(progress: progress)
        let model = PartModel(
            partType: partType, network: tuned.network, template: template, calibration: leftOut.calibration,
            settings: options.scoring)
        var report = tuned.report
        report.goodParts = leftOut.goodParts
        if options.detectionTrials > 0 {
            report.detection = DetectionCurve(
                of: model, good: good.aligned, trials: options.detectionTrials, seed: options.seed, workers: workers,
                progress: progress)
        }
        return Result(model: model, report: report)
    }
}
