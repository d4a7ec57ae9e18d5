import CKernels

/// A weight matrix W [outputs, inputs] laid out for many products `x Wᵀ`; or, transposed, for `x W`.
///
/// OpenBLAS lays the right factor out anew for each product, which for the 64 to 154 rows of this network is a quarter of
/// the time. Shares its memory with its copies, like `Matrix`.
public struct PackedMatrix: Sendable {
    /// Columns of a product, and of its left factor.
    public let outputs: Int
    public let inputs: Int
    private let panels: Matrix
    private static let width = Int(NN_PANEL_WIDTH)

    /// Of undefined contents, until `pack`.
    public init(outputs: Int, inputs: Int) {
        self.outputs = outputs
        self.inputs = inputs
        panels = Matrix(rows: (outputs + Self.width - 1) / Self.width, columns: inputs * Self.width)
    }

    /// Takes over W, [outputs, inputs].
    public func pack(_ weight: Matrix) {
        precondition(weight.rows == outputs && weight.columns == inputs)
        nn_pack_panels(weight.base, weight.stride, outputs, inputs, panels.base)
    }

    /// Takes over the transpose of W, [inputs, outputs].
    public func pack(transposing weight: Matrix) {
        precondition(weight.rows == inputs && weight.columns == outputs)
        nn_pack_transposed_panels(weight.base, weight.stride, outputs, inputs, panels.base)
    }

    /// What becomes of a product on its way to the result.
    public struct Destination {
        /// Added to the product: a row for each group of rows of the result, or one for all.
        public var bias: Matrix?
        /// Rows of the result to a row of the bias; 0: all.
        public var group = 0
        /// Of product and bias.
        public var factor: Float = 1
        /// Whether the old contents of the result are added.
        public var accumulates = false
        /// Whether negative values become 0.
        public var rectifies = false
        public init() {}
    }

    /// `result = x Wᵀ`, on the calling thread. Shapes [n, inputs] -> [n, outputs].
    ///
    /// - Parameter columns: of W, those that `x` has; nil: all.
    public func multiply(
        _ x: Matrix, columns: Range<Int>? = nil, into result: Matrix, _ destination: Destination = Destination()
    ) {
        let columns = columns ?? 0..<inputs
        precondition(columns.lowerBound >= 0 && columns.upperBound <= inputs && x.columns == columns.count)
        precondition(x.rows == result.rows && result.columns == outputs)
        guard x.rows > 0 else { return }
        let group = destination.group > 0 ? destination.group : x.rows
        if let bias = destination.bias {
            precondition(bias.columns == outputs && bias.rows * group >= x.rows, "a row of bias for each group")
        }
        var output = nn_panel_output(
            bias: destination.bias.map { UnsafePointer($0.base) }, bias_stride: destination.bias?.stride ?? 0,
            group: group, factor: destination.factor, keep: destination.accumulates ? 1 : 0,
            rectify: destination.rectifies ? 1 : 0)
        nn_multiply_panels(
            x.base, x.stride, x.rows, columns.count, panels.base + columns.lowerBound * Self.width, panels.stride,
            outputs, result.base, result.stride, &output)
    }
}
