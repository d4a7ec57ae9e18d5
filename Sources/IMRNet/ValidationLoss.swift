import SeededRandom
import NeuralNetwork
import ParallelLoops
import PointClouds

/// The l2 Chamfer loss of a network on held-out parts, under masks that never change.
struct ValidationLoss {
    private let parts: [(patches: Patches, masks: [[Int]])]
    private let workers: Workers
    var isEmpty: Bool { parts.isEmpty }

    init(_ parts: [Patches], maskRatio: Float, seed: UInt64, workers: Workers) {
        let schedule = MaskSchedule(ratio: maskRatio)
        var random = SplitMix64(seed: seed)
        self.parts = parts.map { ($0, schedule.masks(count: $0.count, using: &random)) }
        self.workers = workers
    }

    func callAsFunction(_ network: ReconstructionNetwork) -> Float {
        let width = network.configuration.width
        var sum = 0.0, count = 0
        for (patches, masks) in parts {
            let tokens = network.tokens(patches: patches.coordinates, workers: workers)
            for masked in masks {
                let visible = MaskSchedule.visible(count: patches.count, masked: masked)
                let predicted = network.predict(
                    visibleTokens: visible.flatMap { tokens[$0 * width..<($0 + 1) * width] },
                    visibleCenters: visible.map { patches.centers[$0] },
                    maskedCenters: masked.map { patches.centers[$0] }, workers: workers)
                let distances = HeldOutLoss.distances(
                    predicted, of: masked, in: patches.coordinates, workers: workers)
                sum += distances.reduce(0.0) { $0 + Double($1) }
                count += masked.count
            }
        }
        return Float(sum / Double(max(count, 1)))
    }
}
