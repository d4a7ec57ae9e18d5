import ArgumentParser
import Foundation
import IMRNet
import Inspection
import NeuralNetwork
import ParallelLoops

struct TeachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teach",
        abstract: "Makes a model of a part type from good parts.",
        discussion: """
            Fits the template, fine-tunes the network on the good parts, and calibrates the threshold from them alone.
            Four good parts suffice, in any pose, in millimetres. Ctrl-C stops the fine-tuning and goes on with the best
            weights so far; a teaching that was ended goes on where it stood when the same command is given again.
            """)

    @Option(help: "Name of the part type, as scanners send it in part_type.")
    var type: String

    @Option(help: ArgumentHelp("Folder to write the model to (default: models/TYPE).", valueName: "folder"))
    var out: String?

    @Option(help: "Backbone to start from (safetensors).")
    var backbone = Backbone.defaultPath

    @Option(help: "Fine-tuning steps; 0 keeps the backbone as it is.")
    var steps = 300

    @Option(
        help: ArgumentHelp(
            "Reading of the paper: \"default\", or \"paper\" for the literal one. Scoring follows the model.",
            valueName: "default|paper"),
        transform: { text in
            guard let profile = Profile(rawValue: text) else {
                let known = Profile.allCases.map(\.rawValue).joined(separator: " or ")
                throw ValidationError("expected \(known), found \"\(printable(text))\"")
            }
            return profile
        })
    var profile = Profile.standard

    @Option(help: "Learning rate of the network's head, as a share of the others'.")
    var headShare: Float?

    @Option(help: "Largest norm of all gradients of a step together; 0 sets none.")
    var gradientLimit: Float?

    @Option(
        help: ArgumentHelp("Share of good parts that the threshold may reject.", valueName: "percent"),
        transform: falseRejectShare)
    var falseRejects = 0.01

    @Option(help: "Synthetic defects for each kind and size, to tell how small a defect is found; 0 makes none.")
    var detectionTrials = 4

    @Flag(help: "The good parts are scans from one side each: they overlap, and no whole part exists.")
    var views = false

    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64 = 2024

    @Option(help: "Threads (default: all cores).")
    var threads: Int?

    @Flag(help: "Replace a model that is already there.")
    var replace = false

    @OptionGroup var progress: ProgressOptions

    @Flag(help: "What was made, as a JSON object; the model's manifest.json has all of it.")
    var json = false

    @Argument(help: ArgumentHelp("Scans of good parts, or folders of them.", valueName: "good"))
    var good: [String]

    func validate() throws {
        guard steps >= 0 else { throw ValidationError("--steps: expected 0 or more, found \(steps)") }
        guard headShare.map({ $0 >= 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--head-share: expected 0 or more")
        }
        guard gradientLimit.map({ $0 >= 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--gradient-limit: expected 0 or more")
        }
        guard (0...1000).contains(detectionTrials) else {
            throw ValidationError("--detection-trials: expected 0 to 1000, found \(detectionTrials)")
        }
        guard threads.map({ $0 > 0 }) ?? true else { throw ValidationError("--threads: expected 1 or more") }
    }

    func run() async throws {
        try await reportingFailures { try teach() }
    }

    private func teach() throws {
        let folder = URL(filePath: out ?? "models/\(type)")
        try ModelFolder.checkDestination(folder, replacing: replace)
        let clouds = try CloudFiles.expand(good).map(CloudFiles.load)
        let (network, backboneSource) = try Backbone.read(backbone)
        let options = self.options
        let checkpoint = try TeachingCheckpoint(
            for: folder, inputs: [backboneSource.sha256] + clouds.map(\.sha256), options: options)
        let interrupt = InterruptWatch(
            sentence: "stopping the fine-tuning and going on with the best weights so far; Ctrl-C again ends it")
        let display = TeachingDisplay(partType: type, isLogged: progress.logProgress)
        let result: Teaching.Result
        do {
            result = try Teaching.teach(
                type, from: clouds.map(\.points), backbone: network, options: options,
                workers: threads.map(Workers.init(count:)) ?? .all, resuming: checkpoint.load(),
                save: checkpoint.save,
                progress: { progress in
                    if case .calibrating = progress { interrupt.end() }
                    display.show(progress)
                }, stopsEarly: { interrupt.wasPressed })
        } catch {
            throw Failure("teaching \(type) stopped: \(error)")
        }
        let manifest = ModelManifest(
            name: type, version: "1", partType: type, created: ISO8601DateFormatter().string(from: Date()),
            scanward: Version.string, openBLAS: MatrixProduct.library, backbone: backboneSource,
            goodParts: clouds.map { .init(name: $0.url.lastPathComponent, sha256: $0.sha256, points: $0.points.count) },
            seed: seed, profile: profile, settings: options, fineTuning: result.report,
            threshold: result.model.calibration.threshold, files: [:])
        try ModelFolder.write(result.model, manifest: manifest, to: folder)
        checkpoint.remove()
        guard !json else {
            let threshold = result.model.calibration.threshold
            return Terminal.output(
                try jsonLine(
                    Taught(
                        partType: type, folder: folder.path, modelID: try ModelFolder(reading: folder).id,
                        threshold: threshold.value, goodScores: threshold.goodScores, limits: threshold.limits)))
        }
        display.finish(result, folder: folder.path)
    }

    private struct Taught: Encodable {
        let partType: String, folder: String, modelID: String
        let threshold: Double, goodScores: [Double]
        /// What so few parts cannot promise.
        let limits: [String]?
    }

    private var options: TeachingOptions {
        var options = TeachingOptions(profile: profile)
        options.steps = steps
        options.seed = seed
        options.falseRejects = falseRejects
        options.detectionTrials = detectionTrials
        if views { options.scoring.coverage = .views }
        if let headShare { options.headShare = headShare }
        if let gradientLimit { options.gradientLimit = gradientLimit > 0 ? gradientLimit : nil }
        return options
    }
}
