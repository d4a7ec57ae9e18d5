import CKernels

/// Batch norm (Ioffe and Szegedy, 2015) over rows, always followed by ReLU in this network, so done with it in one pass.
public struct BatchNorm: Sendable {
    public static let epsilon: Float = 1e-5
    /// Weight of a batch's own statistics in the running ones.
    public static let momentum: Float = 0.1
    public let width: Int
    public let weight: ParameterLayout.Slot
    public let bias: ParameterLayout.Slot
    public let runningMean: ParameterLayout.Slot
    public let runningVariance: ParameterLayout.Slot

    public init(_ name: String, width: Int, in layout: inout ParameterLayout) {
        self.width = width
        self.weight = layout.add("\(name).weight", [width], .undecayed)
        self.bias = layout.add("\(name).bias", [width], .undecayed)
        self.runningMean = layout.add("\(name).running_mean", [width], .buffer)
        self.runningVariance = layout.add("\(name).running_var", [width], .buffer)
    }

    /// A batch's normalisation, by column: `y = x * scale + shift`.
    public struct Statistics: Sendable {
        /// Rows: scale, shift, mean, inverse deviation.
        let values: Matrix
        let rowCount: Int
        var scale: Matrix { values.rows(0..<1) }
        var shift: Matrix { values.rows(1..<2) }
        var mean: Matrix { values.rows(2..<3) }
        var inverseDeviation: Matrix { values.rows(3..<4) }
    }

    /// Mean and sum of squared differences of a chunk of rows, by column. `moments` has the shape [2, width].
    public func measure(_ chunk: Matrix, into moments: Matrix) {
        precondition(chunk.isContiguous && chunk.columns == width && moments.isContiguous)
        nn_column_moments(chunk.base, chunk.rows, width, moments.base, moments.base + width)
    }

    /// The statistics of a batch from those of its chunks, merged in their order in double precision (Chan et al., 1979);
    /// also moves the running statistics, if given, the way PyTorch does: with the unbiased variance.
    ///
    /// - Parameters:
    ///   - moments: [chunks, 2 * width] from `measure`.
    ///   - counts: rows of each chunk.
    ///   - momentum: weight of this batch in the running statistics; 1 replaces them.
    public func statistics(
        _ parameters: ParameterVector, moments: Matrix, counts: [Int], updatingRunning: Bool,
        momentum: Float = Self.momentum
    ) -> Statistics {
        let total = counts.reduce(0, +)
        let statistics = Statistics(values: Matrix(rows: 4, columns: width), rowCount: total)
        let weights = parameters[weight], biases = parameters[bias]
        let means = parameters[runningMean], variances = parameters[runningVariance]
        for column in 0..<width {
            var count = 0.0, mean = 0.0, squares = 0.0
            for (chunk, rows) in counts.enumerated() {
                let rows = Double(rows), difference = Double(moments[chunk, column]) - mean
                squares +=
                    Double(moments[chunk, width + column]) + difference * difference * count * rows / (count + rows)
                mean += difference * rows / (count + rows)
                count += rows
            }
            let variance = squares / count
            let inverse = 1 / (variance + Double(Self.epsilon)).squareRoot()
            let scale = Double(weights[0, column]) * inverse
            statistics.scale[0, column] = Float(scale)
            statistics.shift[0, column] = Float(Double(biases[0, column]) - mean * scale)
            statistics.mean[0, column] = Float(mean)
            statistics.inverseDeviation[0, column] = Float(inverse)
            if updatingRunning {
                let unbiased = squares / max(count - 1, 1)
                means[0, column] += momentum * (Float(mean) - means[0, column])
                variances[0, column] += momentum * (Float(unbiased) - variances[0, column])
            }
        }
        return statistics
    }

    /// `max(0, x * scale + shift)`; `output` may be `input`.
    public func forwardReLU(_ statistics: Statistics, _ input: Matrix, into output: Matrix) {
        precondition(input.isContiguous && output.isContiguous && input.columns == width)
        nn_scale_shift_relu(
            input.base, statistics.scale.base, statistics.shift.base, output.base, input.rows, width)
    }

    /// First half of the backward pass: gradient by the output of the ReLU -> by that of the norm, in place; adds the
    /// sums over the rows that the second half needs to `sums`, [2, width].
    public func backwardReLU(_ statistics: Statistics, input: Matrix, gradient: Matrix, addingTo sums: Matrix) {
        precondition(input.isContiguous && gradient.isContiguous && sums.isContiguous)
        nn_batch_norm_relu_backward(
            input.base, statistics.scale.base, statistics.shift.base, statistics.mean.base,
            statistics.inverseDeviation.base, gradient.base, sums.base, sums.base + width, input.rows, width)
    }

    /// Between the halves: the chunks' sums, [chunks, 2 * width], to the gradients of weight and bias. Returns the means
    /// that the second half needs, [2, width].
    public func collect(_ statistics: Statistics, _ sums: Matrix, into gradients: ParameterVector) -> Matrix {
        let total = Matrix(rows: 1, columns: 2 * width)
        sums.sumRows(into: total)
        gradients[bias].copy(from: total.columns(0..<width))
        gradients[weight].copy(from: total.columns(width..<2 * width))
        let means = Matrix(repeating: 0, rows: 1, columns: 2 * width)
        means.add(total, factor: 1 / Float(statistics.rowCount))
        return means.reshaped(rows: 2, columns: width)
    }

    /// Second half: gradient by the output of the norm -> by its input, in place.
    public func backward(_ statistics: Statistics, input: Matrix, gradient: Matrix, means: Matrix) {
        nn_batch_norm_backward(
            input.base, statistics.scale.base, statistics.mean.base, statistics.inverseDeviation.base, means.base,
            means.base + width, gradient.base, input.rows, width)
    }

    /// The layer in front of the norm, with the running statistics folded into its weights: for inference.
    public func fold(into linear: Linear, _ parameters: ParameterVector) {
        guard let bias = linear.bias else { preconditionFailure("only a layer with a bias can take up a shift") }
        let weights = parameters[linear.weight], offsets = parameters[bias]
        for output in 0..<width {
            let variance = Double(parameters[runningVariance][0, output])
            let scale = Double(parameters[weight][0, output]) / (variance + Double(Self.epsilon)).squareRoot()
            let centred = Double(offsets[0, output]) - Double(parameters[runningMean][0, output])
            offsets[0, output] = Float(centred * scale + Double(parameters[self.bias][0, output]))
            for input in 0..<linear.inputs { weights[output, input] = Float(Double(weights[output, input]) * scale) }
        }
    }
}
