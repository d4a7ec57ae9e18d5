import ArgumentParser
import Foundation
import IMRNet
import NeuralNetwork
import Threads

struct PretrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain",
        abstract: "Pretrains a backbone on unlabelled meshes: masked patches are predicted from the visible ones.",
        discussion: """
            Writes backbone.safetensors (the weights of the lowest held-out loss), manifest.json, curve.csv and curve.png.
            SIGINT and SIGTERM end it between two steps, with a checkpoint and the best weights so far; --resume goes on to
            the same weights as if it had not been stopped. For machines with a GPU there is `pretrain-data`.
            """)

    @OptionGroup var shapes: ShapeOptions

    @Option(help: ArgumentHelp("Folder to write to.", valueName: "folder"))
    var out: String

    @Option(help: "Size of the network: small or base.")
    var size = NetworkSize.small

    @Option(help: ArgumentHelp("Weights to begin with, instead of fresh ones (safetensors).", valueName: "weights"))
    var start: String?

    @Option(help: "Times that every shape is seen.")
    var epochs = 30

    @Option(help: "Samples in a step.")
    var batch = 8

    @Option(help: "Peak of the learning rate.")
    var rate: Float = 5e-4

    @Option(help: "Share of the steps that warm up.")
    var warmUp = 0.04

    @Option(help: "The head's share of the learning rate.")
    var headShare: Float = 0.03

    @Option(help: "Stochastic depth of the last block.")
    var dropPath: Float = 0.1

    @Option(help: "Steps between validations.")
    var validateEvery = 250

    @Option(help: "Minutes between checkpoints.")
    var saveEvery = 5.0

    @Option(help: "Stop after so many steps in all, as a signal would: for machines lent by the hour.")
    var stopAfter: Int?

    @Option(help: "Of the weights: float16 or float32.")
    var precision = Precision.float16

    @Flag(help: "Go on from the checkpoint in the folder; all else must be as it was.")
    var resume = false

    @OptionGroup var progress: ProgressOptions

    @Flag(help: "How it ended, as a JSON object.")
    var json = false

    func validate() throws {
        guard epochs > 0, batch > 0, validateEvery > 0, saveEvery > 0 else {
            throw ValidationError("--epochs, --batch, --validate-every and --save-every: expected more than 0")
        }
        guard stopAfter.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--stop-after: expected a number of steps above 0")
        }
        guard rate > 0, rate.isFinite else { throw ValidationError("--rate: expected more than 0, found \(rate)") }
        guard (0..<1).contains(warmUp), (0..<1).contains(dropPath), headShare > 0 else {
            throw ValidationError(
                "--warm-up and --drop-path: expected shares from 0 to below 1; --head-share: more than 0")
        }
    }

    func run() async throws {
        try await reportingFailures { try pretrain() }
    }

    private func pretrain() throws {
        let folder = try PretrainingFolder(out, resuming: resume)
        let (network, source) = try begin()
        let checkpoint = resume ? try folder.checkpoint() : nil
        let (samples, read) = try shapes.samples()
        let pretraining = Pretraining(options, workers: shapes.workers)
        let stop = StopSignal()
        let signals = stopOnSignals(stop)
        defer { signals.forEach { $0.cancel() } }
        let display = PretrainingDisplay(
            steps: pretraining.steps(samples),
            from: checkpoint.flatMap { $0.metadata["steps"] }.flatMap { Int($0) } ?? 0,
            isLogged: progress.logProgress)
        var saved = ContinuousClock.now
        let outcome: Pretraining.Outcome
        do {
            outcome = try pretraining.run(
                network, on: samples, resuming: checkpoint, isCancelled: { stop.isRaised },
                isSaveDue: { ContinuousClock.now - saved > .seconds(60 * saveEvery) },
                save: {
                    try folder.save($0)
                    saved = .now
                },
                progress: {
                    display.show($0)
                    if let stopAfter, $0.step >= stopAfter { stop.raise() }
                })
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("\(out): \(error)")
        }
        try folder.finish(
            outcome, manifest(outcome, pretraining.steps(samples), samples, read, source, network), precision: precision
        )
        try display.finish(outcome, folder: folder.url.path, asJSON: json)
        switch outcome.ending {
        case .finished: break
        case .cancelled:
            throw Failure("stopped after step \(outcome.steps): go on with the same command and --resume")
        case .diverged:
            throw Failure(
                "the loss is not a number after step \(outcome.steps); the best weights before it are kept: "
                    + "begin again with a lower --rate")
        }
    }

    private var options: Pretraining.Options {
        var options = Pretraining.Options()
        options.epochs = epochs
        options.batch = batch
        options.rate = rate
        options.warmUp = warmUp
        options.headShare = headShare
        options.dropPath = dropPath
        options.validationInterval = validateEvery
        options.seed = shapes.seed
        return options
    }

    private func begin() throws -> (ReconstructionNetwork, ModelManifest.Source?) {
        guard let start else { return (.pretrainingStart(NetworkConfiguration(size), seed: shapes.seed), nil) }
        let (network, source) = try Backbone.read(start)
        guard network.configuration == NetworkConfiguration(size) else {
            throw Failure(
                "\(start): expected weights of the size \(size.rawValue), found others: name theirs with --size")
        }
        return (network, source)
    }

    private func manifest(
        _ outcome: Pretraining.Outcome, _ stepsPlanned: Int, _ samples: PretrainingSamples, _ read: ShapeFiles.Read,
        _ source: ModelManifest.Source?, _ network: ReconstructionNetwork
    ) -> PretrainingManifest {
        let sides = [(samples.training, false), (samples.heldOut, true)]
        return PretrainingManifest(
            created: ISO8601DateFormatter().string(from: Date()), size: size.rawValue,
            parameters: network.parameterCount, start: source, options: options, sampleOptions: samples.options,
            precision: precision.rawValue, ending: outcome.ending, steps: outcome.steps, stepsPlanned: stepsPlanned,
            bestStep: outcome.bestStep, validationLoss: outcome.validationLoss, data: samples.fingerprint,
            shapes: sides.flatMap { side, heldOut in
                side.map { .init(name: $0.name, sha256: $0.digest, heldOut: heldOut) }
            }, setAside: read.skipped.map { .init(file: $0.file, reason: $0.reason) })
    }
}
