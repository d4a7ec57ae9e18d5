import SeededRandom
import NeuralNetwork
public import ParallelLoops
public import PointClouds

/// Algorithm 1: mask some patches, predict them from the others, write the predictions back in place, repeat.
///
/// A model of good parts draws defects back to what a good part would have there. Centres and grouping never change.
public struct IterativeReconstruction: Sendable {
    public let network: ReconstructionNetwork
    public let schedule: MaskSchedule

    public init(_ network: ReconstructionNetwork, schedule: MaskSchedule = MaskSchedule()) {
        self.network = network
        self.schedule = schedule
    }

    /// What the iterations made of a part.
    public struct Result: Sendable {
        /// The patches after the last iteration. Points of replaced ones are no longer those of the cloud.
        public let patches: Patches
        /// Of each iteration: the patches that it replaced, ascending.
        public let masks: [[Int]]
        /// Of each iteration: what it put there, [masked, K, 3].
        public let predictions: [[Float]]
        /// Tokens of the patches before and after, [G, width], for `features`.
        public let inputTokens: [Float]
        public let tokens: [Float]
    }

    /// - Parameters:
    ///   - patches: of a normalised cloud; at least two, each of the network's number of points.
    ///   - seed: of the masks. The same seed and patches give the same bits.
    public func reconstruct(_ patches: Patches, seed: UInt64, workers: Workers = .all) -> Result {
        precondition(patches.size == network.configuration.patchPoints)
        let width = network.configuration.width, length = patches.size * 3
        var random = SplitMix64(seed: seed)
        let masks = schedule.masks(count: patches.count, using: &random)
        let inputTokens = network.tokens(patches: patches.coordinates, workers: workers)
        var current = patches, tokens = inputTokens, predictions: [[Float]] = []
        for masked in masks {
            let visible = MaskSchedule.visible(count: patches.count, masked: masked)
            let predicted = network.predict(
                visibleTokens: visible.flatMap { tokens[$0 * width..<($0 + 1) * width] },
                visibleCenters: visible.map { patches.centers[$0] }, maskedCenters: masked.map { patches.centers[$0] },
                workers: workers)
            let predictedTokens = network.tokens(patches: predicted, workers: workers)
            for (row, patch) in masked.enumerated() {
                current.coordinates.replaceSubrange(
                    patch * length..<(patch + 1) * length, with: predicted[row * length..<(row + 1) * length])
                tokens.replaceSubrange(
                    patch * width..<(patch + 1) * width, with: predictedTokens[row * width..<(row + 1) * width])
            }
            predictions.append(predicted)
        }
        return Result(
            patches: current, masks: masks, predictions: predictions, inputTokens: inputTokens, tokens: tokens)
    }
}
