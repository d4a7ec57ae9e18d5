import NeuralNetwork
import SeededRandom

extension ReconstructionNetwork {
    /// A start that saves a pretraining its first thousands of steps.
    ///
    /// Transformers: normal, 0.02; biases 0 (Point-MAE). Queries and keys equal, so that like tokens attend to each other
    /// (mimetic initialisation, Trockman and Kolter 2023); positions as random ridges about 0.3 wide, so that near ones are
    /// alike. Head: first predictions no larger than a patch; else the first gradients fill AdamW's second moments for
    /// long. The rest as PyTorch has it.
    public static func pretrainingStart(_ configuration: NetworkConfiguration, seed: UInt64) -> ReconstructionNetwork {
        let architecture = NetworkArchitecture(configuration)
        let parameters = architecture.initialParameters(seed: seed)
        var random = SplitMix64(seed: SplitMix64.seed(seed, stream: 1))
        let width = configuration.width
        for entry in architecture.layout.entries {
            let isStack = entry.name.hasPrefix("encoder.") || entry.name.hasPrefix("decoder.")
            guard (isStack && !entry.name.contains("norm")) || entry.name.hasPrefix("head.") else { continue }
            let values = parameters[entry]
            func fill(_ next: () -> Float) {
                for row in 0..<values.rows {
                    for column in 0..<values.columns { values[row, column] = next() }
                }
            }
            if entry.name.hasSuffix("position.linear1.weight") {
                fill { 5 * random.normal() }
            } else if entry.name.hasSuffix("position.linear1.bias") {
                fill { 6 * random.uniform() - 3 }
            } else if entry.name.hasSuffix("position.linear2.weight") {
                let deviation = 0.35 / Float(configuration.positionWidth).squareRoot()
                fill { deviation * random.normal() }
            } else if entry.name.hasSuffix(".bias") {
                fill { 0 }
            } else if entry.name == "head.weight" {
                fillHead(values, using: &random)
            } else {
                fill { 0.02 * random.normal() }
            }
            if entry.name.hasSuffix("qkv.weight") {
                let queries = values.rows(0..<width), deviation = 0.8 / Float(width).squareRoot()
                for row in 0..<width {
                    for column in 0..<width { queries[row, column] = deviation * random.normal() }
                }
                values.rows(width..<2 * width).copy(from: queries)
            }
        }
        return ReconstructionNetwork(architecture, parameters)
    }

    /// A head's weights whose first predictions are no larger than a patch.
    static func fillHead(_ weights: Matrix, using random: inout SplitMix64) {
        for row in 0..<weights.rows {
            for column in 0..<weights.columns { weights[row, column] = 0.002 * random.normal() }
        }
    }
}
