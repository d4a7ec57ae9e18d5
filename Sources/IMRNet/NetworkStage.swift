import NeuralNetwork
public import ParallelLoops

/// The parts of a masked pass, to be run one by one: for measuring them.
public enum NetworkStage: String, Sendable, CaseIterable {
    case tokenizer, encoder, decoder, head
}

extension ReconstructionNetwork {
    /// A stage with its input at hand.
    public struct PreparedStage: Sendable {
        /// Floating-point operations of one run.
        public let operations: Int
        private let body: @Sendable () -> Void

        init(operations: Int, _ body: @escaping @Sendable () -> Void) {
            self.operations = operations
            self.body = body
        }

        /// Does what a masked pass does in this stage, on input of zeros or of what the last run left: the time is the same.
        public func run() { body() }
    }

    /// - Parameters: numbers of visible and of masked patches.
    public func prepared(_ stage: NetworkStage, visible: Int, masked: Int, workers: Workers) -> PreparedStage {
        let shape = configuration, all = visible + masked
        let centers = Matrix(repeating: 0.25, rows: all, columns: 3)
        let stream = Matrix(repeating: 0.5, rows: all, columns: shape.width)
        switch stage {
        case .tokenizer:
            let patches = Matrix(repeating: 0.125, rows: visible, columns: shape.patchPoints * 3)
            let tokens = stream.rows(0..<visible)
            return PreparedStage(operations: shape.operations(tokenizing: visible)) {
                self.tokenize(patches, into: tokens, workers: workers)
            }
        case .encoder:
            let tokens = stream.rows(0..<visible)
            let output = Matrix(rows: visible, columns: shape.width)
            return PreparedStage(operations: shape.operations(transforming: visible, depth: shape.encoderDepth)) {
                tokens.fill(0.5)
                self.encode(tokens, centers: centers.rows(0..<visible), into: output, workers: workers)
            }
        case .decoder:
            return PreparedStage(operations: shape.operations(transforming: all, depth: shape.decoderDepth)) {
                stream.fill(0.5)
                self.decode(stream, centers: centers, workers: workers)
            }
        case .head:
            let output = Matrix(rows: masked, columns: shape.patchPoints * 3)
            return PreparedStage(operations: shape.operations(predicting: masked)) {
                self.head(stream.rows(visible..<all), into: output, workers: workers)
            }
        }
    }
}
