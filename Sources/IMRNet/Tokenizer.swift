import NeuralNetwork
import ParallelLoops

/// Patches to tokens: a small PointNet (Qi et al., 2017) with two stages, each pooled over the points of a patch.
///
/// 3 -> a, batch norm, ReLU, -> b; max over points; [pooled b, own b] -> c, batch norm, ReLU, -> width; max -> token.
struct Tokenizer: Sendable {
    let points: Int
    let linear1, linear2, linear3, linear4: Linear
    let norm1, norm2: BatchNorm

    init(_ name: String, _ configuration: NetworkConfiguration, in layout: inout ParameterLayout) {
        let (a, b, c) = (
            configuration.tokenizerWidths[0], configuration.tokenizerWidths[1], configuration.tokenizerWidths[2]
        )
        points = configuration.patchPoints
        linear1 = Linear("\(name).linear1", inputs: 3, outputs: a, in: &layout)
        norm1 = BatchNorm("\(name).norm1", width: a, in: &layout)
        linear2 = Linear("\(name).linear2", inputs: a, outputs: b, in: &layout)
        linear3 = Linear("\(name).linear3", inputs: 2 * b, outputs: c, in: &layout)
        norm2 = BatchNorm("\(name).norm2", width: c, in: &layout)
        linear4 = Linear("\(name).linear4", inputs: c, outputs: configuration.width, in: &layout)
    }

    /// Patches whose points are worked on together: their rows stay in the cache.
    static let chunk = 8

    /// Folds the batch norms into the layers before them, for `forward`.
    func fold(_ parameters: ParameterVector) {
        norm1.fold(into: linear1, parameters)
        norm2.fold(into: linear3, parameters)
    }

    /// What `fold` changes.
    var foldedParameters: [ParameterLayout.Slot] {
        [linear1, linear3].flatMap { [$0.weight] + ($0.bias.map { [$0] } ?? []) }
    }

    /// A chunk's intermediate results.
    struct Scratch: Sendable {
        let hidden1, local, pooled, hidden2, output: Matrix

        init(_ tokenizer: Tokenizer) {
            let rows = Tokenizer.chunk * tokenizer.points
            hidden1 = Matrix(rows: rows, columns: tokenizer.linear1.outputs)
            local = Matrix(rows: rows, columns: tokenizer.linear2.outputs)
            pooled = Matrix(rows: Tokenizer.chunk, columns: tokenizer.linear2.outputs)
            hidden2 = Matrix(rows: rows, columns: tokenizer.linear3.outputs)
            output = Matrix(rows: rows, columns: tokenizer.linear4.outputs)
        }
    }

    /// With running statistics: `parameters` must be folded. Shapes [n, K * 3] -> [n, width].
    func forward(_ parameters: ParameterVector, _ patches: Matrix, into tokens: Matrix, workers: Workers) {
        let pool = ScratchPool { Scratch(self) }
        workers.run(over: patches.rows, by: Self.chunk) { range in
            pool.with { scratch in
                let rows = 0..<range.count * points
                let (hidden1, hidden2) = (scratch.hidden1.rows(rows), scratch.hidden2.rows(rows))
                let (local, output) = (scratch.local.rows(rows), scratch.output.rows(rows))
                let pooled = scratch.pooled.rows(0..<range.count)
                linear1.forward(
                    parameters, patches.rows(range).reshaped(rows: rows.count, columns: 3), into: hidden1,
                    rectifying: true)
                linear2.forward(parameters, hidden1, into: local)
                MaxPool.forward(local, points: points, into: pooled)
                mix(parameters, pooled: pooled, local: local, into: hidden2, rectifying: true)
                linear4.forward(parameters, hidden2, into: output)
                MaxPool.forward(output, points: points, into: tokens.rows(range))
            }
        }
    }

    /// The third layer on [pooled, own]: its half for the pooled vector is computed once a patch.
    func mix(
        _ parameters: ParameterVector, pooled: Matrix, local: Matrix, into output: Matrix, rectifying: Bool = false
    ) {
        linear3.forwardPooled(
            parameters, pooled: pooled, own: local, points: points, into: output, rectifying: rectifying)
    }

    /// The columns of the third layer's weight (or of its gradient) for the pooled vector, and those for a point's own.
    func halves(_ parameters: ParameterVector) -> (pooled: Matrix, local: Matrix) {
        let weight = parameters[linear3.weight], half = linear2.outputs
        return (weight.columns(0..<half), weight.columns(half..<2 * half))
    }
}
