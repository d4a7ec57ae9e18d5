extension ParameterVector {
    /// Takes every value of the layout from `tensors`; others in it are ignored.
    public init(_ layout: ParameterLayout, from tensors: SafeTensors) throws(NeuralNetworkError) {
        self.init(layout)
        for entry in layout.entries {
            guard let tensor = tensors.tensors[entry.name] else {
                throw NeuralNetworkError(
                    .missingTensor,
                    "the weights lack '\(entry.name)' of shape \(entry.shape). Are they of this network and size?")
            }
            guard tensor.shape == entry.shape else {
                throw NeuralNetworkError(
                    .shape,
                    "'\(entry.name)' should have the shape \(entry.shape) and has \(tensor.shape). "
                        + "Are the weights of the other network size?")
            }
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw NeuralNetworkError(.notFinite, "'\(entry.name)' holds a value that is NaN or infinite")
            }
            let target = self[entry]
            target.copy(from: Matrix(tensor.values, rows: target.rows, columns: target.columns))
        }
    }

    /// All values, by name.
    public var tensors: [String: SafeTensors.Tensor] {
        var result: [String: SafeTensors.Tensor] = [:]
        for entry in layout.entries {
            result[entry.name] = SafeTensors.Tensor(shape: entry.shape, values: self[entry].elements)
        }
        return result
    }
}
