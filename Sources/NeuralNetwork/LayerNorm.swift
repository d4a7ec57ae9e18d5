import CKernels

/// Layer norm (Ba et al., 2016) over the columns, with scale and offset.
public struct LayerNorm: Sendable {
    public static let epsilon: Float = 1e-5
    public let width: Int
    public let weight: ParameterLayout.Slot
    public let bias: ParameterLayout.Slot

    public init(_ name: String, width: Int, in layout: inout ParameterLayout) {
        self.width = width
        self.weight = layout.add("\(name).weight", [width], .undecayed)
        self.bias = layout.add("\(name).bias", [width], .undecayed)
    }

    /// - Parameter moments: mean and inverse deviation of each row, [n, 2]: what `backward` needs.
    public func forward(
        _ parameters: ParameterVector, _ input: Matrix, into output: Matrix, moments: Matrix? = nil
    ) {
        precondition(input.columns == width && output.columns == width && input.rows == output.rows)
        nn_layer_norm(
            input.base, input.stride, parameters[weight].base, parameters[bias].base, output.base, output.stride,
            moments?.base, input.rows, width, Self.epsilon)
    }

    /// Layer norm without scale and offset.
    public static func normalize(_ input: Matrix, into output: Matrix) {
        precondition(input.columns == output.columns && input.rows == output.rows)
        nn_layer_norm(
            input.base, input.stride, nil, nil, output.base, output.stride, nil, input.rows, input.columns, epsilon)
    }

    /// Adds to `inputGradient`, and to the gradients of weight and bias, [2, width]. All contiguous.
    public func backward(
        _ parameters: ParameterVector, input: Matrix, moments: Matrix, outputGradient: Matrix,
        addingTo inputGradient: Matrix, parameterGradients: Matrix
    ) {
        precondition(input.isContiguous && outputGradient.isContiguous && inputGradient.isContiguous)
        nn_layer_norm_backward(
            input.base, parameters[weight].base, moments.base, outputGradient.base, inputGradient.base,
            parameterGradients.base, parameterGradients.base + width, input.rows, width)
    }

    /// Sets the gradients of weight and bias to the sum of the tiles' ones, each [2, width], in their order.
    public func collect(_ tiles: Matrix, into gradients: ParameterVector) {
        let sums = Matrix(rows: 1, columns: 2 * width)
        tiles.sumRows(into: sums)
        gradients[weight].copy(from: sums.columns(0..<width))
        gradients[bias].copy(from: sums.columns(width..<2 * width))
    }
}
