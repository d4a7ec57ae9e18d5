import CKernels
public import ParallelLoops

/// `y = x Wᵀ + b`, with W of shape [outputs, inputs] as in PyTorch.
public struct Linear: Sendable {
    public let inputs: Int
    public let outputs: Int
    public let weight: ParameterLayout.Slot
    public let bias: ParameterLayout.Slot?

    public init(_ name: String, inputs: Int, outputs: Int, bias: Bool = true, in layout: inout ParameterLayout) {
        self.inputs = inputs
        self.outputs = outputs
        self.weight = layout.add("\(name).weight", [outputs, inputs], .decayed)
        self.bias = bias ? layout.add("\(name).bias", [outputs], .undecayed) : nil
    }

    /// Rows of `input` [n, inputs] to those of `output` [n, outputs], on the calling thread.
    ///
    /// With `accumulating` the result, times `factor`, is added to `output`; with `rectifying` negative values become 0.
    public func forward(
        _ parameters: ParameterVector, _ input: Matrix, into output: Matrix, accumulating: Bool = false,
        factor: Float = 1, rectifying: Bool = false
    ) {
        if let pack = parameters.pack(of: weight) {
            var destination = PackedMatrix.Destination()
            destination.bias = bias.map { parameters[$0] }
            destination.factor = factor
            destination.accumulates = accumulating
            destination.rectifies = rectifying
            pack.multiply(input, into: output, destination)
            return
        }
        defer { if rectifying { ReLU.forward(output, into: output) } }
        guard let bias else {
            MatrixProduct.multiply(
                input, parameters[weight], transposing: .right, factor: factor, keep: accumulating ? 1 : 0, into: output
            )
            return
        }
        let offsets = parameters[bias]
        for row in 0..<output.rows {
            let target = output.base + row * output.stride
            if accumulating {
                nn_add_scaled(offsets.base, factor, target, outputs)
            } else {
                target.update(from: offsets.base, count: outputs)
            }
        }
        MatrixProduct.multiply(
            input, parameters[weight], transposing: .right, factor: factor, keep: 1, into: output)
    }

    /// `inputGradient = outputGradient W`, on the calling thread. Shapes [n, outputs] -> [n, inputs].
    public func backward(_ parameters: ParameterVector, _ outputGradient: Matrix, into inputGradient: Matrix) {
        if let pack = parameters.transposedPacks[weight.index] {
            pack.multiply(outputGradient, into: inputGradient)
        } else {
            MatrixProduct.multiply(outputGradient, parameters[weight], into: inputGradient)
        }
    }

    /// Sets the gradients of weight and bias, from all rows of a batch: `outputGradientᵀ input`, and its column sums.
    ///
    /// Cut into two or four blocks of outputs, so that each sum is made by one thread in one order.
    public func parameterGradients(
        input: Matrix, outputGradient: Matrix, into gradients: ParameterVector, workers: Workers
    ) {
        let weightGradient = gradients[weight], biasGradient = bias.map { gradients[$0] }
        let blocks = min(outputs, outputs > 256 ? 4 : 2)
        workers.run(chunks: blocks) { block in
            let range = outputs * block / blocks..<outputs * (block + 1) / blocks
            let gradient = outputGradient.columns(range)
            MatrixProduct.multiply(gradient, input, transposing: .left, into: weightGradient.rows(range))
            if let biasGradient { gradient.sumRows(into: biasGradient.columns(range)) }
        }
    }
}

extension Matrix {
    /// The sum of all rows. `sums` has the shape [1, columns].
    public func sumRows(into sums: Matrix) {
        precondition(sums.columns == columns)
        sums.base.update(repeating: 0, count: columns)
        nn_column_sums(base, rows, columns, stride, sums.base)
    }

    /// Adds `factor` times a matrix of the same shape.
    public func add(_ other: Matrix, factor: Float = 1) {
        precondition(rows == other.rows && columns == other.columns)
        for row in 0..<rows { nn_add_scaled(other.base + row * other.stride, factor, base + row * stride, columns) }
    }
}
