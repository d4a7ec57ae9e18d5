public import NeuralNetwork
public import ParallelLoops

extension NetworkTrainer {
    private static let firstPrefix = "optimizer.first."
    private static let secondPrefix = "optimizer.second."

    /// Weights, running statistics, the optimiser's moments and the number of steps: all that going on needs.
    public var checkpoint: SafeTensors {
        var result = SafeTensors(tensors: parameters.tensors, metadata: ["steps": String(steps)])
        for (prefix, vector) in [(Self.firstPrefix, optimizer.first), (Self.secondPrefix, optimizer.second)] {
            for (name, tensor) in vector.tensors { result.tensors[prefix + name] = tensor }
        }
        return result
    }

    /// Goes on from a checkpoint, to the same bits as if it had not stopped.
    ///
    /// - Throws: if a tensor or the number of steps is missing, or of another shape.
    public convenience init(
        _ configuration: NetworkConfiguration, checkpoint: SafeTensors, options: Options = Options(),
        workers: Workers = .all
    ) throws(NeuralNetworkError) {
        guard let steps = checkpoint.metadata["steps"].flatMap({ Int($0) }), steps >= 0 else {
            throw NeuralNetworkError(.header, "a checkpoint's metadata should hold 'steps', a number; is this one?")
        }
        let architecture = NetworkArchitecture(configuration)
        let layout = architecture.layout
        let optimizer = AdamW(
            first: try ParameterVector(layout, from: checkpoint.tensors(withPrefix: Self.firstPrefix)),
            second: try ParameterVector(layout, from: checkpoint.tensors(withPrefix: Self.secondPrefix)), steps: steps,
            options: options.optimizer)
        self.init(
            architecture, try ParameterVector(layout, from: checkpoint), optimizer, options: options, workers: workers)
    }
}

extension SafeTensors {
    /// The tensors whose names begin with `prefix`, by the rest of their names.
    func tensors(withPrefix prefix: String) -> SafeTensors {
        var result = SafeTensors(metadata: metadata)
        for (name, tensor) in tensors where name.hasPrefix(prefix) {
            result.tensors[String(name.dropFirst(prefix.count))] = tensor
        }
        return result
    }
}
