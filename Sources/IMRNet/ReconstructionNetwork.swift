public import NeuralNetwork
public import ParallelLoops
import Synchronization

/// The reconstruction network with its weights, for inference: masked patches from the visible ones, and features.
///
/// A masked autoencoder of the form of Point-MAE (Pang et al., ECCV 2022). Safe to use from several threads at once.
/// Coordinates are those of a normalised cloud (centroid at the origin, largest radius 1), patches relative to their
/// centres; no other unit is known to it.
public final class ReconstructionNetwork: Sendable {
    public let configuration: NetworkConfiguration
    let architecture: NetworkArchitecture
    /// As in the file.
    let parameters: ParameterVector
    /// With the batch norms folded into the layers before them, and matrices laid out for products. Made when it is first
    /// asked for: a network that is only saved or trained needs none, and what reading a file took is free by then.
    private let inference = Mutex<ParameterVector?>(nil)
    private var folded: ParameterVector {
        inference.withLock { made in
            if let made { return made }
            let folded = architecture.tokenizer.foldedParameters.reduce(parameters) { $0.separating($1) }
            architecture.tokenizer.fold(folded)
            let packed = folded.packed(architecture.linearLayers, workers: .one)
            made = packed
            return packed
        }
    }

    /// - Throws: if a tensor is missing, of another shape, or holds a value that is not finite.
    public convenience init(
        _ configuration: NetworkConfiguration, tensors: SafeTensors
    ) throws(NeuralNetworkError) {
        let architecture = NetworkArchitecture(configuration)
        let parameters = try ParameterVector(architecture.layout, from: tensors)
        for entry in architecture.layout.entries where entry.name.hasSuffix(".running_var") {
            guard parameters[entry].elements.allSatisfy({ $0 >= 0 }) else {
                throw NeuralNetworkError(.notFinite, "'\(entry.name)' holds a negative variance")
            }
        }
        self.init(architecture, parameters)
    }

    /// Untrained, with random weights.
    public convenience init(_ configuration: NetworkConfiguration, seed: UInt64) {
        let architecture = NetworkArchitecture(configuration)
        self.init(architecture, architecture.initialParameters(seed: seed))
    }

    /// `parameters` must not be changed afterwards.
    init(_ architecture: NetworkArchitecture, _ parameters: ParameterVector) {
        self.configuration = architecture.configuration
        self.architecture = architecture
        self.parameters = parameters
    }

    /// All weights and running statistics, by name.
    public var tensors: SafeTensors { SafeTensors(tensors: parameters.tensors) }

    /// Number of learned parameters.
    public var parameterCount: Int { architecture.layout.learnedCount }

    /// Patches to tokens: [n, K, 3] -> [n, width].
    ///
    /// Tokens depend on their own patch only, so they can be kept while the patch does not change.
    public func tokens(patches: [Float], workers: Workers = .all) -> [Float] {
        let length = configuration.patchPoints * 3
        precondition(patches.count % length == 0, "patches must have \(configuration.patchPoints) points each")
        let input = Matrix(patches, rows: patches.count / length, columns: length)
        let output = Matrix(rows: input.rows, columns: configuration.width)
        tokenize(input, into: output, workers: workers)
        return output.elements
    }

    /// The masked patches as the visible ones let expect them.
    ///
    /// - Parameters:
    ///   - patches: [G, K, 3]; the masked ones are not looked at.
    ///   - centers: [G].
    ///   - visible, masked: patch indices.
    /// - Returns: [masked, K, 3], relative to their centres.
    public func predict(
        patches: [Float], centers: [SIMD3<Float>], visible: [Int], masked: [Int], workers: Workers = .all
    ) -> [Float] {
        let length = configuration.patchPoints * 3
        precondition(patches.count == centers.count * length)
        var shown: [Float] = []
        shown.reserveCapacity(visible.count * length)
        for index in visible { shown += patches[index * length..<(index + 1) * length] }
        return predict(
            visibleTokens: tokens(patches: shown, workers: workers), visibleCenters: visible.map { centers[$0] },
            maskedCenters: masked.map { centers[$0] }, workers: workers)
    }

    /// The same with tokens made before. Shapes: tokens [V, width], centres [V] and [M] -> [M, K, 3].
    public func predict(
        visibleTokens: [Float], visibleCenters: [SIMD3<Float>], maskedCenters: [SIMD3<Float>],
        workers: Workers = .all
    ) -> [Float] {
        let width = configuration.width
        let (seen, hidden) = (visibleCenters.count, maskedCenters.count)
        guard seen > 0, hidden > 0 else { return [Float](repeating: 0, count: hidden * configuration.patchPoints * 3) }
        let visible = Matrix(visibleTokens, rows: seen, columns: width)
        let centers = Matrix(visibleCenters + maskedCenters)
        let stream = Matrix(rows: seen + hidden, columns: width)
        encode(visible, centers: centers.rows(0..<seen), into: stream.rows(0..<seen), workers: workers)
        for row in seen..<seen + hidden { stream.rows(row..<row + 1).copy(from: folded[architecture.maskToken]) }
        decode(stream, centers: centers, workers: workers)

        let output = Matrix(rows: hidden, columns: architecture.head.outputs)
        head(stream.rows(seen..<seen + hidden), into: output, workers: workers)
        return output.elements
    }

    /// Features of an unmasked pass (eq. 13 to 17): the outputs of the first three decoder blocks, each through a layer
    /// norm without parameters, side by side. Shapes: [G, K, 3], [G] -> [G, featureWidth].
    public func features(patches: [Float], centers: [SIMD3<Float>], workers: Workers = .all) -> [Float] {
        features(tokens: tokens(patches: patches, workers: workers), centers: centers, workers: workers)
    }

    /// The same with tokens made before, [G, width].
    public func features(tokens: [Float], centers: [SIMD3<Float>], workers: Workers = .all) -> [Float] {
        guard !centers.isEmpty else { return [] }
        let width = configuration.width
        let places = Matrix(centers)
        let stream = Matrix(rows: centers.count, columns: width)
        let output = Matrix(rows: centers.count, columns: featureWidth)
        let visible = Matrix(tokens, rows: centers.count, columns: width)
        encode(visible, centers: places, into: stream, workers: workers)
        architecture.decoder.forward(folded, stream, centers: places, depth: featureLayers, workers: workers) {
            layer, stream in
            LayerNorm.normalize(stream, into: output.columns(layer * width..<(layer + 1) * width))
        }
        return output.elements
    }

    /// Length of a patch's feature vector.
    public var featureWidth: Int { featureLayers * configuration.width }
    private var featureLayers: Int { min(3, configuration.decoderDepth) }

    func tokenize(_ patches: Matrix, into tokens: Matrix, workers: Workers) {
        architecture.tokenizer.forward(folded, patches, into: tokens, workers: workers)
    }

    /// Tokens through the encoder and its final norm; changes `tokens`.
    func encode(_ tokens: Matrix, centers: Matrix, into output: Matrix, workers: Workers) {
        architecture.encoder.forward(folded, tokens, centers: centers, workers: workers)
        architecture.encoder.norm.forward(folded, tokens, into: output)
    }

    /// All blocks of the decoder, in place.
    func decode(_ stream: Matrix, centers: Matrix, workers: Workers) {
        architecture.decoder.forward(folded, stream, centers: centers, workers: workers)
    }

    /// Decoded tokens of masked patches to their coordinates, [M, width] -> [M, K * 3].
    func head(_ decoded: Matrix, into output: Matrix, workers: Workers) {
        let normed = Matrix(rows: decoded.rows, columns: decoded.columns)
        workers.run(tilesOf: decoded.rows) { rows in
            architecture.decoder.norm.forward(folded, decoded.rows(rows), into: normed.rows(rows))
            architecture.head.forward(folded, normed.rows(rows), into: output.rows(rows))
        }
    }
}

extension Matrix {
    /// Points as rows: [n, 3].
    init(_ points: [SIMD3<Float>]) {
        self.init(rows: points.count, columns: 3)
        for (row, point) in points.enumerated() {
            for column in 0..<3 { self[row, column] = point[column] }
        }
    }
}
