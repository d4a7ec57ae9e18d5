import NeuralNetwork
import ParallelLoops

extension Tokenizer {
    /// What the forward pass keeps for the backward pass, and the gradients' memory; made once for a batch's shape.
    final class Activations: Sendable {
        let patches: Int
        let hidden1, relu1, local, hidden2: Matrix
        let pooled: Matrix
        let localWinners, tokenWinners: MaxPool.Winners
        let gradient1, gradientLocal, gradient2: Matrix

        init(_ tokenizer: Tokenizer, patches: Int) {
            let rows = patches * tokenizer.points
            let (a, b, c) = (tokenizer.linear1.outputs, tokenizer.linear2.outputs, tokenizer.linear3.outputs)
            self.patches = patches
            hidden1 = Matrix(rows: rows, columns: a)
            relu1 = Matrix(rows: rows, columns: a)
            local = Matrix(rows: rows, columns: b)
            hidden2 = Matrix(rows: rows, columns: c)
            pooled = Matrix(rows: patches, columns: b)
            localWinners = MaxPool.Winners(groups: patches, columns: b)
            tokenWinners = MaxPool.Winners(groups: patches, columns: tokenizer.linear4.outputs)
            gradient1 = Matrix(rows: rows, columns: a)
            gradientLocal = Matrix(rows: rows, columns: b)
            gradient2 = Matrix(rows: rows, columns: c)
        }
    }

    /// Both batch norms' statistics of a batch.
    struct BatchStatistics {
        let first, second: BatchNorm.Statistics
    }

    /// With the batch's own statistics; moves the running ones. Shapes [n, K * 3] -> [n, width].
    func trainingForward(
        _ parameters: ParameterVector, _ patches: Matrix, into tokens: Matrix, keeping kept: Activations,
        momentum: Float = BatchNorm.momentum, workers: Workers
    ) -> BatchStatistics {
        let chunks = (patches.rows + Self.chunk - 1) / Self.chunk
        let counts = (0..<chunks).map { (min(patches.rows, ($0 + 1) * Self.chunk) - $0 * Self.chunk) * points }
        let moments1 = Matrix(rows: chunks, columns: 2 * norm1.width)
        let moments2 = Matrix(rows: chunks, columns: 2 * norm2.width)

        run(over: patches.rows, workers) { chunk, range, rows in
            linear1.forward(
                parameters, patches.rows(range).reshaped(rows: rows.count, columns: 3), into: kept.hidden1.rows(rows))
            norm1.measure(
                kept.hidden1.rows(rows), into: moments1.rows(chunk..<chunk + 1).reshaped(rows: 2, columns: norm1.width))
        }
        let first = norm1.statistics(
            parameters, moments: moments1, counts: counts, updatingRunning: true, momentum: momentum)

        run(over: patches.rows, workers) { chunk, range, rows in
            norm1.forwardReLU(first, kept.hidden1.rows(rows), into: kept.relu1.rows(rows))
            linear2.forward(parameters, kept.relu1.rows(rows), into: kept.local.rows(rows))
            MaxPool.forward(
                kept.local.rows(rows), points: points, into: kept.pooled.rows(range), winners: kept.localWinners,
                from: range.lowerBound)
            mix(
                parameters, pooled: kept.pooled.rows(range), local: kept.local.rows(rows), into: kept.hidden2.rows(rows)
            )
            norm2.measure(
                kept.hidden2.rows(rows), into: moments2.rows(chunk..<chunk + 1).reshaped(rows: 2, columns: norm2.width))
        }
        let second = norm2.statistics(
            parameters, moments: moments2, counts: counts, updatingRunning: true, momentum: momentum)

        let pool = ScratchPool { Scratch(self) }
        run(over: patches.rows, workers) { _, range, rows in
            pool.with { scratch in
                let relu2 = scratch.hidden2.rows(0..<rows.count), output = scratch.output.rows(0..<rows.count)
                norm2.forwardReLU(second, kept.hidden2.rows(rows), into: relu2)
                linear4.forward(parameters, relu2, into: output)
                MaxPool.forward(
                    output, points: points, into: tokens.rows(range), winners: kept.tokenWinners, from: range.lowerBound
                )
            }
        }
        return BatchStatistics(first: first, second: second)
    }

    /// Sets the gradients of all the tokenizer's parameters from that by the tokens, [n, width].
    ///
    /// The first three biases cancel in the batch norms behind them, so their gradients are zero: exactly, or the
    /// optimiser would follow the rounding errors. (The second one shifts a patch's maximum as much as its points.)
    func backward(
        _ parameters: ParameterVector, _ statistics: BatchStatistics, patches: Matrix, tokenGradient: Matrix,
        keeping kept: Activations, into gradients: ParameterVector, workers: Workers
    ) {
        backwardFourth(
            parameters, statistics.second, tokenGradient: tokenGradient, keeping: kept, into: gradients,
            workers: workers)
        backwardThird(parameters, keeping: kept, into: gradients, workers: workers)
        linear2.parameterGradients(
            input: kept.relu1, outputGradient: kept.gradientLocal, into: gradients, workers: workers)

        let chunks = (patches.rows + Self.chunk - 1) / Self.chunk
        let sums = Matrix(repeating: 0, rows: chunks, columns: 2 * norm1.width)
        run(over: patches.rows, workers) { chunk, _, rows in
            linear2.backward(parameters, kept.gradientLocal.rows(rows), into: kept.gradient1.rows(rows))
            norm1.backwardReLU(
                statistics.first, input: kept.hidden1.rows(rows), gradient: kept.gradient1.rows(rows),
                addingTo: sums.rows(chunk..<chunk + 1))
        }
        let means = norm1.collect(statistics.first, sums, into: gradients)
        run(over: patches.rows, workers) { _, _, rows in
            norm1.backward(
                statistics.first, input: kept.hidden1.rows(rows), gradient: kept.gradient1.rows(rows), means: means)
        }
        linear1.parameterGradients(
            input: patches.reshaped(rows: patches.rows * points, columns: 3), outputGradient: kept.gradient1,
            into: gradients, workers: workers)
        for layer in [linear1, linear2, linear3] {
            if let bias = layer.bias { gradients[bias].fill(0) }
        }
    }

    /// From the tokens to the input of the second batch norm (`gradient2`).
    private func backwardFourth(
        _ parameters: ParameterVector, _ statistics: BatchNorm.Statistics, tokenGradient: Matrix,
        keeping kept: Activations, into gradients: ParameterVector, workers: Workers
    ) {
        let pooledLinear = PooledLinear(linear4)
        let chunks = (kept.patches + Self.chunk - 1) / Self.chunk
        let sums = Matrix(repeating: 0, rows: chunks, columns: 2 * norm2.width)
        // The weight's gradient is summed in a few parts of fixed size, then over the parts.
        let parts = min(8, chunks)
        let partials = Matrix(repeating: 0, rows: parts, columns: linear4.outputs * linear4.inputs)
        workers.run(chunks: parts) { part in
            let partial = partials.rows(part..<part + 1).reshaped(rows: linear4.outputs, columns: linear4.inputs)
            let relu2 = Matrix(rows: Self.chunk * points, columns: norm2.width)
            for chunk in chunks * part / parts..<chunks * (part + 1) / parts {
                let range = chunk * Self.chunk..<min(kept.patches, (chunk + 1) * Self.chunk)
                let rows = range.lowerBound * points..<range.upperBound * points
                let input = relu2.rows(0..<rows.count)
                norm2.forwardReLU(statistics, kept.hidden2.rows(rows), into: input)
                pooledLinear.backward(
                    parameters, input: input, pooledGradient: tokenGradient.rows(range), winners: kept.tokenWinners,
                    from: range.lowerBound, points: points, inputGradient: kept.gradient2.rows(rows),
                    weightGradient: partial)
                norm2.backwardReLU(
                    statistics, input: kept.hidden2.rows(rows), gradient: kept.gradient2.rows(rows),
                    addingTo: sums.rows(chunk..<chunk + 1))
            }
        }
        let weightGradient = gradients[linear4.weight]
        partials.sumRows(into: weightGradient.reshaped(rows: 1, columns: partials.columns))
        if let bias = linear4.bias { tokenGradient.sumRows(into: gradients[bias]) }
        let means = norm2.collect(statistics, sums, into: gradients)
        run(over: kept.patches, workers) { _, _, rows in
            norm2.backward(
                statistics, input: kept.hidden2.rows(rows), gradient: kept.gradient2.rows(rows), means: means)
        }
    }

    /// From the input of the second batch norm to the output of the second layer (`gradientLocal`).
    private func backwardThird(
        _ parameters: ParameterVector, keeping kept: Activations, into gradients: ParameterVector, workers: Workers
    ) {
        let (pooledWeight, localWeight) = halves(parameters)
        let (pooledWeightGradient, localWeightGradient) = halves(gradients)
        let shared = Matrix(rows: kept.patches, columns: linear3.outputs)
        run(over: kept.patches, workers) { _, range, rows in
            MatrixProduct.multiply(kept.gradient2.rows(rows), localWeight, into: kept.gradientLocal.rows(rows))
            for patch in range {
                kept.gradient2.rows(patch * points..<(patch + 1) * points).sumRows(into: shared.rows(patch..<patch + 1))
            }
            let pooledGradient = Matrix(rows: range.count, columns: linear2.outputs)
            MatrixProduct.multiply(shared.rows(range), pooledWeight, into: pooledGradient)
            MaxPool.backward(
                pooledGradient, winners: kept.localWinners, from: range.lowerBound, points: points,
                addingTo: kept.gradientLocal.rows(rows))
        }
        workers.run(chunks: 4) { block in
            let outputs = linear3.outputs * block / 4..<linear3.outputs * (block + 1) / 4
            MatrixProduct.multiply(
                kept.gradient2.columns(outputs), kept.local, transposing: .left, into: localWeightGradient.rows(outputs)
            )
            MatrixProduct.multiply(
                shared.columns(outputs), kept.pooled, transposing: .left, into: pooledWeightGradient.rows(outputs))
        }
    }

    /// Calls `body` with each chunk's number, its patches and their points' rows.
    private func run(
        over patches: Int, _ workers: Workers,
        _ body: @Sendable (_ chunk: Int, _ range: Range<Int>, _ rows: Range<Int>) -> Void
    ) {
        workers.run(over: patches, by: Self.chunk) { range in
            body(range.lowerBound / Self.chunk, range, range.lowerBound * points..<range.upperBound * points)
        }
    }
}
