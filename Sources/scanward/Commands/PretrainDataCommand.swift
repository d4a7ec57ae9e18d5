import ArgumentParser
import Foundation
import IMRNet
import NeuralNetwork
import ParallelLoops

struct PretrainDataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain-data",
        abstract: "Writes the samples that `pretrain` would train on to files, for a machine with a GPU.",
        discussion: """
            train-00000.safetensors, ... in the order of training, validation.safetensors, and start.safetensors, the weights
            that `pretrain` would begin with. tools/pretraining/pretrain.py trains from these files.
            """)

    @OptionGroup var shapes: ShapeOptions

    @Option(help: ArgumentHelp("Folder to write to.", valueName: "folder"))
    var out: String

    @Option(help: "Size of the network whose start is written: small or base.")
    var size = NetworkSize.small

    @Option(help: "Times that every shape is written, each time sampled afresh.")
    var epochs = 4

    @Option(help: "Samples in a file; 256 are 26 MB in float16.")
    var shard = 256

    @Option(help: "Of the patches' coordinates: float16, or float32 for the same numbers as `pretrain`.")
    var precision = Precision.float16

    @OptionGroup var progress: ProgressOptions

    @Flag(help: "What was written, as a JSON object.")
    var json = false

    private struct Written: Encodable {
        let out: String
        let samples: Int, shapes: Int
    }

    func validate() throws {
        guard epochs > 0, shard > 0 else { throw ValidationError("--epochs and --shard: expected 1 or more") }
    }

    func run() async throws {
        try await reportingFailures { try write() }
    }

    private func write() throws {
        let folder = URL(filePath: out)
        if let found = try? FileManager.default.contentsOfDirectory(atPath: folder.path), !found.isEmpty {
            throw Failure("\(out) is not empty: name another folder with --out, so that no old file is among the new")
        }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure("\(out) cannot be made: \(error.localizedDescription)")
        }
        let (samples, _) = try shapes.samples()
        let workers = shapes.workers
        let total = epochs * samples.training.count
        let facts = [
            "scanward": Version.string, "seed": String(shapes.seed), "shapes": samples.fingerprint,
            "training_shapes": String(samples.training.count), "samples": String(total), "size": size.rawValue,
            "points": String(shapes.points), "mask_ratio": String(shapes.maskRatio),
        ]
        var start = ReconstructionNetwork.pretrainingStart(NetworkConfiguration(size), seed: shapes.seed).tensors
        start.metadata = facts
        try put(start.encoded(), to: folder.appending(path: "start.safetensors"))
        let validation = PretrainingShard(samples.validation(workers: workers), first: 0, metadata: facts)
        try put(validation.encoded(as: type), to: folder.appending(path: "validation.safetensors"))

        let line = ProgressLine("samples", total: total, isLogged: progress.logProgress)
        for (number, first) in stride(from: 0, to: total, by: shard).enumerated() {
            let batch = samples.batch(from: first, count: min(shard, total - first), workers: workers)
            let bytes = PretrainingShard(batch, first: first, metadata: facts).encoded(as: type)
            try put(bytes, to: folder.appending(path: String(format: "train-%05d.safetensors", number)))
            line.update(first + batch.count)
        }
        guard !json else {
            return Terminal.output(
                try jsonLine(Written(out: folder.path, samples: total, shapes: samples.training.count)))
        }
        Terminal.output("\(total) samples of \(samples.training.count) shapes in \(folder.path)")
    }

    private var type: SafeTensors.DataType { precision == .float16 ? .float16 : .float32 }

    private func put(_ bytes: [UInt8], to file: URL) throws {
        do {
            try Data(bytes).write(to: file, options: .atomic)
        } catch {
            throw Failure("\(file.path) cannot be written: \(error.localizedDescription)")
        }
    }
}
