public import NeuralNetwork

extension ReconstructionNetwork {
    /// The same network for patches of another number of points: to be fine-tuned, as a sweep over patch sizes does.
    ///
    /// Only the head depends on it. It predicts a set, so a smaller one keeps the first of its points, and a larger one
    /// begins with points twice, which fine-tuning draws apart.
    /// - Throws: nothing for a network that holds together; else what reading weights throws.
    public func withPatchPoints(_ count: Int) throws(NeuralNetworkError) -> ReconstructionNetwork {
        precondition(count > 0)
        guard count != configuration.patchPoints else { return self }
        var changed = configuration
        changed.patchPoints = count
        var tensors = self.tensors
        for name in ["head.weight", "head.bias"] {
            guard let tensor = tensors.tensors[name] else { continue }
            let point = tensor.values.count / configuration.patchPoints
            var values: [Float] = []
            for target in 0..<count {
                let source = target % configuration.patchPoints
                // A point that is there twice moves a little: else both have the same gradients for ever.
                let factor: Float = 1 + 0.05 * Float(target / configuration.patchPoints)
                values += tensor.values[source * point..<(source + 1) * point].map { $0 * factor }
            }
            tensors.tensors[name] = .init(shape: [count * 3] + tensor.shape.dropFirst(), values: values)
        }
        return try ReconstructionNetwork(changed, tensors: tensors)
    }
}
