public import IMRNet
public import Inspection
public import ParallelLoops

/// Scanward itself: one teaching gives a row for the fusion and one for each channel.
public struct ScanwardMethod: DetectionMethod {
    public let backbone: ReconstructionNetwork
    public let options: TeachingOptions
    /// Put before the rows' names: empty, `paper`, or what a sweep varies.
    public let label: String
    public let fingerprint: String

    public var name: String { label.isEmpty ? "scanward" : "scanward \(label)" }

    /// - Parameters:
    ///   - backboneDigest: of the weights, so that results of others are not taken for theirs.
    ///   - optionsText: the options as stable text (their JSON with sorted keys); the seed in it does not count.
    public init(
        backbone: ReconstructionNetwork, backboneDigest: String, options: TeachingOptions, optionsText: String,
        label: String = ""
    ) {
        self.backbone = backbone
        self.options = options
        self.label = label
        fingerprint = "\(label)|\(backboneDigest)|\(optionsText)"
    }

    public func taught(
        _ partClass: String, from clouds: [[SIMD3<Float>]], seed: UInt64, workers: Workers,
        progress: (Double) -> Bool
    ) throws -> any TaughtDetector {
        var options = options
        options.seed = seed
        options.scoring.seed = seed
        var goesOn = true
        let tuning = options.steps > 0 ? 0.7 : 0
        let result = try Teaching.teach(
            partClass, from: clouds, backbone: backbone, options: options, workers: workers,
            progress: { event in
                let share =
                    switch event {
                    case .registered(let index, let count, _, _): 0.1 * Double(index) / Double(max(1, count))
                    case .fineTuning(let step, let steps, _, _):
                        0.1 + tuning * Double(step) / Double(max(1, steps))
                    case .calibrating(let run, let runs):
                        0.1 + tuning + (0.9 - tuning) * Double(run) / Double(max(1, runs))
                    // No detection curve is asked for.
                    case .detecting: 1.0
                    }
                goesOn = progress(share) && goesOn
            }, stopsEarly: { !goesOn })
        return ScanwardDetector(model: result.model, label: label)
    }
}

/// A taught model, scoring one part on one thread.
struct ScanwardDetector: TaughtDetector {
    private let scorer: PartScorer
    private let channels: [Channel]
    let rows: [String]

    init(model: PartModel, label: String) {
        scorer = PartScorer(model: model, workers: .one)
        channels = Channel.allCases.filter(model.settings.channels.contains)
        rows =
            ["fusion"].map { label.isEmpty ? $0 : label }
            + channels.map {
                label.isEmpty ? $0.rawValue : "\(label)-\($0.rawValue)"
            }
    }

    func score(_ cloud: [SIMD3<Float>]) -> PartDetection {
        let start = ContinuousClock.now
        let inspection = scorer.inspect(cloud)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard let score = inspection.score, let map = inspection.map else {
            return PartDetection(
                rows: rows.map { _ in DetectionResult(partScore: nil, pointScores: []) },
                undecidable: inspection.reasons.map { "\($0.code): \($0.message)" }.joined(separator: "; "),
                seconds: seconds)
        }
        let calibration = scorer.model.calibration
        let maps = map.values(of: [nil] + channels.map { $0 }, at: cloud, workers: .one)
        var results = [DetectionResult(partScore: score, pointScores: maps[0], threshold: inspection.threshold)]
        for (channel, values) in zip(channels, maps.dropFirst()) {
            // In the paper's fusion limits are units of 1, and no thresholds.
            let limit = calibration.fusion.usesChannelLimits ? calibration.channelLimits[channel] : nil
            results.append(
                DetectionResult(
                    partScore: inspection.channelScores[channel] ?? 0, pointScores: values, threshold: limit))
        }
        return PartDetection(rows: results, regions: inspection.regions.map(DetectedRegion.init), seconds: seconds)
    }
}

extension DetectedRegion {
    init(_ region: Region) {
        self.init(
            center: region.centroid, size: region.box.extent.max(), depth: region.deviation.map { abs($0) })
    }
}
