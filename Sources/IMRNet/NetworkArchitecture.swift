import SeededRandom
import NeuralNetwork

/// The layers of a configuration, and where their parameters lie.
struct NetworkArchitecture: Sendable {
    let configuration: NetworkConfiguration
    let layout: ParameterLayout
    let tokenizer: Tokenizer
    let encoder: TransformerStack
    let decoder: TransformerStack
    let maskToken: ParameterLayout.Slot
    let head: Linear

    init(_ configuration: NetworkConfiguration) {
        var layout = ParameterLayout()
        self.configuration = configuration
        tokenizer = Tokenizer("tokenizer", configuration, in: &layout)
        encoder = TransformerStack("encoder", configuration, depth: configuration.encoderDepth, in: &layout)
        decoder = TransformerStack("decoder", configuration, depth: configuration.decoderDepth, in: &layout)
        maskToken = layout.add("mask_token", [configuration.width], .undecayed)
        head = Linear("head", inputs: configuration.width, outputs: configuration.patchPoints * 3, in: &layout)
        self.layout = layout
    }

    var linearLayers: [Linear] {
        let stacks = [encoder, decoder].flatMap { stack in
            [stack.position.linear1, stack.position.linear2]
                + stack.blocks.flatMap { [$0.qkv, $0.projection, $0.linear1, $0.linear2] }
        }
        return [tokenizer.linear1, tokenizer.linear2, tokenizer.linear3, tokenizer.linear4] + stacks + [head]
    }

    /// PyTorch's initial values: uniform in ±1/sqrt(inputs) for linear layers, one and zero for norms; tokens normal, 0.02.
    func initialParameters(seed: UInt64) -> ParameterVector {
        let parameters = ParameterVector(layout)
        var random = SplitMix64(seed: seed)
        var bound: Float = 0
        for entry in layout.entries {
            let values = parameters[entry]
            let isNorm = entry.name.contains("norm")
            if entry.shape.count == 2 { bound = 1 / Float(entry.shape[1]).squareRoot() }
            for row in 0..<values.rows {
                for column in 0..<values.columns {
                    if entry.name == "mask_token" {
                        values[row, column] = 0.02 * random.normal()
                    } else if isNorm {
                        let isOne = entry.name.hasSuffix(".weight") || entry.name.hasSuffix(".running_var")
                        values[row, column] = isOne ? 1 : 0
                    } else {
                        // A bias follows its weight, and has the same bound.
                        values[row, column] = (2 * random.uniform() - 1) * bound
                    }
                }
            }
        }
        return parameters
    }
}
