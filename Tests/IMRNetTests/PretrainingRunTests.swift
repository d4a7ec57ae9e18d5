import Foundation
import NeuralNetwork
import ParallelLoops
import PointClouds
import Testing

@testable import IMRNet

/// A whole pretraining of a tiny network: it learns, stops, goes on, and does not depend on threads.
struct PretrainingRunTests {
    private var options: Pretraining.Options {
        var options = Pretraining.Options()
        (options.epochs, options.batch, options.rate) = (24, 4, 2e-3)
        (options.headShare, options.validationInterval) = (0.3, 15)
        return options
    }

    private var start: ReconstructionNetwork { .pretrainingStart(tinyConfiguration, seed: 2) }

    @Test func theHeldOutLossFalls() throws {
        let samples = try PretrainingShapes.samples()
        var losses: [Float] = []
        let outcome = try Pretraining(options).run(start, on: samples, progress: { losses.append($0.loss) })
        #expect(outcome.ending == .finished)
        #expect(outcome.steps == Pretraining(options).steps(samples) && losses.count == outcome.steps)
        let first = try #require(outcome.curve.points.first)
        #expect(first.step == 0 && first.training == nil)
        #expect(outcome.validationLoss < 0.5 * first.validation)
        #expect(outcome.validationLoss == outcome.curve.points.map(\.validation).min())
        #expect(outcome.curve.points.last?.step == outcome.steps)
        let begin: Float = losses.prefix(8).reduce(0, +), end: Float = losses.suffix(8).reduce(0, +)
        // Every batch is stretched and masked anew, so single losses scatter.
        #expect(end < 0.75 * begin)
        // The best weights are those whose loss the curve shows.
        let again = HeldOutLoss(samples.validation())(outcome.network)
        #expect(again == outcome.validationLoss)
        #expect(outcome.curve.csv.split(separator: "\n").count == outcome.curve.points.count + 1)
    }

    @Test func stoppedAndResumedToTheSameBits() throws {
        let samples = try PretrainingShapes.samples()
        let whole = try Pretraining(options, workers: .one).run(start, on: samples)

        // Stopped between two validations; through the bytes of a file; on another number of threads.
        var file: [UInt8] = [], done = 0
        let stopped = try Pretraining(options, workers: Workers(count: 2)).run(
            start, on: samples, isCancelled: { done == 22 }, save: { file = $0.encoded() }, progress: { done = $0.step }
        )
        #expect(stopped.ending == .cancelled && stopped.steps == 22)
        #expect(stopped.bestStep <= 15)
        let other = ReconstructionNetwork(tinyConfiguration, seed: 99)
        let resumed = try Pretraining(options, workers: Workers(count: 2)).run(
            other, on: samples, resuming: SafeTensors(decoding: file))
        #expect(resumed.network.tensors == whole.network.tensors)
        #expect(resumed.curve == whole.curve)
        #expect(resumed.bestStep == whole.bestStep && resumed.validationLoss == whole.validationLoss)
    }

    @Test func anotherRunsCheckpointIsRefused() throws {
        let samples = try PretrainingShapes.samples()
        var options = options
        options.epochs = 1
        var file = SafeTensors()
        _ = try Pretraining(options).run(start, on: samples, save: { file = $0 })
        var changed = options
        changed.rate = 1e-3
        let settings = #expect(throws: PretrainingError.self) {
            try Pretraining(changed).run(start, on: samples, resuming: file)
        }
        #expect(try #require(settings).message.contains("rate"))
        let others = try PretrainingSamples(PretrainingShapes.all().dropLast(), options: samples.options)
        #expect(throws: PretrainingError.self) { try Pretraining(options).run(start, on: others, resuming: file) }
        #expect(throws: PretrainingError.self) {
            try Pretraining(options).run(start, on: samples, resuming: start.tensors)
        }
    }

    @Test func divergenceKeepsTheBestAndTheCheckpointBefore() throws {
        let samples = try PretrainingShapes.samples()
        var options = options
        (options.rate, options.warmUp, options.gradientLimit) = (1e30, 0, .greatestFiniteMagnitude)
        var saved = 0
        let outcome = try Pretraining(options).run(start, on: samples, save: { _ in saved += 1 })
        #expect(outcome.ending == .diverged && saved == 0)
        #expect(outcome.bestStep == 0 && outcome.network.tensors == start.tensors)
    }

    /// One step of the head at its share of the rate, all else at the whole.
    @Test func theHeadLearnsAtItsShare() throws {
        let batch = try PretrainingShapes.samples().batch(from: 0, count: 2)
        func moved(_ share: Float) -> (head: Float, token: Float) {
            var options = NetworkTrainer.Options()
            (options.headShare, options.optimizer.decay) = (share, 0)
            let trainer = NetworkTrainer(start, options: options)
            _ = trainer.step(batch, rate: 1e-2)
            func largest(_ name: String) -> Float {
                let (old, new) = (start.tensors.tensors[name]!.values, trainer.network.tensors.tensors[name]!.values)
                return zip(old, new).map { abs($0 - $1) }.max() ?? 0
            }
            return (largest("head.weight"), largest("mask_token"))
        }
        let whole = moved(1), part = moved(0.03)
        #expect(abs(part.head - 0.03 * whole.head) < 1e-3 * whole.head && whole.head > 0.009)
        #expect(part.token == whole.token)
    }

    @Test func longGradientsAreShortened() {
        let network = ReconstructionNetwork(tinyConfiguration, seed: 1)
        let vector = ParameterVector(network.architecture.layout)
        vector.flat.fill(0.5)
        let count = Double(vector.layout.learnedCount)
        #expect(abs(vector.learnedNorm(workers: .one) - 0.5 * count.squareRoot()) < 1e-9 * count)
        vector.limitNorm(to: 1e9, workers: .one)
        #expect(vector.flat[0, 0] == 0.5)
        vector.limitNorm(to: 2, workers: Workers(count: 2))
        #expect(abs(vector.learnedNorm(workers: .one) - 2) < 1e-5)
        // Buffers are no gradients.
        #expect(vector.flat[0, vector.layout.count - 1] == 0.5)
    }

    @Test func shardsHoldTheSamplesToTheBit() throws {
        let samples = try PretrainingShapes.samples().batch(from: 7, count: 3)
        let shard = PretrainingShard(samples, first: 7, metadata: ["note": "x"])
        let read = try PretrainingShard(decoding: shard.encoded(as: .float32))
        #expect(read.first == 7 && read.metadata["note"] == "x" && read.samples.count == 3)
        for (a, b) in zip(samples, read.samples) {
            #expect(a.coordinates == b.coordinates && a.centers == b.centers)
            #expect(a.masked == b.masked && a.visible == b.visible)
        }
        // Half precision touches the patches only.
        let half = try PretrainingShard(decoding: shard.encoded(as: .float16))
        for (a, b) in zip(samples, half.samples) {
            #expect(a.centers == b.centers && a.masked == b.masked && a.coordinates != b.coordinates)
            for (x, y) in zip(a.coordinates, b.coordinates) { #expect(abs(x - y) <= abs(x) * 0x1p-11 + 0x1p-25) }
        }
        #expect(throws: PretrainingError.self) { try PretrainingShard(decoding: SafeTensors().encoded()) }
        var broken = try SafeTensors(decoding: shard.encoded(as: .float32))
        broken.tensors["masked"] = .init(shape: [3, 1], values: [1, 24, 2])
        #expect(throws: PretrainingError.self) { try PretrainingShard(decoding: broken.encoded()) }
    }
}
