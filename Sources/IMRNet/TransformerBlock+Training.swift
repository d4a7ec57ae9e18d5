import NeuralNetwork
import ParallelLoops

extension TransformerBlock {
    /// Memory of the backward pass, shared by all blocks of a stack.
    struct Gradients: Sendable {
        let hidden, normed, attended, qkv, branch: Matrix
        /// Gradients of a layer norm's weight and bias from each tile, [tiles, 2 * width].
        let normSums: Matrix

        init(width: Int, sequences: Int, length: Int) {
            let rows = sequences * length
            hidden = Matrix(rows: rows, columns: 4 * width)
            normed = Matrix(rows: rows, columns: width)
            attended = Matrix(rows: rows, columns: width)
            qkv = Matrix(rows: rows, columns: 3 * width)
            branch = Matrix(rows: rows, columns: width)
            normSums = Matrix(rows: sequences * Workers.tiles(of: length), columns: 2 * width)
        }
    }

    /// Turns the gradient by the block's output into that by its input, in place, and sets the gradients of all its
    /// parameters.
    func backward(
        _ parameters: ParameterVector, _ gradient: Matrix, sequences: Int, keeping kept: Activations,
        factors: BranchFactors = .one, using memory: Gradients, into gradients: ParameterVector, workers: Workers
    ) {
        guard let probabilities = kept.probabilities else { preconditionFailure("activations are not of training") }
        let length = gradient.rows / sequences

        // The MLP's branch.
        let mlp = branch(of: gradient, factors: factors.mlp, memory: memory.branch)
        Self.run(tilesOf: sequences, of: length, workers) { _, rows in
            linear2.backward(parameters, mlp.rows(rows), into: memory.hidden.rows(rows))
            GELU.backward(input: kept.hidden.rows(rows), gradient: memory.hidden.rows(rows))
            linear1.backward(parameters, memory.hidden.rows(rows), into: memory.normed.rows(rows))
        }
        linear2.parameterGradients(input: kept.activated, outputGradient: mlp, into: gradients, workers: workers)
        linear1.parameterGradients(
            input: kept.normed2, outputGradient: memory.hidden, into: gradients, workers: workers)
        backward(
            norm2, parameters, input: kept.middle, moments: kept.moments2, addingTo: gradient, sequences: sequences,
            using: memory, into: gradients, workers: workers)

        // The attention's branch.
        let attentionBranch = branch(of: gradient, factors: factors.attention, memory: memory.branch)
        Self.run(tilesOf: sequences, of: length, workers) { _, rows in
            projection.backward(parameters, attentionBranch.rows(rows), into: memory.attended.rows(rows))
        }
        projection.parameterGradients(
            input: kept.attended, outputGradient: attentionBranch, into: gradients, workers: workers)
        attention.backward(
            kept.qkv, sequences: sequences, probabilities: probabilities, outputGradient: memory.attended,
            into: memory.qkv, workers: workers)
        Self.run(tilesOf: sequences, of: length, workers) { _, rows in
            qkv.backward(parameters, memory.qkv.rows(rows), into: memory.normed.rows(rows))
        }
        qkv.parameterGradients(input: kept.normed1, outputGradient: memory.qkv, into: gradients, workers: workers)
        backward(
            norm1, parameters, input: kept.input, moments: kept.moments1, addingTo: gradient, sequences: sequences,
            using: memory, into: gradients, workers: workers)
    }

    /// The gradient by a residual branch: `gradient` itself, or scaled by the samples' factors into `memory`.
    private func branch(of gradient: Matrix, factors: [Float]?, memory: Matrix) -> Matrix {
        guard let factors else { return gradient }
        let length = gradient.rows / factors.count
        memory.fill(0)
        for (sequence, factor) in factors.enumerated() where factor != 0 {
            let rows = sequence * length..<(sequence + 1) * length
            memory.rows(rows).add(gradient.rows(rows), factor: factor)
        }
        return memory
    }

    private func backward(
        _ norm: LayerNorm, _ parameters: ParameterVector, input: Matrix, moments: Matrix, addingTo gradient: Matrix,
        sequences: Int, using memory: Gradients, into gradients: ParameterVector, workers: Workers
    ) {
        let length = gradient.rows / sequences, tiles = Workers.tiles(of: length)
        memory.normSums.fill(0)
        workers.run(chunks: sequences * tiles) { task in
            let (sequence, tile) = task.quotientAndRemainder(dividingBy: tiles)
            let start = sequence * length
            let rows = start + length * tile / tiles..<start + length * (tile + 1) / tiles
            norm.backward(
                parameters, input: input.rows(rows), moments: moments.rows(rows),
                outputGradient: memory.normed.rows(rows), addingTo: gradient.rows(rows),
                parameterGradients: memory.normSums.rows(task..<task + 1).reshaped(rows: 2, columns: width))
        }
        norm.collect(memory.normSums, into: gradients)
    }
}
