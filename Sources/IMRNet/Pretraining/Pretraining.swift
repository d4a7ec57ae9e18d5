import Foundation
public import NeuralNetwork
public import ParallelLoops

/// Trains a network on unlabelled shapes to predict masked patches: Point-MAE's recipe with what docs/pretraining.md
/// found necessary.
///
/// Deterministic: the same shapes, options and start give the same weights, on any number of threads, and also if the run
/// was stopped and resumed in between.
public struct Pretraining: Sendable {
    public struct Options: Sendable, Equatable, Codable {
        /// Times that every training shape is seen.
        public var epochs = 30
        /// Samples in a step.
        public var batch = 8
        /// Peak of the learning rate; it warms up linearly and falls by a cosine to a thousandth.
        public var rate: Float = 5e-4
        /// Share of the steps that warm up.
        public var warmUp = 0.04
        /// The head's share of the rate (`NetworkTrainer.Options.headShare`).
        public var headShare: Float = 0.03
        /// Weight decay: none on one-dimensional parameters and tokens.
        public var decay: Float = 0.05
        public var beta2 = 0.98
        /// Below the gradients, which are tiny: the loss is about 1e-3.
        public var epsilon: Float = 1e-12
        public var gradientLimit: Float = 10
        /// Of the batch norms' running statistics, after the first batches.
        public var momentum: Float = 0.02
        /// Stochastic depth's rate at the last block.
        public var dropPath: Float = 0.1
        /// Steps between validations.
        public var validationInterval = 250
        /// Of stochastic depth.
        public var seed: UInt64 = 1
        public init() {}
    }

    /// Where a run stands after a step.
    public struct Progress: Sendable {
        /// Steps done, of `steps`.
        public let step: Int
        public let steps: Int
        /// Of this step's batch.
        public let loss: Float
        /// After those steps that validate.
        public let validationLoss: Float?
    }

    public enum Ending: String, Sendable, Codable {
        case finished
        case cancelled
        /// The loss was not a number: the rate is too high.
        case diverged
    }

    public struct Outcome: Sendable {
        /// With the lowest validation loss seen.
        public let network: ReconstructionNetwork
        public let ending: Ending
        /// Steps done, and the step after which `network` was taken: 0 is the start.
        public let steps: Int
        public let bestStep: Int
        public let validationLoss: Float
        public let curve: LossCurve
    }

    public let options: Options
    let workers: Workers

    public init(_ options: Options = Options(), workers: Workers = .all) {
        self.options = options
        self.workers = workers
    }

    /// Steps of a run over `samples`.
    public func steps(_ samples: PretrainingSamples) -> Int {
        max(1, (options.epochs * samples.training.count + options.batch - 1) / options.batch)
    }

    /// The learning rate of each step.
    public func schedule(_ samples: PretrainingSamples) -> CosineSchedule {
        let steps = steps(samples)
        return CosineSchedule(
            peak: options.rate, final: options.rate / 1000, warmUp: Int(options.warmUp * Double(steps)), steps: steps)
    }

    /// - Parameters:
    ///   - network: to begin with; ignored, but for its shape, with a checkpoint.
    ///   - checkpoint: what `save` was given by an earlier run of the same options over the same shapes.
    ///   - isCancelled: asked before each step.
    ///   - isSaveDue: asked after each step; `save` follows where it says so.
    ///   - save: given a checkpoint to be stored; also at the end, and when cancelled.
    ///   - progress: called after each step.
    /// - Throws: `PretrainingError` if the checkpoint is not one of this run.
    public func run(
        _ network: ReconstructionNetwork, on samples: PretrainingSamples, resuming checkpoint: SafeTensors? = nil,
        isCancelled: () -> Bool = { false }, isSaveDue: () -> Bool = { false },
        save: (SafeTensors) throws -> Void = { _ in },
        progress: (Progress) -> Void = { _ in }
    ) throws -> Outcome {
        guard network.configuration.patchPoints == samples.options.patchPoints else {
            throw PretrainingError(
                .shapes,
                "expected patches of \(network.configuration.patchPoints) points, as the network has them; "
                    + "found \(samples.options.patchPoints)")
        }
        let validator = HeldOutLoss(samples.validation(workers: workers), workers: workers)
        let schedule = schedule(samples), steps = steps(samples)
        var state = try State(network, checkpoint, self, samples, validator)
        var ending = Ending.finished
        while state.trainer.steps < steps {
            if isCancelled() {
                ending = .cancelled
                break
            }
            let step = state.trainer.steps
            let batch = samples.batch(from: step * options.batch, count: options.batch, workers: workers)
            let loss = state.trainer.step(batch, rate: schedule.rate(at: step))
            guard loss.isFinite else {
                ending = .diverged
                break
            }
            state.add(loss)
            let validates = (step + 1) % options.validationInterval == 0 || step + 1 == steps
            let validationLoss = validates ? state.validate(validator, rate: schedule.rate(at: step)) : nil
            progress(Progress(step: step + 1, steps: steps, loss: loss, validationLoss: validationLoss))
            if isSaveDue() { try save(state.checkpoint()) }
        }
        // A diverged network is no use to anybody: the checkpoint stays that before it.
        if ending != .diverged { try save(state.checkpoint()) }
        return state.outcome(ending)
    }
}
