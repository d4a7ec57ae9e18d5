public import NeuralNetwork

extension NetworkConfiguration {
    /// The size whose shape a file's weights have, told from the width of its mask token.
    ///
    /// - Throws: `missingTensor` or `shape` where there is no such token, or its width is that of neither size.
    public init(of tensors: SafeTensors) throws(NeuralNetworkError) {
        guard let token = tensors.tensors["mask_token"] else {
            throw NeuralNetworkError(
                .missingTensor,
                "expected weights of the reconstruction network, found no tensor 'mask_token' in the file")
        }
        guard let size = NetworkSize.allCases.first(where: { NetworkConfiguration($0).width == token.values.count })
        else {
            let known = NetworkSize.allCases.map { "\(NetworkConfiguration($0).width) (\($0.rawValue))" }
            throw NeuralNetworkError(
                .shape,
                "'mask_token': expected a width of \(known.joined(separator: " or ")), found \(token.values.count)")
        }
        self.init(size)
    }
}

extension ReconstructionNetwork {
    /// A network of the size that the weights have.
    public convenience init(_ tensors: SafeTensors) throws(NeuralNetworkError) {
        try self.init(NetworkConfiguration(of: tensors), tensors: tensors)
    }
}
