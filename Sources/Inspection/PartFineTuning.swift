import Foundation
import IMRNet
import NeuralNetwork
import ParallelLoops

/// Fine-tunes the network on all good parts but one, which validates: not the medoid, that the template comes from.
struct PartFineTuning {
    let good: GoodParts
    let template: Template
    let options: TeachingOptions
    let workers: Workers

    /// Resamplings of the held-out part whose loss is looked at.
    private static let validations = 2

    /// The loss curve, kept with the checkpoints.
    private struct Curve: Codable {
        var validation: [TeachingReport.Point] = []
        var training: [TeachingReport.Point] = []
        /// Of the steps since the last point.
        var sum = 0.0, count = 0

        static let key = "loss_curve"

        mutating func add(_ step: FineTuning.Progress) {
            sum += Double(step.loss)
            count += 1
            guard let loss = step.validationLoss else { return }
            validation.append(.init(step: step.step, loss: loss))
            training.append(.init(step: step.step, loss: Float(sum / Double(count))))
            (sum, count) = (0, 0)
        }
    }

    func run(
        _ backbone: ReconstructionNetwork, resuming checkpoint: SafeTensors?, save: ((SafeTensors) -> Void)?,
        progress: (TeachingProgress) -> Void, stopsEarly: () -> Bool
    ) throws(TeachingError) -> (network: ReconstructionNetwork, report: TeachingReport) {
        let heldOut = good.secondMedoid
        let training = samples(of: good.aligned.indices.filter { $0 != heldOut }, backbone, seed: options.seed)
        let validation = samples(of: [heldOut], backbone, seed: options.seed &+ 1_000_000)
        var curve =
            checkpoint?.metadata[Curve.key].flatMap { try? JSONDecoder().decode(Curve.self, from: Data($0.utf8)) }
            ?? Curve()
        var pending: SafeTensors?
        let outcome: FineTuning.Outcome
        do {
            outcome = try FineTuning(tuning, workers: workers).run(
                backbone, resuming: checkpoint,
                validation: Array(validation.unchanged.prefix(Self.validations)), sample: training.sample,
                isCancelled: stopsEarly,
                // Stored once the step is in the curve: its progress is told after its checkpoint.
                save: save == nil ? nil : { pending = $0 },
                progress: { step in
                    curve.add(step)
                    if var checkpoint = pending, let encoded = try? JSONEncoder().encode(curve) {
                        checkpoint.metadata[Curve.key] = String(decoding: encoded, as: UTF8.self)
                        save?(checkpoint)
                        pending = nil
                    }
                    progress(
                        .fineTuning(
                            step: step.step, steps: step.steps, loss: step.loss,
                            validationLoss: curve.validation.last?.loss))
                })
        } catch {
            throw TeachingError(code: .notAlike, description: "fine-tuning cannot begin: \(error)")
        }
        let report = TeachingReport(
            steps: outcome.steps, stepsPlanned: options.steps, ending: outcome.ending.rawValue,
            lossBefore: outcome.initialValidationLoss, bestValidationLoss: outcome.validationLoss,
            bestStep: outcome.bestStep, validation: curve.validation, training: curve.training)
        return (outcome.network, report)
    }

    private var tuning: FineTuning.Options {
        var tuning = FineTuning.Options()
        tuning.steps = options.steps
        tuning.batch = options.batch
        tuning.rate = options.learningRate
        tuning.headShare = options.headShare
        tuning.gradientLimit = options.gradientLimit ?? .infinity
        tuning.maskRatio = Float(options.scoring.maskRatio)
        tuning.seed = options.seed
        return tuning
    }

    private func samples(of parts: [Int], _ network: ReconstructionNetwork, seed: UInt64) -> FineTuningSamples {
        FineTuningSamples(
            parts.map { good.aligned[$0] },
            channels: NetworkChannels(network: network, settings: options.scoring, workers: workers),
            template: template, options: options, seed: seed)
    }
}
