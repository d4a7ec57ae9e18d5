import SeededRandom
import NeuralNetwork
import ParallelLoops
import PointClouds
import Synchronization
import Testing

@testable import IMRNet

struct TrainingTests {
    private func trainer(dropPath: Float) -> (NetworkTrainer, [TrainingSample]) {
        var options = NetworkTrainer.Options()
        options.dropPath = dropPath
        options.seed = 5
        let trainer = NetworkTrainer(ReconstructionNetwork(tinyConfiguration, seed: 1), options: options)
        let samples = (0..<4).map {
            TrainingSample(sheetPatches(count: 20, size: 16, seed: $0).patches, masked: [1, 4, 6, 9, 11, 14, 15, 18])
        }
        return (trainer, samples)
    }

    /// The whole network's gradient, with and without dropped branches, along random directions.
    @Test(arguments: [0, 0.6] as [Float])
    func gradientAgainstDifferences(_ dropPath: Float) {
        let (trainer, samples) = trainer(dropPath: dropPath)
        _ = trainer.accumulateGradients(samples)
        let start = trainer.parameters.copied(), gradient = trainer.gradients.copied()
        let learned = start.layout.learnedCount
        for seed in 0..<6 {
            var random = SplitMix64(seed: UInt64(seed))
            let direction = (0..<learned).map { _ in 0.05 * random.normal() }
            func loss(_ step: Float) -> Double {
                for index in 0..<learned {
                    trainer.parameters.flat[0, index] = start.flat[0, index] + step * direction[index]
                }
                return Double(trainer.accumulateGradients(samples))
            }
            // Small, for the loss has kinks: nearest neighbours and maxima change.
            let step: Float = 3e-4
            let numeric = (loss(step) - loss(-step)) / (2 * Double(step))
            var analytic = 0.0
            for index in 0..<learned { analytic += Double(gradient.flat[0, index]) * Double(direction[index]) }
            #expect(
                abs(numeric - analytic) < 0.02 * max(abs(analytic), 0.1), "numeric \(numeric), analytic \(analytic)")
        }
    }

    @Test func checkpointsResumeToTheSameBits() throws {
        let (whole, samples) = trainer(dropPath: 0.3)
        let (first, _) = trainer(dropPath: 0.3)
        for _ in 0..<6 { _ = whole.step(samples, rate: 1e-3) }
        for _ in 0..<3 { _ = first.step(samples, rate: 1e-3) }
        var options = NetworkTrainer.Options()
        (options.dropPath, options.seed) = (0.3, 5)
        let file = try SafeTensors(decoding: first.checkpoint.encoded())
        let second = try NetworkTrainer(tinyConfiguration, checkpoint: file, options: options)
        for _ in 0..<3 { _ = second.step(samples, rate: 1e-3) }
        #expect(second.checkpoint == whole.checkpoint)
        #expect(throws: NeuralNetworkError.self) {
            _ = try NetworkTrainer(tinyConfiguration, checkpoint: whole.network.tensors)
        }
    }

    private func options() -> FineTuning.Options {
        var options = FineTuning.Options()
        (options.steps, options.batch, options.validationInterval, options.warmUp) = (60, 2, 10, 4)
        options.rate = 2e-3
        return options
    }

    @Sendable private static func sample(_ index: Int, _ random: inout SplitMix64) -> Patches {
        sheetPatches(count: 24, size: 16, seed: random.next()).patches
    }

    @Test func fineTuningLowersTheHeldOutLoss() throws {
        let network = ReconstructionNetwork(tinyConfiguration, seed: 2)
        let heldOut = [sheetPatches(count: 24, size: 16, seed: 77).patches]
        var steps: [Int] = [], validated: [Float] = []
        let outcome = try FineTuning(options()).run(
            network, validation: heldOut, sample: Self.sample,
            progress: {
                steps.append($0.step)
                if let loss = $0.validationLoss { validated.append(loss) }
            })
        #expect(outcome.ending == .finished)
        #expect(steps == Array(1...60))
        #expect(validated.count == 6)
        #expect(outcome.validationLoss == validated.min())
        #expect(outcome.validationLoss < 0.5 * outcome.initialValidationLoss)
        #expect(outcome.network.tensors != network.tensors)
    }

    @Test func fineTuningStopsWhenTheLossNoLongerFalls() throws {
        var options = options()
        (options.rate, options.patience, options.validationInterval) = (0, 2, 5)
        let network = ReconstructionNetwork(tinyConfiguration, seed: 2)
        // With a rate of zero only the running statistics move, towards another shape's.
        let heldOut = [sheetPatches(count: 24, size: 16, seed: 77).patches]
        let outcome = try FineTuning(options).run(
            network, validation: heldOut,
            sample: { _, random in
                var patches = Self.sample(0, &random)
                for index in patches.coordinates.indices { patches.coordinates[index] = 40 }
                return patches
            })
        #expect(outcome.ending == .converged)
        #expect(outcome.steps <= 40)
    }

    @Test func fineTuningResumesAndCancels() throws {
        let network = ReconstructionNetwork(tinyConfiguration, seed: 2)
        let heldOut = [sheetPatches(count: 24, size: 16, seed: 77).patches]
        var options = options()
        options.steps = 20
        let whole = try FineTuning(options).run(network, validation: heldOut, sample: Self.sample)

        var saved: SafeTensors?, done = 0
        let cancelled = try FineTuning(options).run(
            network, validation: heldOut, sample: Self.sample, isCancelled: { done == 13 }, save: { saved = $0 },
            progress: { done = $0.step })
        #expect(cancelled.ending == .cancelled && cancelled.steps == 13)
        let resumed = try FineTuning(options).run(
            network, resuming: saved, validation: heldOut, sample: Self.sample)
        #expect(resumed.network.tensors == whole.network.tensors)
        #expect(resumed.validationLoss == whole.validationLoss)
    }

    @Test func divergenceIsToldAndKeepsTheBest() throws {
        let network = ReconstructionNetwork(tinyConfiguration, seed: 2)
        let outcome = try FineTuning(options()).run(
            network, validation: [],
            sample: { index, random in
                var patches = Self.sample(index, &random)
                if index > 6 { patches.coordinates[0] = .nan }
                return patches
            })
        #expect(outcome.ending == .diverged)
        #expect(outcome.network.tensors == network.tensors)
    }
}
