import NeuralNetwork
import ParallelLoops

extension FineTuning {
    /// A run between two steps: the trainer, and the best weights so far.
    struct State {
        let trainer: NetworkTrainer
        private var best: ReconstructionNetwork
        private var bestStep = 0
        private var bestLoss = Float.infinity
        private var initialLoss = Float.infinity
        /// Validations since the best one.
        private(set) var misses = 0
        private let validates: Bool

        private static let bestPrefix = "best."

        init(
            _ network: ReconstructionNetwork, _ checkpoint: SafeTensors?, options: Options, validator: ValidationLoss,
            workers: Workers
        ) throws(NeuralNetworkError) {
            var trainerOptions = NetworkTrainer.Options()
            trainerOptions.dropPath = options.dropPath
            trainerOptions.headShare = options.headShare
            trainerOptions.gradientLimit = options.gradientLimit
            trainerOptions.seed = options.seed
            validates = !validator.isEmpty
            guard let checkpoint else {
                trainer = NetworkTrainer(network, options: trainerOptions, workers: workers)
                best = network
                if validates { initialLoss = validator(network) }
                bestLoss = initialLoss
                return
            }
            trainer = try NetworkTrainer(
                network.configuration, checkpoint: checkpoint, options: trainerOptions, workers: workers)
            best = try ReconstructionNetwork(
                network.configuration, tensors: checkpoint.tensors(withPrefix: Self.bestPrefix))
            bestStep = checkpoint.metadata["best_step"].flatMap { Int($0) } ?? 0
            bestLoss = checkpoint.metadata["best_loss"].flatMap { Float($0) } ?? .infinity
            initialLoss = checkpoint.metadata["initial_loss"].flatMap { Float($0) } ?? .infinity
            misses = checkpoint.metadata["misses"].flatMap { Int($0) } ?? 0
        }

        /// Takes the trainer's weights if their loss is the lowest so far.
        mutating func validate(_ validator: ValidationLoss) -> Float {
            let network = trainer.network
            let loss = validator(network)
            if loss < bestLoss {
                (best, bestLoss, bestStep, misses) = (network, loss, trainer.steps, 0)
            } else {
                misses += 1
            }
            return loss
        }

        var checkpoint: SafeTensors {
            var result = trainer.checkpoint
            for (name, tensor) in best.tensors.tensors { result.tensors[Self.bestPrefix + name] = tensor }
            result.metadata["best_step"] = String(bestStep)
            result.metadata["best_loss"] = String(bestLoss)
            result.metadata["initial_loss"] = String(initialLoss)
            result.metadata["misses"] = String(misses)
            return result
        }

        func outcome(_ ending: Ending) -> Outcome {
            let takesLast = !validates && ending != .diverged
            return Outcome(
                network: takesLast ? trainer.network : best, ending: ending, steps: trainer.steps,
                bestStep: takesLast ? trainer.steps : bestStep, initialValidationLoss: initialLoss,
                validationLoss: bestLoss)
        }
    }
}
