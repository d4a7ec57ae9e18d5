import NeuralNetwork
import ParallelLoops

extension TransformerStack {
    /// What the forward pass of a batch keeps for the backward pass, and the gradients' memory.
    final class Activations: Sendable {
        let sequences: Int
        /// The residual stream; after the forward pass, the output of the last block. [sequences * length, width].
        let stream: Matrix
        /// The gradient by `stream`: set it, then go backward. Afterwards the gradient by the stack's input.
        let gradient: Matrix
        let position: PositionEmbedding.Activations
        let positionGradient: Matrix
        let blocks: [TransformerBlock.Activations]
        let memory: TransformerBlock.Gradients

        init(_ stack: TransformerStack, sequences: Int, length: Int) {
            self.sequences = sequences
            stream = Matrix(rows: sequences * length, columns: stack.width)
            gradient = Matrix(rows: sequences * length, columns: stack.width)
            position = PositionEmbedding.Activations(stack.position, rows: sequences * length)
            positionGradient = Matrix(rows: sequences * length, columns: stack.width)
            blocks = stack.blocks.map { _ in
                TransformerBlock.Activations(
                    width: stack.width, heads: stack.heads, sequences: sequences, length: length, training: true)
            }
            memory = TransformerBlock.Gradients(width: stack.width, sequences: sequences, length: length)
        }
    }

    /// `kept.stream` through all blocks, in place, without the final norm.
    func trainingForward(
        _ parameters: ParameterVector, centers: Matrix, keeping kept: Activations,
        factors: [TransformerBlock.BranchFactors], workers: Workers
    ) {
        position.forward(parameters, centers, keeping: kept.position, workers: workers)
        for (index, block) in blocks.enumerated() {
            block.forward(
                parameters, kept.stream, position: kept.position.output, sequences: kept.sequences,
                keeping: kept.blocks[index], factors: factors[index], workers: workers)
        }
    }

    /// `kept.gradient` from the output of the last block to the input of the first, in place.
    func backward(
        _ parameters: ParameterVector, centers: Matrix, keeping kept: Activations,
        factors: [TransformerBlock.BranchFactors], into gradients: ParameterVector, workers: Workers
    ) {
        kept.positionGradient.fill(0)
        for (index, block) in blocks.enumerated().reversed() {
            block.backward(
                parameters, kept.gradient, sequences: kept.sequences, keeping: kept.blocks[index],
                factors: factors[index], using: kept.memory, into: gradients, workers: workers)
            kept.positionGradient.add(kept.gradient)
        }
        position.backward(
            parameters, centers: centers, outputGradient: kept.positionGradient, keeping: kept.position,
            into: gradients, workers: workers)
    }

    /// The final norm with its backward pass, on rows of any number; kept between the two.
    struct NormActivations: Sendable {
        let input, moments, output: Matrix

        init(rows: Int, width: Int) {
            input = Matrix(rows: rows, columns: width)
            moments = Matrix(rows: rows, columns: 2)
            output = Matrix(rows: rows, columns: width)
        }
    }

    func normForward(_ parameters: ParameterVector, keeping kept: NormActivations, workers: Workers) {
        workers.run(tilesOf: kept.input.rows) { rows in
            norm.forward(
                parameters, kept.input.rows(rows), into: kept.output.rows(rows), moments: kept.moments.rows(rows))
        }
    }

    /// Gradient by the norm's output -> `inputGradient`, which it sets.
    func normBackward(
        _ parameters: ParameterVector, outputGradient: Matrix, keeping kept: NormActivations, inputGradient: Matrix,
        into gradients: ParameterVector, workers: Workers
    ) {
        let chunk = 64
        let sums = Matrix(repeating: 0, rows: (kept.input.rows + chunk - 1) / chunk, columns: 2 * width)
        inputGradient.fill(0)
        workers.run(over: kept.input.rows, by: chunk) { rows in
            let index = rows.lowerBound / chunk
            norm.backward(
                parameters, input: kept.input.rows(rows), moments: kept.moments.rows(rows),
                outputGradient: outputGradient.rows(rows), addingTo: inputGradient.rows(rows),
                parameterGradients: sums.rows(index..<index + 1).reshaped(rows: 2, columns: width))
        }
        norm.collect(sums, into: gradients)
    }
}
