import ArgumentParser
import Foundation
import IMRNet
import NeuralNetwork

struct ImportCheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-checkpoint",
        abstract: "Makes a backbone of Point-MAE's public pretraining checkpoint.",
        discussion: """
            First turn pretrain.pth into safetensors, with tools/pretraining/convert_point_mae.py. The names are mapped; the head,
            which predicts 32 points there, is replaced by a fresh one for 64. Pretrain further with
            `scanward pretrain --size base --start FILE`, so that the new head learns.
            """)

    @Argument(help: "Point-MAE's state dict as safetensors.")
    var file: String

    @Option(help: ArgumentHelp("File to write the backbone to.", valueName: "file"))
    var out: String

    @Option(help: "Seed of the fresh head.")
    var seed: UInt64 = 1

    @Option(help: "Of the weights: float16 or float32.")
    var precision = Precision.float32

    @Flag(help: "Replace a file that is already there.")
    var replace = false

    @Flag(help: "What was written, as a JSON object.")
    var json = false

    private struct Written: Encodable {
        let out: String
        let parameters: Int
        /// Points of a patch that the head predicted, where a fresh one took its place.
        let replacedHead: Int?
    }

    func run() async throws {
        try await reportingFailures { try convert() }
    }

    private func convert() throws {
        guard replace || !FileManager.default.fileExists(atPath: out) else {
            throw Failure("\(out) exists already: name another file with --out, or replace it with --replace")
        }
        let bytes = try fileBytes(file)
        let result: PointMAECheckpoint.Import
        do {
            result = try PointMAECheckpoint.network(try SafeTensors(decoding: bytes), seed: seed)
        } catch {
            throw Failure("\(file): \(error)")
        }
        var weights = result.network.tensors
        weights.metadata = [
            "size": "base", "source": "Point-MAE (Pang et al., ECCV 2022)", "source_sha256": sha256(bytes),
            "scanward": Version.string,
        ]
        if let points = result.replacedHead {
            weights.metadata["head"] = "fresh, seed \(seed); was of \(points) points"
        }
        do {
            let type: SafeTensors.DataType = precision == .float16 ? .float16 : .float32
            try Data(weights.encoded(as: type)).write(to: URL(filePath: out), options: .atomic)
        } catch {
            throw Failure("\(out) cannot be written: \(error.localizedDescription)")
        }
        guard !json else {
            return Terminal.output(
                try jsonLine(
                    Written(out: out, parameters: result.network.parameterCount, replacedHead: result.replacedHead)))
        }
        let head = result.replacedHead.map { "the head for \($0) points replaced by a fresh one" } ?? "the head kept"
        Terminal.output("\(out): \(result.network.parameterCount) parameters, \(head)")
    }
}
