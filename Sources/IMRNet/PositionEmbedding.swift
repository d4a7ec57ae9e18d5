import NeuralNetwork
import ParallelLoops

/// Patch centres to vectors that are added to the tokens: 3 -> hidden, GELU, -> width.
struct PositionEmbedding: Sendable {
    let linear1, linear2: Linear

    init(_ name: String, hidden: Int, width: Int, in layout: inout ParameterLayout) {
        linear1 = Linear("\(name).linear1", inputs: 3, outputs: hidden, in: &layout)
        linear2 = Linear("\(name).linear2", inputs: hidden, outputs: width, in: &layout)
    }

    /// What the forward pass keeps for the backward pass.
    struct Activations: Sendable {
        let hidden, activated, output: Matrix

        init(_ embedding: PositionEmbedding, rows: Int) {
            hidden = Matrix(rows: rows, columns: embedding.linear1.outputs)
            activated = Matrix(rows: rows, columns: embedding.linear1.outputs)
            output = Matrix(rows: rows, columns: embedding.linear2.outputs)
        }
    }

    /// Centres [n, 3] to `kept.output` [n, width].
    func forward(_ parameters: ParameterVector, _ centers: Matrix, keeping kept: Activations, workers: Workers) {
        workers.run(tilesOf: centers.rows) { rows in
            linear1.forward(parameters, centers.rows(rows), into: kept.hidden.rows(rows))
            GELU.forward(kept.hidden.rows(rows), into: kept.activated.rows(rows))
            linear2.forward(parameters, kept.activated.rows(rows), into: kept.output.rows(rows))
        }
    }

    /// Sets the gradients of both layers.
    func backward(
        _ parameters: ParameterVector, centers: Matrix, outputGradient: Matrix, keeping kept: Activations,
        into gradients: ParameterVector, workers: Workers
    ) {
        let hiddenGradient = Matrix(rows: centers.rows, columns: linear1.outputs)
        workers.run(tilesOf: centers.rows) { rows in
            linear2.backward(parameters, outputGradient.rows(rows), into: hiddenGradient.rows(rows))
            GELU.backward(input: kept.hidden.rows(rows), gradient: hiddenGradient.rows(rows))
        }
        linear2.parameterGradients(
            input: kept.activated, outputGradient: outputGradient, into: gradients, workers: workers)
        linear1.parameterGradients(input: centers, outputGradient: hiddenGradient, into: gradients, workers: workers)
    }
}
