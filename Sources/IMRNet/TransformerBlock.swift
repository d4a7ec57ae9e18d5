import NeuralNetwork
import ParallelLoops

/// A pre-norm transformer block: `y = x + attention(norm(x))`, then `y + mlp(norm(y))`.
struct TransformerBlock: Sendable {
    let width: Int
    let norm1, norm2: LayerNorm
    let qkv, projection, linear1, linear2: Linear
    let attention: Attention

    init(_ name: String, width: Int, heads: Int, in layout: inout ParameterLayout) {
        self.width = width
        norm1 = LayerNorm("\(name).norm1", width: width, in: &layout)
        qkv = Linear("\(name).attention.qkv", inputs: width, outputs: 3 * width, bias: false, in: &layout)
        projection = Linear("\(name).attention.projection", inputs: width, outputs: width, in: &layout)
        norm2 = LayerNorm("\(name).norm2", width: width, in: &layout)
        linear1 = Linear("\(name).mlp.linear1", inputs: width, outputs: 4 * width, in: &layout)
        linear2 = Linear("\(name).mlp.linear2", inputs: 4 * width, outputs: width, in: &layout)
        attention = Attention(width: width, heads: heads)
    }

    /// A block's intermediate results: kept for the backward pass in training, shared by all blocks in inference.
    struct Activations: Sendable {
        let input, moments1, normed1, qkv, attended, middle, moments2, normed2, hidden, activated: Matrix
        /// For training only.
        let probabilities: Matrix?

        init(width: Int, heads: Int, sequences: Int, length: Int, training: Bool) {
            let rows = sequences * length
            func matrix(_ columns: Int) -> Matrix { Matrix(rows: rows, columns: columns) }
            (input, normed1, attended) = (matrix(width), matrix(width), matrix(width))
            (middle, normed2, qkv) = (matrix(width), matrix(width), matrix(3 * width))
            (moments1, moments2) = (matrix(2), matrix(2))
            (hidden, activated) = (matrix(4 * width), matrix(4 * width))
            probabilities = training ? Matrix(rows: sequences * heads * length, columns: length) : nil
        }
    }

    /// Each sample's factor of the two residual branches (stochastic depth); nil where all are 1.
    struct BranchFactors: Sendable {
        var attention: [Float]?
        var mlp: [Float]?
        static let one = BranchFactors()
    }

    /// Replaces the rows of `stream` by the block's output for them plus `position`. Shapes [sequences * length, width].
    func forward(
        _ parameters: ParameterVector, _ stream: Matrix, position: Matrix, sequences: Int, keeping kept: Activations,
        factors: BranchFactors = .one, workers: Workers
    ) {
        Self.run(tilesOf: sequences, of: stream.rows / sequences, height: Self.forwardHeight, workers) { _, rows in
            let input = kept.input.rows(rows)
            input.copy(from: stream.rows(rows))
            input.add(position.rows(rows))
            norm1.forward(parameters, input, into: kept.normed1.rows(rows), moments: kept.moments1.rows(rows))
            qkv.forward(parameters, kept.normed1.rows(rows), into: kept.qkv.rows(rows))
        }
        attention.forward(
            kept.qkv, sequences: sequences, into: kept.attended, probabilities: kept.probabilities, workers: workers)
        Self.run(tilesOf: sequences, of: stream.rows / sequences, height: Self.forwardHeight, workers) {
            sequence, rows in
            let middle = kept.middle.rows(rows), output = stream.rows(rows)
            middle.copy(from: kept.input.rows(rows))
            projection.forward(
                parameters, kept.attended.rows(rows), into: middle, accumulating: true,
                factor: factors.attention?[sequence] ?? 1)
            norm2.forward(parameters, middle, into: kept.normed2.rows(rows), moments: kept.moments2.rows(rows))
            linear1.forward(parameters, kept.normed2.rows(rows), into: kept.hidden.rows(rows))
            GELU.forward(kept.hidden.rows(rows), into: kept.activated.rows(rows))
            output.copy(from: middle)
            linear2.forward(
                parameters, kept.activated.rows(rows), into: output, accumulating: true,
                factor: factors.mlp?[sequence] ?? 1)
        }
    }

    /// Packed products are as fast in small tiles, of which a late thread costs less.
    private static let forwardHeight = 40

    /// Tiles that do not cross from one sequence to the next.
    static func run(
        tilesOf sequences: Int, of length: Int, height: Int = 80, _ workers: Workers,
        _ body: @Sendable (_ sequence: Int, _ rows: Range<Int>) -> Void
    ) {
        let tiles = Workers.tiles(of: length, height: height)
        workers.run(chunks: sequences * tiles) { task in
            let (sequence, tile) = task.quotientAndRemainder(dividingBy: tiles)
            let start = sequence * length
            body(sequence, start + length * tile / tiles..<start + length * (tile + 1) / tiles)
        }
    }
}
