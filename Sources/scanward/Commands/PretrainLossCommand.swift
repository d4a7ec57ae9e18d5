import ArgumentParser
import Foundation
import IMRNet
import NeuralNetwork
import ParallelLoops
import Synchronization

struct PretrainLossCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain-loss",
        abstract: "The loss of a backbone's weights on samples that `pretrain-data` wrote.",
        discussion: "Prints the mean l2 Chamfer distance of the masked patches from their predictions (eq. 12).")

    @Argument(help: "Weights (safetensors).")
    var weights: String

    @Option(help: ArgumentHelp("Prepared samples, as validation.safetensors.", valueName: "file"))
    var data: String

    @Option(help: ArgumentHelp("Also write the predicted patches, [n, M, K, 3] in float32.", valueName: "file"))
    var predictions: String?

    @Option(help: "Threads (default: all cores).")
    var threads: Int?

    @Flag(help: "As a JSON object.")
    var json = false

    private struct Measured: Encodable {
        let loss: Float?
        let samples: Int
    }

    func run() async throws {
        try await reportingFailures { try measure() }
    }

    private func measure() throws {
        let (network, _) = try Backbone.read(weights)
        let bytes = try fileBytes(data)
        let shard: PretrainingShard
        do {
            shard = try PretrainingShard(decoding: bytes)
        } catch {
            throw Failure("\(data): \(error)")
        }
        let workers = threads.map(Workers.init(count:)) ?? .all
        let points = network.configuration.patchPoints
        guard shard.samples.allSatisfy({ $0.coordinates.count == $0.centers.count * points * 3 }) else {
            throw Failure("\(data): expected patches of \(points) points, as the weights have them, found others")
        }
        let progress = Mutex((done: 0, line: ProgressLine("samples", total: shard.samples.count)))
        let loss = HeldOutLoss(shard.samples, workers: workers)(network) {
            progress.withLock {
                $0.done += 1
                $0.line.update($0.done)
            }
        }
        let measured = Measured(loss: loss.isFinite ? loss : nil, samples: shard.samples.count)
        Terminal.output(json ? try jsonLine(measured) : "\(loss)")
        guard let predictions else { return }
        let values = shard.samples.flatMap { sample in
            network.predict(
                patches: sample.coordinates, centers: sample.centers, visible: sample.visible, masked: sample.masked,
                workers: workers)
        }
        let shape = [shard.samples.count, shard.samples[0].masked.count, points, 3]
        let tensors = SafeTensors(tensors: ["predicted": .init(shape: shape, values: values)])
        do {
            try Data(tensors.encoded()).write(to: URL(filePath: predictions), options: .atomic)
        } catch {
            throw Failure("\(predictions) cannot be written: \(error.localizedDescription)")
        }
    }
}
