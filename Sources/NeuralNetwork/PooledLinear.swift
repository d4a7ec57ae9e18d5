import CKernels

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
