/// A detector that is taught from a class's good parts and then scores others: ours, and those that it is compared with.
public protocol DetectionMethod: Sendable {
    /// As rows of tables name it.
    var name: String { get }

    /// - Parameter clouds: the class's training parts, mm.
    /// - Parameter seed: of everything that is drawn.
    func taught(from clouds: [[SIMD3<Float>]], seed: UInt64) throws -> any TaughtDetector
}

/// A method that has been taught one class.
public protocol TaughtDetector: Sendable {
    /// Scores one part.
    func score(_ cloud: [SIMD3<Float>]) throws -> [DetectionResult]
}

/// What one row of the tables says of one part. A method gives as many as it has rows: ours one for the fusion and one
/// for each channel.
public struct DetectionResult: Sendable {
    /// Name of the row, such as `fusion` or `deviation`.
    public var row: String
    /// Higher is more anomalous; `nil` where the part could not be judged, which counts as rejected.
    public var partScore: Float?
    /// One for each point of the cloud, in its order; empty where the part could not be judged.
    public var pointScores: [Float]

    public init(row: String, partScore: Float?, pointScores: [Float]) {
        self.row = row
        self.partScore = partScore
        self.pointScores = pointScores
    }
}
