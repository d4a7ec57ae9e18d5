public import SeededRandom
public import NeuralNetwork
public import ParallelLoops
public import PointClouds

/// Trains a network further on the good parts of one type.
///
/// Stops early when the loss on held-out patches no longer falls, and keeps the weights of the lowest one. Where it
/// stands can be saved at each validation, and resumed with the same result.
public struct FineTuning: Sendable {
    public struct Options: Sendable, Equatable {
        public var steps = 300
        /// Parts in a step.
        public var batch = 4
        /// Peak of the learning rate, which warms up linearly and falls by a cosine to a hundredth.
        public var rate: Float = 5e-4
        public var warmUp = 10
        public var maskRatio: Float = 0.4
        public var dropPath: Float = 0
        /// See `NetworkTrainer.Options`.
        public var headShare: Float = 1
        public var gradientLimit = Float.infinity
        /// Steps between validations.
        public var validationInterval = 25
        /// Validations in a row without a lower loss after which training stops.
        public var patience = 4
        public var seed: UInt64 = 0
        public init() {}
    }

    /// Where a run stands after a step.
    public struct Progress: Sendable {
        /// Steps done, of at most `steps`.
        public let step: Int
        public let steps: Int
        /// Mean l2 Chamfer distance of the masked patches of this step's batch.
        public let loss: Float
        /// That of the held-out parts, after those steps that validate.
        public let validationLoss: Float?
        public let rate: Float
    }

    public enum Ending: String, Sendable {
        case finished
        /// The validation loss stopped falling.
        case converged
        case cancelled
        /// The loss was not a number: the rate is too high, or the parts hold bad coordinates.
        case diverged
    }

    public struct Outcome: Sendable {
        /// With the lowest validation loss seen (without held-out parts: the last one).
        public let network: ReconstructionNetwork
        public let ending: Ending
        /// Steps done, and the step after which `network` was taken: 0 is the network as it came.
        public let steps: Int
        public let bestStep: Int
        /// Before the first step, and the lowest; infinite without held-out parts.
        public let initialValidationLoss: Float
        public let validationLoss: Float
    }

    public let options: Options
    let workers: Workers

    public init(_ options: Options = Options(), workers: Workers = .all) {
        self.options = options
        self.workers = workers
    }

    /// - Parameters:
    ///   - network: to begin with; ignored, but for its shape, with a checkpoint.
    ///   - checkpoint: of an interrupted run with the same options.
    ///   - validation: patches of held-out parts; may be empty, then every step is taken.
    ///   - sample: freshly sampled and augmented patches of a good part. Called on several threads, with a number of its
    ///     own for each call of the run and a generator seeded by it. All must have one number of patches.
    ///   - isCancelled: asked before each step.
    ///   - save: given a checkpoint after each validation, to be stored.
    ///   - progress: called after each step.
    /// - Throws: if the checkpoint is not one of this network.
    public func run(
        _ network: ReconstructionNetwork, resuming checkpoint: SafeTensors? = nil, validation: [Patches],
        sample: @Sendable (_ index: Int, _ random: inout SplitMix64) -> Patches,
        isCancelled: () -> Bool = { false }, save: ((SafeTensors) -> Void)? = nil,
        progress: (Progress) -> Void = { _ in }
    ) throws(NeuralNetworkError) -> Outcome {
        let validator = ValidationLoss(validation, maskRatio: options.maskRatio, seed: options.seed, workers: workers)
        let schedule = CosineSchedule(
            peak: options.rate, final: options.rate / 100, warmUp: options.warmUp, steps: options.steps)
        var state = try State(network, checkpoint, options: options, validator: validator, workers: workers)

        var ending = Ending.finished
        while state.trainer.steps < options.steps {
            if isCancelled() {
                ending = .cancelled
                break
            }
            let step = state.trainer.steps, rate = schedule.rate(at: step)
            let loss = state.trainer.step(samples(step: step, sample), rate: rate)
            guard loss.isFinite else {
                ending = .diverged
                break
            }
            let done = step + 1
            var validationLoss: Float?
            if !validation.isEmpty, done % options.validationInterval == 0 || done == options.steps {
                validationLoss = state.validate(validator)
                save?(state.checkpoint)
            }
            progress(
                Progress(step: done, steps: options.steps, loss: loss, validationLoss: validationLoss, rate: rate))
            if state.misses >= options.patience {
                ending = .converged
                break
            }
        }
        return state.outcome(ending)
    }

    /// A step's batch: the same for the same options, whatever was before.
    private func samples(
        step: Int, _ sample: @Sendable (_ index: Int, _ random: inout SplitMix64) -> Patches
    ) -> [TrainingSample] {
        let masks = MaskSchedule(strategy: .random, ratio: options.maskRatio, iterations: 1)
        var batch = [TrainingSample?](repeating: nil, count: options.batch)
        batch.withUnsafeMutableBufferPointer { buffer in
            let target = DisjointWrites(buffer)
            workers.run(chunks: options.batch) { number in
                let index = step * options.batch + number
                var random = SplitMix64(seed: SplitMix64.seed(options.seed, stream: UInt64(index)))
                let patches = sample(index, &random)
                target[number] = TrainingSample(patches, masked: masks.masks(count: patches.count, using: &random)[0])
            }
        }
        return batch.compactMap { $0 }
    }
}
