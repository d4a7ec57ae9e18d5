import CKernels
import NeuralNetwork
import Testing

/// Products with packed matrices against sums in double precision, and against each other.
struct PackedMatrixTests {
    /// Rows, outputs and inputs that fill no panel, no tile and no block of the depth.
    static let shapes = [[1, 1, 1], [5, 37, 70], [23, 45, 1100], [77, 192, 64], [13, 33, 513], [12, 32, 512]]

    private func expected(_ x: Matrix, _ weight: Matrix, row: Int, output: Int) -> Double {
        (0..<x.columns).reduce(0.0) { $0 + Double(x[row, $1]) * Double(weight[output, $1]) }
    }

    @Test(arguments: shapes)
    func product(_ shape: [Int]) {
        let (rows, outputs, inputs) = (shape[0], shape[1], shape[2])
        let x = Matrix(randomValues(rows * inputs, seed: 1), rows: rows, columns: inputs)
        let weight = Matrix(randomValues(outputs * inputs, seed: 2), rows: outputs, columns: inputs)
        let transposed = Matrix(rows: inputs, columns: outputs)
        for row in 0..<inputs { for column in 0..<outputs { transposed[row, column] = weight[column, row] } }
        let pack = PackedMatrix(outputs: outputs, inputs: inputs),
            other = PackedMatrix(outputs: outputs, inputs: inputs)
        pack.pack(weight)
        other.pack(transposing: transposed)
        let result = Matrix(rows: rows, columns: outputs), second = Matrix(rows: rows, columns: outputs)
        pack.multiply(x, into: result)
        other.multiply(x, into: second)
        #expect(result.elements == second.elements)
        for row in 0..<rows {
            for output in 0..<outputs {
                let difference = abs(Double(result[row, output]) - expected(x, weight, row: row, output: output))
                #expect(difference < 1e-6 * Double(inputs).squareRoot() * 4)
            }
        }
    }

    /// Bias by group, factor, residual and ReLU, on some of the columns.
    @Test func destination() {
        let rows = 30, outputs = 41, inputs = 50, columns = 8..<47
        let x = Matrix(randomValues(rows * columns.count, seed: 3), rows: rows, columns: columns.count)
        let weight = Matrix(randomValues(outputs * inputs, seed: 4), rows: outputs, columns: inputs)
        let bias = Matrix(randomValues(4 * outputs, seed: 5), rows: 4, columns: outputs)
        let old = randomValues(rows * outputs, seed: 6)
        let result = Matrix(old, rows: rows, columns: outputs)
        let pack = PackedMatrix(outputs: outputs, inputs: inputs)
        pack.pack(weight)
        var destination = PackedMatrix.Destination()
        destination.bias = bias
        destination.group = 8
        destination.factor = 0.5
        destination.accumulates = true
        destination.rectifies = true
        pack.multiply(x, columns: columns, into: result, destination)
        for row in 0..<rows {
            for output in 0..<outputs {
                let product = expected(x, weight.columns(columns), row: row, output: output)
                let value = 0.5 * (product + Double(bias[row / 8, output])) + Double(old[row * outputs + output])
                #expect(abs(Double(result[row, output]) - max(0, value)) < 1e-5)
            }
        }
    }

    /// A row's bits do not depend on the rows that it is computed with: threads may cut them anywhere.
    @Test func bitsOfARow() {
        let x = Matrix(randomValues(40 * 700, seed: 7), rows: 40, columns: 700)
        let pack = PackedMatrix(outputs: 50, inputs: 700)
        pack.pack(Matrix(randomValues(50 * 700, seed: 8), rows: 50, columns: 700))
        let whole = Matrix(rows: 40, columns: 50), parts = Matrix(rows: 40, columns: 50)
        pack.multiply(x, into: whole)
        for range in [0..<1, 1..<14, 14..<40] { pack.multiply(x.rows(range), into: parts.rows(range)) }
        #expect(whole.elements == parts.elements)
    }

    @Test(arguments: shapes)
    func plainForm(_ shape: [Int]) {
        let (rows, outputs, inputs) = (shape[0], shape[1], shape[2])
        let x = randomValues(rows * inputs, seed: 9), weight = randomValues(outputs * inputs, seed: 10)
        let panels = (outputs + Int(NN_PANEL_WIDTH) - 1) / Int(NN_PANEL_WIDTH) * Int(NN_PANEL_WIDTH) * inputs
        var packed = [Float](repeating: 0, count: panels)
        nn_pack_panels(weight, inputs, outputs, inputs, &packed)
        var fast = [Float](repeating: 1, count: rows * outputs), plain = fast
        var output = nn_panel_output(bias: nil, bias_stride: 0, group: rows, factor: 2, keep: 1, rectify: 0)
        let stride = Int(NN_PANEL_WIDTH) * inputs
        nn_multiply_panels(x, inputs, rows, inputs, packed, stride, outputs, &fast, outputs, &output)
        nn_multiply_panels_plain(x, inputs, rows, inputs, packed, stride, outputs, &plain, outputs, &output)
        #expect(fast != [Float](repeating: 1, count: rows * outputs))
        #expect(maximumDifference(fast, plain) < 1e-6 * Float(inputs).squareRoot() * 8)
        guard nn_level() > 0 else { return }
        var narrow = [Float](repeating: 1, count: rows * outputs)
        nn_multiply_panels_avx2(x, inputs, rows, inputs, packed, stride, outputs, &narrow, outputs, &output)
        #expect(maximumDifference(narrow, plain) < 1e-6 * Float(inputs).squareRoot() * 8)
    }
}
