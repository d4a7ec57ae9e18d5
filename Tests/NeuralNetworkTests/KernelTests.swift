import CKernels
import Foundation
import NeuralNetwork
import Testing

/// The loops chosen for this processor, and those for AVX2, against their plain form, and GELU against PyTorch.
struct KernelTests {
    let rows = 5, columns = 37
    var count: Int { rows * columns }

    private func expectAlike(
        _ fast: (inout [Float]) -> Void, _ plain: (inout [Float]) -> Void, avx2: (inout [Float]) -> Void,
        tolerance: Float = 5e-6, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let input = randomValues(count, seed: 5).map { 4 * $0 }
        var (a, b) = (input, input)
        fast(&a)
        plain(&b)
        #expect(a != input, sourceLocation: sourceLocation)
        #expect(maximumDifference(a, b) <= tolerance, sourceLocation: sourceLocation)
        guard nn_level() > 0 else { return }
        var c = input
        avx2(&c)
        #expect(maximumDifference(c, b) <= tolerance, sourceLocation: sourceLocation)
    }

    @Test func elementwise() {
        let x = randomValues(count, seed: 6).map { 5 * $0 }
        expectAlike({ nn_gelu(x, &$0, count) }, { nn_gelu_plain(x, &$0, count) }, avx2: { nn_gelu_avx2(x, &$0, count) })
        expectAlike(
            { nn_gelu_backward(x, &$0, count) }, { nn_gelu_backward_plain(x, &$0, count) },
            avx2: { nn_gelu_backward_avx2(x, &$0, count) })
        expectAlike({ nn_relu(x, &$0, count) }, { nn_relu_plain(x, &$0, count) }, avx2: { nn_relu_avx2(x, &$0, count) })
        expectAlike(
            { nn_add_scaled(x, 0.3, &$0, count) }, { nn_add_scaled_plain(x, 0.3, &$0, count) },
            avx2: { nn_add_scaled_avx2(x, 0.3, &$0, count) })
    }

    @Test func rowwise() {
        let x = randomValues(count, seed: 7), weight = randomValues(columns, seed: 8),
            bias = randomValues(columns, seed: 9)
        expectAlike(
            { nn_softmax(&$0, rows, columns, columns, 0.7) }, { nn_softmax_plain(&$0, rows, columns, columns, 0.7) },
            avx2: { nn_softmax_avx2(&$0, rows, columns, columns, 0.7) })
        expectAlike(
            { nn_softmax_backward(x, columns, &$0, columns, rows, columns, 0.7) },
            { nn_softmax_backward_plain(x, columns, &$0, columns, rows, columns, 0.7) },
            avx2: { nn_softmax_backward_avx2(x, columns, &$0, columns, rows, columns, 0.7) })
        expectAlike(
            { nn_layer_norm(x, columns, weight, bias, &$0, columns, nil, rows, columns, 1e-5) },
            { nn_layer_norm_plain(x, columns, weight, bias, &$0, columns, nil, rows, columns, 1e-5) },
            avx2: { nn_layer_norm_avx2(x, columns, weight, bias, &$0, columns, nil, rows, columns, 1e-5) })
    }

    @Test func columnwise() {
        let x = randomValues(count, seed: 10), scale = randomValues(columns, seed: 11),
            shift = randomValues(columns, seed: 12)
        expectAlike(
            { nn_scale_shift_relu(x, scale, shift, &$0, rows, columns) },
            { nn_scale_shift_relu_plain(x, scale, shift, &$0, rows, columns) },
            avx2: { nn_scale_shift_relu_avx2(x, scale, shift, &$0, rows, columns) })
        expectAlike(
            { nn_column_sums(x, rows, columns, columns, &$0) },
            { nn_column_sums_plain(x, rows, columns, columns, &$0) },
            avx2: { nn_column_sums_avx2(x, rows, columns, columns, &$0) }
        )
        expectAlike(
            { nn_max_pool(x, &$0, nil, 1, rows, columns) }, { nn_max_pool_plain(x, &$0, nil, 1, rows, columns) },
            avx2: { nn_max_pool_avx2(x, &$0, nil, 1, rows, columns) })
        expectAlike(
            { nn_squared_distances(scale, x, rows, columns, &$0) },
            { nn_squared_distances_plain(scale, x, rows, columns, &$0) },
            avx2: { nn_squared_distances_avx2(scale, x, rows, columns, &$0) })
    }

    @Test func softmaxOfFarApartScores() {
        var row: [Float] = [-1e4, 0, 80, 100]
        nn_softmax(&row, 1, 4, 4, 1)
        #expect(row[0] == 0 && row[1] == 0 && abs(row[3] - 1) < 1e-7)
        #expect(abs(row[2] - 2.0611537e-9) < 1e-14)
    }

    private struct Layers: Decodable {
        struct Curve: Decodable { let x, y: [Double] }
        let gelu: Curve
    }

    @Test func geluAgainstPyTorch() throws {
        let file = try #require(
            Bundle.module.url(forResource: "layers", withExtension: "json", subdirectory: "Fixtures"))
        let curve = try JSONDecoder().decode(Layers.self, from: Data(contentsOf: file)).gelu
        let x = Matrix(curve.x.map { Float($0) }, rows: 1, columns: curve.x.count)
        let y = Matrix(rows: 1, columns: curve.x.count)
        GELU.forward(x, into: y)
        for (found, expected) in zip(y.elements, curve.y) { #expect(abs(Double(found) - expected) < 1e-6) }
    }
}
