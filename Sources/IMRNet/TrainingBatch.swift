import NeuralNetwork
import ParallelLoops

/// Forward and backward pass of the network over a batch, and their memory: made once for a batch's shape.
final class TrainingBatch {
    private let architecture: NetworkArchitecture
    private let samples: Int
    private let visible: Int
    private let masked: Int
    private let patches: Matrix
    private let target: Matrix
    private let centers: Matrix
    private let visibleCenters: Matrix
    private let tokenizer: Tokenizer.Activations
    private let encoder, decoder: TransformerStack.Activations
    private let encoderNorm, decoderNorm: TransformerStack.NormActivations
    private let predicted: Matrix
    private let predictedGradient: Matrix
    private let maskedGradient: Matrix
    /// Weight of a batch in the running statistics of the batch norms.
    var momentum = BatchNorm.momentum

    init(_ architecture: NetworkArchitecture, shapeOf batch: [TrainingSample]) {
        self.architecture = architecture
        (samples, visible, masked) = (batch.count, batch[0].visible.count, batch[0].masked.count)
        let length = architecture.configuration.patchPoints * 3, width = architecture.configuration.width
        patches = Matrix(rows: samples * visible, columns: length)
        target = Matrix(rows: samples * masked, columns: length)
        visibleCenters = Matrix(rows: samples * visible, columns: 3)
        centers = Matrix(rows: samples * (visible + masked), columns: 3)
        tokenizer = Tokenizer.Activations(architecture.tokenizer, patches: samples * visible)
        encoder = TransformerStack.Activations(architecture.encoder, sequences: samples, length: visible)
        decoder = TransformerStack.Activations(architecture.decoder, sequences: samples, length: visible + masked)
        encoderNorm = TransformerStack.NormActivations(rows: samples * visible, width: width)
        decoderNorm = TransformerStack.NormActivations(rows: samples * masked, width: width)
        predicted = Matrix(rows: samples * masked, columns: length)
        predictedGradient = Matrix(rows: samples * masked, columns: length)
        maskedGradient = Matrix(rows: samples * masked, columns: width)
    }

    func fits(_ batch: [TrainingSample]) -> Bool {
        batch.count == samples && batch.allSatisfy { $0.visible.count == visible && $0.masked.count == masked }
    }

    /// Sets all gradients; returns the loss.
    func run(
        _ batch: [TrainingSample], parameters: ParameterVector, gradients: ParameterVector,
        encoderFactors: [TransformerBlock.BranchFactors], decoderFactors: [TransformerBlock.BranchFactors],
        workers: Workers
    ) -> Float {
        precondition(fits(batch), "the samples of a batch must have the same numbers of visible and masked patches")
        gather(batch)
        let statistics = forward(parameters, encoderFactors, decoderFactors, workers)
        let loss = ChamferLoss.forward(
            predicted: predicted, target: target, gradient: predictedGradient, workers: workers)
        backward(parameters, gradients, statistics, encoderFactors, decoderFactors, workers)
        return loss
    }

    private func forward(
        _ parameters: ParameterVector, _ encoderFactors: [TransformerBlock.BranchFactors],
        _ decoderFactors: [TransformerBlock.BranchFactors], _ workers: Workers
    ) -> Tokenizer.BatchStatistics {
        let statistics = architecture.tokenizer.trainingForward(
            parameters, patches, into: encoder.stream, keeping: tokenizer, momentum: momentum, workers: workers)
        architecture.encoder.trainingForward(
            parameters, centers: visibleCenters, keeping: encoder, factors: encoderFactors, workers: workers)
        encoderNorm.input.copy(from: encoder.stream)
        architecture.encoder.normForward(parameters, keeping: encoderNorm, workers: workers)

        let token = parameters[architecture.maskToken]
        for sample in 0..<samples {
            let (seen, hidden) = decoderRows(sample)
            decoder.stream.rows(seen).copy(from: encoderNorm.output.rows(visibleRows(sample)))
            for row in hidden { decoder.stream.rows(row..<row + 1).copy(from: token) }
        }
        architecture.decoder.trainingForward(
            parameters, centers: centers, keeping: decoder, factors: decoderFactors, workers: workers)
        for sample in 0..<samples {
            decoderNorm.input.rows(maskedRows(sample)).copy(from: decoder.stream.rows(decoderRows(sample).hidden))
        }
        architecture.decoder.normForward(parameters, keeping: decoderNorm, workers: workers)
        workers.run(tilesOf: predicted.rows) { [architecture, decoderNorm, predicted] rows in
            architecture.head.forward(parameters, decoderNorm.output.rows(rows), into: predicted.rows(rows))
        }
        return statistics
    }

    private func backward(
        _ parameters: ParameterVector, _ gradients: ParameterVector, _ statistics: Tokenizer.BatchStatistics,
        _ encoderFactors: [TransformerBlock.BranchFactors], _ decoderFactors: [TransformerBlock.BranchFactors],
        _ workers: Workers
    ) {
        // `maskedGradient` holds the gradient by the norm's output, `decoderNorm.output` is then free for that by its input.
        workers.run(tilesOf: predicted.rows) { [architecture, predictedGradient, maskedGradient] rows in
            architecture.head.backward(parameters, predictedGradient.rows(rows), into: maskedGradient.rows(rows))
        }
        architecture.head.parameterGradients(
            input: decoderNorm.output, outputGradient: predictedGradient, into: gradients, workers: workers)
        architecture.decoder.normBackward(
            parameters, outputGradient: maskedGradient, keeping: decoderNorm, inputGradient: decoderNorm.output,
            into: gradients, workers: workers)
        decoder.gradient.fill(0)
        for sample in 0..<samples {
            decoder.gradient.rows(decoderRows(sample).hidden).copy(from: decoderNorm.output.rows(maskedRows(sample)))
        }
        architecture.decoder.backward(
            parameters, centers: centers, keeping: decoder, factors: decoderFactors, into: gradients, workers: workers)

        for sample in 0..<samples {
            let (seen, hidden) = decoderRows(sample)
            encoderNorm.output.rows(visibleRows(sample)).copy(from: decoder.gradient.rows(seen))
            maskedGradient.rows(maskedRows(sample)).copy(from: decoder.gradient.rows(hidden))
        }
        maskedGradient.sumRows(into: gradients[architecture.maskToken])
        architecture.encoder.normBackward(
            parameters, outputGradient: encoderNorm.output, keeping: encoderNorm, inputGradient: encoder.gradient,
            into: gradients, workers: workers)
        architecture.encoder.backward(
            parameters, centers: visibleCenters, keeping: encoder, factors: encoderFactors, into: gradients,
            workers: workers)
        architecture.tokenizer.backward(
            parameters, statistics, patches: patches, tokenGradient: encoder.gradient, keeping: tokenizer,
            into: gradients, workers: workers)
    }

    /// The samples into matrices, visible patches first.
    private func gather(_ batch: [TrainingSample]) {
        let length = patches.columns
        func copy(_ sample: TrainingSample, _ patch: Int, to matrix: Matrix, row: Int) {
            for column in 0..<length { matrix[row, column] = sample.coordinates[patch * length + column] }
        }
        func copy(_ center: SIMD3<Float>, to matrix: Matrix, row: Int) {
            for column in 0..<3 { matrix[row, column] = center[column] }
        }
        for (number, sample) in batch.enumerated() {
            precondition(sample.coordinates.count == sample.centers.count * length)
            let (seen, hidden) = decoderRows(number)
            for (index, patch) in sample.visible.enumerated() {
                copy(sample, patch, to: patches, row: number * visible + index)
                copy(sample.centers[patch], to: visibleCenters, row: number * visible + index)
                copy(sample.centers[patch], to: centers, row: seen.lowerBound + index)
            }
            for (index, patch) in sample.masked.enumerated() {
                copy(sample, patch, to: target, row: number * masked + index)
                copy(sample.centers[patch], to: centers, row: hidden.lowerBound + index)
            }
        }
    }

    private func visibleRows(_ sample: Int) -> Range<Int> { sample * visible..<(sample + 1) * visible }
    private func maskedRows(_ sample: Int) -> Range<Int> { sample * masked..<(sample + 1) * masked }

    private func decoderRows(_ sample: Int) -> (seen: Range<Int>, hidden: Range<Int>) {
        let start = sample * (visible + masked)
        return (start..<start + visible, start + visible..<start + visible + masked)
    }
}
