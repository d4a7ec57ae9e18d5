import SeededRandom
public import NeuralNetwork
public import ParallelLoops
public import PointClouds

/// One part's patches and its mask.
public struct TrainingSample: Sendable {
    /// [G, K, 3], relative to the centres.
    public let coordinates: [Float]
    /// [G].
    public let centers: [SIMD3<Float>]
    /// Patch indices, together all of 0..<G.
    public let visible: [Int]
    public let masked: [Int]

    public init(coordinates: [Float], centers: [SIMD3<Float>], visible: [Int], masked: [Int]) {
        precondition(visible.count + masked.count == centers.count && !visible.isEmpty && !masked.isEmpty)
        self.coordinates = coordinates
        self.centers = centers
        self.visible = visible
        self.masked = masked
    }

    public init(_ patches: Patches, masked: [Int]) {
        self.init(
            coordinates: patches.coordinates, centers: patches.centers,
            visible: MaskSchedule.visible(count: patches.count, masked: masked), masked: masked)
    }
}

/// Trains a reconstruction network, step by step, by AdamW on the l2 Chamfer loss (eq. 12) of the masked patches.
///
/// Not safe to use from several threads at once; it uses them itself.
public final class NetworkTrainer {
    public struct Options: Sendable, Equatable {
        public var optimizer = AdamW.Options()
        /// Stochastic depth's rate at the last block; it grows linearly from 0 at the first.
        public var dropPath: Float = 0
        /// Of stochastic depth.
        public var seed: UInt64 = 0
        /// The head's share of the learning rate. Patch coordinates are about 0.03: at the full rate one step of AdamW moves
        /// the head's output by as much (docs/pretraining.md).
        public var headShare: Float = 1
        /// Largest norm of all gradients together; longer ones are scaled down to it.
        public var gradientLimit = Float.infinity
        /// Least weight of a batch in the running statistics of the batch norms.
        public var momentum = BatchNorm.momentum
        /// Begin with the plain mean of the first batches' statistics, until a batch would weigh less than `momentum`.
        public var startsWithMeans = false
        public init() {}
    }

    let architecture: NetworkArchitecture
    let parameters: ParameterVector
    let gradients: ParameterVector
    private(set) var optimizer: AdamW
    private let options: Options
    private let workers: Workers
    private var batch: TrainingBatch?

    /// Begins with the weights of `network`, which keeps its own.
    public convenience init(_ network: ReconstructionNetwork, options: Options = Options(), workers: Workers = .all) {
        self.init(
            network.architecture, network.parameters.copied(),
            AdamW(network.architecture.layout, options: options.optimizer), options: options, workers: workers)
    }

    init(
        _ architecture: NetworkArchitecture, _ parameters: ParameterVector, _ optimizer: AdamW, options: Options,
        workers: Workers
    ) {
        self.architecture = architecture
        self.parameters = parameters.packed(architecture.linearLayers, backward: true, workers: workers)
        self.gradients = ParameterVector(architecture.layout)
        self.optimizer = optimizer
        self.options = options
        self.workers = workers
    }

    /// Steps done.
    public var steps: Int { optimizer.steps }

    /// The network as it is now; a copy.
    public var network: ReconstructionNetwork { ReconstructionNetwork(architecture, parameters.copied()) }

    /// One step of the optimiser on a batch; returns the loss before it.
    ///
    /// The samples must agree in their numbers of visible and of masked patches.
    public func step(_ samples: [TrainingSample], rate: Float) -> Float {
        let loss = accumulateGradients(samples)
        gradients.limitNorm(to: options.gradientLimit, workers: workers)
        optimizer.step(parameters, gradients: gradients, rate: rate, workers: workers) { [options] entry in
            entry.name.hasPrefix("head.") ? options.headShare : 1
        }
        return loss
    }

    /// Loss and `gradients` of a batch; moves the running statistics of the batch norms.
    func accumulateGradients(_ samples: [TrainingSample]) -> Float {
        precondition(!samples.isEmpty, "a batch needs a sample")
        parameters.repack(workers: workers)
        let memory: TrainingBatch
        if let batch, batch.fits(samples) {
            memory = batch
        } else {
            batch = nil
            memory = TrainingBatch(architecture, shapeOf: samples)
            batch = memory
        }
        memory.momentum = options.startsWithMeans ? max(options.momentum, 1 / Float(steps + 1)) : options.momentum
        var random = SplitMix64(seed: SplitMix64.seed(options.seed, stream: UInt64(steps)))
        return memory.run(
            samples, parameters: parameters, gradients: gradients, encoderFactors: factors(architecture.encoder),
            decoderFactors: factors(architecture.decoder), workers: workers)

        func factors(_ stack: TransformerStack) -> [TransformerBlock.BranchFactors] {
            stack.blocks.indices.map { index in
                let rate = options.dropPath * Float(index) / Float(max(stack.blocks.count - 1, 1))
                return TransformerBlock.BranchFactors(
                    attention: StochasticDepth.factors(rate: rate, samples: samples.count, using: &random),
                    mlp: StochasticDepth.factors(rate: rate, samples: samples.count, using: &random))
            }
        }
    }
}
