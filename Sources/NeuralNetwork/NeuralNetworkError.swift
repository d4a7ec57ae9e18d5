/// What is wrong with a file of weights.
public struct NeuralNetworkError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of fault. More may be added.
    public struct Code: Sendable, Equatable {
        private enum Value { case header, dataRange, dataType, missingTensor, shape, notFinite }
        private let value: Value

        /// The length or the JSON of a safetensors header.
        public static let header = Code(value: .header)
        /// A tensor's bytes overlap another's, leave a hole, or do not fit its shape.
        public static let dataRange = Code(value: .dataRange)
        /// A tensor is of a type that is not read.
        public static let dataType = Code(value: .dataType)
        /// A parameter of the network is not in the file.
        public static let missingTensor = Code(value: .missingTensor)
        /// A tensor's shape is not that of the network's parameter.
        public static let shape = Code(value: .shape)
        /// A value is NaN or infinite.
        public static let notFinite = Code(value: .notFinite)
    }

    public let code: Code
    /// What was expected, what was found, where, and what to do.
    public let message: String
    public var description: String { message }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
