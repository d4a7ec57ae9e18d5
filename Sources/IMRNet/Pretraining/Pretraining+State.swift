import Foundation
import NeuralNetwork
import ParallelLoops

extension Pretraining {
    /// A run between two steps: the trainer, the best weights so far, and the curve.
    struct State {
        let trainer: NetworkTrainer
        private var best: ReconstructionNetwork
        private var progress: Record
        private let batchShare: Double
        private static let bestPrefix = "best."
        private static let recordKey = "pretraining"

        /// All of a checkpoint but its tensors.
        private struct Record: Codable {
            var options: Options
            var sampleOptions: PretrainingSamples.Options
            var shapes: String
            var bestStep = 0
            var bestLoss: Float
            var curve = LossCurve()
            /// Of the losses since the last point of the curve.
            var lossSum = 0.0
            var lossCount = 0
        }

        init(
            _ network: ReconstructionNetwork, _ checkpoint: SafeTensors?, _ pretraining: Pretraining,
            _ samples: PretrainingSamples, _ validator: HeldOutLoss
        ) throws {
            let options = pretraining.options
            batchShare = Double(options.batch) / Double(samples.training.count)
            var training = NetworkTrainer.Options()
            training.optimizer.decay = options.decay
            training.optimizer.beta2 = options.beta2
            training.optimizer.epsilon = options.epsilon
            training.dropPath = options.dropPath
            training.seed = options.seed
            training.headShare = options.headShare
            training.gradientLimit = options.gradientLimit
            training.momentum = options.momentum
            training.startsWithMeans = true
            if let checkpoint {
                progress = try Self.record(of: checkpoint)
                try Self.compare(progress, options, samples)
                trainer = try NetworkTrainer(
                    network.configuration, checkpoint: checkpoint, options: training, workers: pretraining.workers)
                best = try ReconstructionNetwork(
                    network.configuration, tensors: checkpoint.tensors(withPrefix: Self.bestPrefix))
            } else {
                trainer = NetworkTrainer(network, options: training, workers: pretraining.workers)
                best = network
                let loss = validator(network)
                progress = Record(
                    options: options, sampleOptions: samples.options, shapes: samples.fingerprint, bestLoss: loss)
                progress.curve.points.append(.init(step: 0, epoch: 0, rate: 0, training: nil, validation: loss))
            }
        }

        mutating func add(_ loss: Float) {
            progress.lossSum += Double(loss)
            progress.lossCount += 1
        }

        /// Adds a point to the curve, and takes the trainer's weights if their loss is the lowest so far.
        mutating func validate(_ validator: HeldOutLoss, rate: Float) -> Float {
            let network = trainer.network, loss = validator(network)
            if loss < progress.bestLoss || !progress.bestLoss.isFinite {
                (best, progress.bestLoss, progress.bestStep) = (network, loss, trainer.steps)
            }
            progress.curve.points.append(
                .init(
                    step: trainer.steps, epoch: Double(trainer.steps) * batchShare, rate: rate,
                    training: Float(progress.lossSum / Double(max(progress.lossCount, 1))), validation: loss))
            (progress.lossSum, progress.lossCount) = (0, 0)
            return loss
        }

        func checkpoint() throws -> SafeTensors {
            var result = trainer.checkpoint
            for (name, tensor) in best.tensors.tensors { result.tensors[Self.bestPrefix + name] = tensor }
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            // A validation's loss may be no number, while the training's still is.
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            result.metadata[Self.recordKey] = String(decoding: try encoder.encode(progress), as: UTF8.self)
            return result
        }

        func outcome(_ ending: Ending) -> Outcome {
            Outcome(
                network: best, ending: ending, steps: trainer.steps, bestStep: progress.bestStep,
                validationLoss: progress.bestLoss, curve: progress.curve)
        }

        private static func record(of checkpoint: SafeTensors) throws(PretrainingError) -> Record {
            let decoder = JSONDecoder()
            decoder.nonConformingFloatDecodingStrategy = .convertFromString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            guard let text = checkpoint.metadata[recordKey],
                let record = try? decoder.decode(Record.self, from: Data(text.utf8))
            else {
                throw PretrainingError(
                    .checkpoint,
                    "expected the checkpoint of a pretraining, found none of its records in the file's metadata")
            }
            return record
        }

        /// The same bits can only come of the same settings.
        private static func compare(
            _ record: Record, _ options: Options, _ samples: PretrainingSamples
        ) throws(PretrainingError) {
            let differences =
                differences(record.options, options) + differences(record.sampleOptions, samples.options)
            guard differences.isEmpty else {
                throw PretrainingError(
                    .checkpoint,
                    "the checkpoint is of a run with other settings (\(differences.joined(separator: ", "))): "
                        + "give the same ones, or begin anew in another folder")
            }
            guard record.shapes == samples.fingerprint else {
                throw PretrainingError(
                    .checkpoint,
                    "the checkpoint is of a run over other shapes (\(record.shapes); found \(samples.fingerprint)): "
                        + "name the same files, or begin anew in another folder")
            }
        }

        private static func differences(_ then: some Encodable, _ now: some Encodable) -> [String] {
            func fields(_ value: some Encodable) -> [String: String] {
                let data = (try? JSONEncoder().encode(value)) ?? Data()
                let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
                return object.mapValues { "\($0)" }
            }
            let old = fields(then), new = fields(now)
            return old.keys.sorted().filter { old[$0] != new[$0] }.map {
                "\($0): \(old[$0] ?? "none") then, \(new[$0] ?? "none") now"
            }
        }
    }
}
