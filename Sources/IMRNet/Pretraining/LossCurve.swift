/// How the losses of a training went.
public struct LossCurve: Sendable, Equatable, Codable {
    public struct Point: Sendable, Equatable, Codable {
        /// Steps done.
        public var step: Int
        /// Samples seen, over the number of training shapes.
        public var epoch: Double
        /// Learning rate of the last step.
        public var rate: Float
        /// Mean loss of the steps since the point before; nil at the first.
        public var training: Float?
        public var validation: Float
    }

    public var points: [Point] = []

    public init() {}

    /// With a line of names; one line a point.
    public var csv: String {
        let lines = points.map { point in
            "\(point.step),\(point.epoch),\(point.rate),\(point.training.map { "\($0)" } ?? ""),\(point.validation)\n"
        }
        return "step,epoch,learning_rate,train_loss,validation_loss\n" + lines.joined()
    }
}
