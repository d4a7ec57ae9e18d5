public import NeuralNetwork
import SeededRandom

/// Point-MAE's published weights (Pang et al., ECCV 2022, models/Point_MAE.py) as a network of ours.
///
/// The state dict of `Point_MAE`, as safetensors; tools/pretraining/convert_point_mae.py makes it from `pretrain.pth`.
public enum PointMAECheckpoint {
    public struct Import: Sendable {
        public let network: ReconstructionNetwork
        /// Points that the head in the file predicts, where it was replaced: 32 in the published weights.
        public let replacedHead: Int?
    }

    /// Maps the names, checks every shape, keeps the batch norms' statistics. A head for patches of another size is
    /// replaced by a fresh one.
    ///
    /// - Parameters:
    ///   - configuration: of the network; the published weights are of `base`.
    ///   - seed: of a fresh head.
    /// - Throws: a sentence that names the tensor, where one is missing, unknown, of another shape, or not finite.
    public static func network(
        _ file: SafeTensors, configuration: NetworkConfiguration = NetworkConfiguration(.base), seed: UInt64
    ) throws(NeuralNetworkError) -> Import {
        // Trained on several cards, every name begins with "module.".
        var given: [String: SafeTensors.Tensor] = [:]
        for (name, tensor) in file.tensors {
            given[name.hasPrefix("module.") ? String(name.dropFirst(7)) : name] = tensor
        }
        let architecture = NetworkArchitecture(configuration)
        let parameters = ParameterVector(architecture.layout)
        let points = try headPoints(given, width: configuration.width)
        for entry in architecture.layout.entries {
            let theirs = name(of: entry.name), target = parameters[entry]
            let tensor = try take(theirs, from: &given)
            if entry.name.hasPrefix("head."), points != configuration.patchPoints { continue }
            try check(theirs, tensor, shape: entry.shape)
            target.copy(from: Matrix(tensor.values, rows: target.rows, columns: target.columns))
        }
        if let unknown = given.keys.filter({ !$0.hasSuffix("num_batches_tracked") }).sorted().first {
            throw NeuralNetworkError(
                .shape,
                "'\(unknown)' is no tensor of Point-MAE's pretraining network of \(configuration.encoderDepth) and "
                    + "\(configuration.decoderDepth) blocks. Is this a fine-tuned classifier?")
        }
        let replaces = points != configuration.patchPoints
        if replaces {
            var random = SplitMix64(seed: seed)
            ReconstructionNetwork.fillHead(parameters[architecture.head.weight], using: &random)
        }
        return Import(
            network: ReconstructionNetwork(architecture, parameters), replacedHead: replaces ? points : nil)
    }

    /// The published name of one of our parameters.
    static func name(of ours: String) -> String {
        let exact = [
            "tokenizer.linear1": "MAE_encoder.encoder.first_conv.0",
            "tokenizer.norm1": "MAE_encoder.encoder.first_conv.1",
            "tokenizer.linear2": "MAE_encoder.encoder.first_conv.3",
            "tokenizer.linear3": "MAE_encoder.encoder.second_conv.0",
            "tokenizer.norm2": "MAE_encoder.encoder.second_conv.1",
            "tokenizer.linear4": "MAE_encoder.encoder.second_conv.3",
            "encoder.position.linear1": "MAE_encoder.pos_embed.0",
            "encoder.position.linear2": "MAE_encoder.pos_embed.2",
            "decoder.position.linear1": "decoder_pos_embed.0",
            "decoder.position.linear2": "decoder_pos_embed.2",
            "encoder.norm": "MAE_encoder.norm", "decoder.norm": "MAE_decoder.norm", "head": "increase_dim.0",
        ]
        var parts = ours.split(separator: ".").map(String.init)
        // mask_token
        guard parts.count > 1, let field = parts.popLast() else { return ours }
        if let layer = exact[parts.joined(separator: ".")] { return "\(layer).\(field)" }
        // encoder.blocks.3.attention.projection -> MAE_encoder.blocks.blocks.3.attn.proj
        let blocks = parts[0] == "encoder" ? "MAE_encoder.blocks.blocks" : "MAE_decoder.blocks"
        let inBlock = [
            "attention": "attn", "qkv": "qkv", "projection": "proj", "mlp": "mlp", "linear1": "fc1", "linear2": "fc2",
        ]
        return ([blocks, parts[2]] + parts[3...].map { inBlock[$0] ?? $0 } + [field]).joined(separator: ".")
    }

    /// Points that the file's head predicts: a 1 x 1 convolution to three coordinates of each.
    private static func headPoints(
        _ given: [String: SafeTensors.Tensor], width: Int
    ) throws(NeuralNetworkError) -> Int {
        var rest = given
        let weight = try take("increase_dim.0.weight", from: &rest), bias = try take("increase_dim.0.bias", from: &rest)
        let outputs = weight.shape.first ?? 0
        guard outputs > 0, outputs % 3 == 0 else {
            throw NeuralNetworkError(
                .shape,
                "'increase_dim.0.weight': expected x, y and z for each point of a patch, found \(outputs) outputs")
        }
        try check("increase_dim.0.weight", weight, shape: [outputs, width])
        try check("increase_dim.0.bias", bias, shape: [outputs])
        return outputs / 3
    }

    private static func take(
        _ name: String, from given: inout [String: SafeTensors.Tensor]
    ) throws(NeuralNetworkError) -> SafeTensors.Tensor {
        guard let tensor = given.removeValue(forKey: name) else {
            throw NeuralNetworkError(
                .missingTensor,
                "expected a tensor '\(name)' of Point-MAE's pretraining, found none. Is this the state dict of its "
                    + "'base_model', made by tools/pretraining/convert_point_mae.py?")
        }
        return tensor
    }

    private static func check(
        _ name: String, _ tensor: SafeTensors.Tensor, shape: [Int]
    ) throws(NeuralNetworkError) {
        // A 1 x 1 convolution has a dimension of 1 more, and a token for every sample two.
        guard tensor.shape.filter({ $0 != 1 }) == shape.filter({ $0 != 1 }) else {
            throw NeuralNetworkError(.shape, "'\(name)': expected the shape \(shape), found \(tensor.shape)")
        }
        guard tensor.values.allSatisfy(\.isFinite) else {
            throw NeuralNetworkError(.notFinite, "'\(name)' holds a value that is NaN or infinite")
        }
        if name.hasSuffix("running_var"), let least = tensor.values.min(), least < 0 {
            throw NeuralNetworkError(.notFinite, "'\(name)': expected variances, found the negative \(least)")
        }
    }
}
