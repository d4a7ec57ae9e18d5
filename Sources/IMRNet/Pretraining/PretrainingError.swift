/// Why a pretraining cannot begin or go on.
public struct PretrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of fault. More may be added.
    public struct Code: Sendable, Equatable {
        private enum Value { case shape, shapes, checkpoint, shard }
        private let value: Value

        /// A mesh or a cloud that holds no surface.
        public static let shape = Code(value: .shape)
        /// Too few shapes, or settings that do not fit them.
        public static let shapes = Code(value: .shapes)
        /// A checkpoint of another run, or none.
        public static let checkpoint = Code(value: .checkpoint)
        /// A file of prepared samples that is none.
        public static let shard = Code(value: .shard)
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
