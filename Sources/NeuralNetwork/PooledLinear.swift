import CKernels

extension Linear {
    /// The layer on [pooled, own]: its half for the pooled vector is computed once a group.
    ///
    /// - Parameters:
    ///   - pooled: [groups, half of the inputs].
    ///   - own: [groups * points, half of the inputs].
    ///   - output: [groups * points, outputs].
    public func forwardPooled(
        _ parameters: ParameterVector, pooled: Matrix, own: Matrix, points: Int, into output: Matrix,
        rectifying: Bool = false
    ) {
        let half = inputs / 2, shared = Matrix(rows: pooled.rows, columns: outputs)
        let offset = bias.map { parameters[$0] }
        if let pack = parameters.pack(of: weight) {
            var destination = PackedMatrix.Destination()
            destination.bias = offset
            pack.multiply(pooled, columns: 0..<half, into: shared, destination)
            destination.bias = shared
            destination.group = points
            destination.rectifies = rectifying
            pack.multiply(own, columns: half..<inputs, into: output, destination)
            return
        }
        let weight = parameters[weight]
        if let offset { for row in 0..<shared.rows { shared.rows(row..<row + 1).copy(from: offset) } }
        MatrixProduct.multiply(
            pooled, weight.columns(0..<half), transposing: .right, keep: offset == nil ? 0 : 1, into: shared)
        for row in 0..<output.rows {
            output.rows(row..<row + 1).copy(from: shared.rows(row / points..<row / points + 1))
        }
        MatrixProduct.multiply(own, weight.columns(half..<inputs), transposing: .right, keep: 1, into: output)
        if rectifying { ReLU.forward(output, into: output) }
    }
}

/// The gradients of a linear layer whose output goes into a max-pool only.
///
/// Of the output's gradient, [groups * points, outputs], only `groups * outputs` elements are not zero: for a 64-point
/// patch 1 of 64. So the two products are made from the winners alone.
public struct PooledLinear: Sendable {
    public let linear: Linear

    public init(_ linear: Linear) { self.linear = linear }

    /// - Parameters:
    ///   - input: the layer's input for these groups, [groups * points, inputs].
    ///   - pooledGradient: gradient by the maxima, [groups, outputs].
    ///   - inputGradient: set to the gradient by `input`.
    ///   - weightGradient: added to, [outputs, inputs].
    public func backward(
        _ parameters: ParameterVector, input: Matrix, pooledGradient: Matrix, winners: MaxPool.Winners,
        from group: Int, points: Int, inputGradient: Matrix, weightGradient: Matrix
    ) {
        precondition(input.rows == pooledGradient.rows * points && inputGradient.rows == input.rows)
        let weight = parameters[linear.weight]
        inputGradient.fill(0)
        for row in 0..<pooledGradient.rows {
            for output in 0..<linear.outputs {
                let gradient = pooledGradient[row, output]
                let point = row * points + winners[group + row, output]
                nn_add_scaled(
                    weight.base + output * weight.stride, gradient, inputGradient.base + point * inputGradient.stride,
                    linear.inputs)
                nn_add_scaled(
                    input.base + point * input.stride, gradient, weightGradient.base + output * weightGradient.stride,
                    linear.inputs)
            }
        }
    }
}
