import IMRNet
import NeuralNetwork
import ParallelLoops
import PointClouds
import SeededRandom

/// One thing that is timed.
struct Operation {
    let name: String
    /// Floating-point operations of its matrix products, as ours does them; a training step counts as three forward passes.
    let operations: Int
    let body: () -> Void
}

/// A network with random weights and parts of the published shape: 256 patches of 64 points, 102 of them masked.
final class Workload {
    static let batch = 4
    let network: ReconstructionNetwork
    let samples: [TrainingSample]
    let workers: Workers

    init(_ size: NetworkSize, workers: Workers) {
        self.workers = workers
        network = ReconstructionNetwork(NetworkConfiguration(size), seed: 1)
        var random = SplitMix64(seed: 2)
        samples = (0..<Self.batch).map { _ in
            let centers = (0..<256).map { _ in 0.5 * SIMD3(random.normal(), random.normal(), random.normal()) }
            let coordinates = (0..<256 * 64 * 3).map { _ in 0.1 * random.normal() }
            let masked = MaskSchedule().masks(count: 256, using: &random)[0]
            return TrainingSample(
                coordinates: coordinates, centers: centers,
                visible: MaskSchedule.visible(count: 256, masked: masked), masked: masked)
        }
    }

    var patches: Patches {
        Patches(
            size: 64, centerIndices: [Int32](repeating: 0, count: 256), centers: samples[0].centers,
            memberIndices: [Int32](repeating: 0, count: 256 * 64), coordinates: samples[0].coordinates)
    }

    /// Each stage by itself, then the passes that they make up.
    lazy var operations: [Operation] = stages + passes

    private var stages: [Operation] {
        let visible = samples[0].visible.count, masked = samples[0].masked.count, workers = workers
        var result = NetworkStage.allCases.map { stage in
            let prepared = network.prepared(stage, visible: visible, masked: masked, workers: workers)
            return Operation(name: stage.rawValue, operations: prepared.operations) { prepared.run() }
        }
        let length = 64 * 3
        let target = Matrix(Array(samples[0].coordinates[..<(masked * length)]), rows: masked, columns: length)
        let other = Matrix(Array(samples[1].coordinates[..<(masked * length)]), rows: masked, columns: length)
        let gradient = Matrix(repeating: 0, rows: masked, columns: length)
        result.append(
            Operation(name: "chamfer", operations: network.configuration.operations(comparing: masked)) {
                _ = ChamferLoss.forward(predicted: other, target: target, gradient: gradient, workers: workers)
            })
        return result
    }

    private var passes: [Operation] {
        let network = network, sample = samples[0], workers = workers, samples = samples, patches = patches
        let shape = network.configuration, visible = sample.visible.count, masked = sample.masked.count
        let features =
            shape.operations(transforming: 256, depth: shape.encoderDepth)
            + shape.operations(transforming: 256, depth: min(3, shape.decoderDepth))
        let reconstruction =
            shape.operations(transforming: visible, depth: shape.encoderDepth)
            + shape.operations(transforming: 256, depth: shape.decoderDepth) + shape.operations(predicting: masked)
        let pass = shape.operations(tokenizing: visible) + reconstruction
        let tokens = network.tokens(patches: sample.coordinates, workers: workers)
        let trainer = NetworkTrainer(network, workers: workers)
        return [
            Operation(name: "features", operations: features) {
                _ = network.features(tokens: tokens, centers: sample.centers, workers: workers)
            },
            Operation(name: "masked", operations: pass) {
                _ = network.predict(
                    patches: sample.coordinates, centers: sample.centers, visible: sample.visible,
                    masked: sample.masked, workers: workers)
            },
            Operation(
                name: "part",
                operations: 2 * features + 3 * reconstruction + shape.operations(tokenizing: 256 + 3 * masked)
            ) {
                let result = IterativeReconstruction(network).reconstruct(patches, seed: 0, workers: workers)
                _ = network.features(tokens: result.inputTokens, centers: sample.centers, workers: workers)
                _ = network.features(tokens: result.tokens, centers: sample.centers, workers: workers)
            },
            Operation(name: "training", operations: 3 * Self.batch * pass) {
                _ = trainer.step(samples, rate: 1e-5)
            },
        ]
    }

    /// Weights, inputs and what the network makes of them, under names of their own.
    var tensors: SafeTensors {
        var result = network.tensors
        func add(_ name: String, _ values: [Float], _ shape: [Int]) {
            result.tensors["input." + name] = SafeTensors.Tensor(shape: shape, values: values)
        }
        add("patches", samples.flatMap(\.coordinates), [Self.batch, 256, 64, 3])
        add("centers", samples.flatMap { $0.centers.flatMap { [$0.x, $0.y, $0.z] } }, [Self.batch, 256, 3])
        let masked = samples[0].masked.count
        add("visible", samples.flatMap { $0.visible.map(Float.init) }, [Self.batch, 256 - masked])
        add("masked", samples.flatMap { $0.masked.map(Float.init) }, [Self.batch, masked])
        let sample = samples[0]
        add(
            "predicted",
            network.predict(
                patches: sample.coordinates, centers: sample.centers, visible: sample.visible, masked: sample.masked,
                workers: workers), [masked, 64, 3])
        add("loss", [NetworkTrainer(network, workers: workers).step(samples, rate: 0)], [1])
        return result
    }
}
