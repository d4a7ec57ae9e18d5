import CKernels

/// Gaussian error linear unit, exact (erf) form: `x Φ(x)`.
public enum GELU {
    /// Element by element; `output` may be `input`.
    public static func forward(_ input: Matrix, into output: Matrix) {
        precondition(
            input.isContiguous && output.isContiguous && input.rows * input.columns == output.rows * output.columns)
        nn_gelu(input.base, output.base, input.rows * input.columns)
    }

    /// Turns the gradient by the output into that by the input, in place.
    public static func backward(input: Matrix, gradient: Matrix) {
        precondition(input.isContiguous && gradient.isContiguous)
        nn_gelu_backward(input.base, gradient.base, input.rows * input.columns)
    }
}

/// `max(0, x)`.
public enum ReLU {
    /// Element by element; `output` may be `input`.
    public static func forward(_ input: Matrix, into output: Matrix) {
        precondition(
            input.isContiguous && output.isContiguous && input.rows * input.columns == output.rows * output.columns)
        nn_relu(input.base, output.base, input.rows * input.columns)
    }
}
