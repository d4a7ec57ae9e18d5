import NeuralNetwork
import ParallelLoops

/// Position embedding, blocks (the position is added before each), final layer norm.
struct TransformerStack: Sendable {
    let width: Int
    let heads: Int
    let position: PositionEmbedding
    let blocks: [TransformerBlock]
    let norm: LayerNorm

    init(_ name: String, _ configuration: NetworkConfiguration, depth: Int, in layout: inout ParameterLayout) {
        (width, heads) = (configuration.width, configuration.heads)
        position = PositionEmbedding(
            "\(name).position", hidden: configuration.positionWidth, width: configuration.width, in: &layout)
        var blocks: [TransformerBlock] = []
        for index in 0..<depth {
            blocks.append(
                TransformerBlock(
                    "\(name).blocks.\(index)", width: configuration.width, heads: configuration.heads, in: &layout))
        }
        self.blocks = blocks
        norm = LayerNorm("\(name).norm", width: configuration.width, in: &layout)
    }

    /// One sequence through the first `depth` blocks, in place, without the final norm: [n, width], centres [n, 3].
    ///
    /// `visit` sees the stream after each block, with the block's index.
    func forward(
        _ parameters: ParameterVector, _ stream: Matrix, centers: Matrix, depth: Int? = nil, workers: Workers,
        visit: (Int, Matrix) -> Void = { _, _ in }
    ) {
        let places = PositionEmbedding.Activations(position, rows: stream.rows)
        position.forward(parameters, centers, keeping: places, workers: workers)
        let scratch = TransformerBlock.Activations(
            width: width, heads: heads, sequences: 1, length: stream.rows, training: false)
        for (index, block) in blocks.prefix(depth ?? blocks.count).enumerated() {
            block.forward(
                parameters, stream, position: places.output, sequences: 1, keeping: scratch, workers: workers)
            visit(index, stream)
        }
    }
}
