import NeuralNetwork
public import ParallelLoops

/// The l2 Chamfer loss (eq. 12) of a network on fixed samples, each with its mask.
public struct HeldOutLoss: Sendable {
    public let samples: [TrainingSample]
    private let workers: Workers

    public init(_ samples: [TrainingSample], workers: Workers = .all) {
        self.samples = samples
        self.workers = workers
    }

    /// The mean over all masked patches; NaN without samples. Threads take whole samples.
    ///
    /// - Parameter progress: called after each sample, by any of the threads.
    public func callAsFunction(
        _ network: ReconstructionNetwork, progress: @Sendable () -> Void = {}
    ) -> Float {
        var sums = [Double](repeating: 0, count: samples.count)
        sums.withUnsafeMutableBufferPointer { buffer in
            let target = DisjointWrites(buffer)
            workers.run(chunks: samples.count) { number in
                let distances = Self.distances(network, samples[number], workers: .one)
                target[number] = distances.reduce(0.0) { $0 + Double($1) }
                progress()
            }
        }
        return Float(sums.reduce(0, +) / Double(samples.reduce(0) { $0 + $1.masked.count }))
    }

    /// Chamfer distance of each masked patch from its prediction.
    static func distances(
        _ network: ReconstructionNetwork, _ sample: TrainingSample, workers: Workers
    ) -> [Float] {
        let predicted = network.predict(
            patches: sample.coordinates, centers: sample.centers, visible: sample.visible, masked: sample.masked,
            workers: workers)
        return distances(predicted, of: sample.masked, in: sample.coordinates, workers: workers)
    }

    /// Chamfer distance of predicted patches [M, K, 3] from those of these numbers among all [G, K, 3]. Shape [M].
    static func distances(
        _ predicted: [Float], of masked: [Int], in coordinates: [Float], workers: Workers
    ) -> [Float] {
        let count = masked.count, length = predicted.count / max(count, 1)
        let target = masked.flatMap { coordinates[$0 * length..<($0 + 1) * length] }
        return ChamferLoss.distances(
            Matrix(predicted, rows: count, columns: length), Matrix(target, rows: count, columns: length),
            workers: workers)
    }
}
