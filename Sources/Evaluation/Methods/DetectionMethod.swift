public import ParallelLoops

/// A detector that is taught from a class's good parts and then scores others: ours, and those that it is compared with.
public protocol DetectionMethod: Sendable {
    /// As messages name it, such as `scanward` or `btf-fpfh`.
    var name: String { get }

    /// Everything that its results depend on beside the class's files and the seed: settings, weights. Results that were
    /// stored are used again only where it is the same.
    var fingerprint: String { get }

    /// - Parameters:
    ///   - partClass: the class's name, for messages only.
    ///   - clouds: the class's training parts, mm.
    ///   - seed: of everything that is drawn.
    ///   - progress: share done, 0 to 1, on the calling thread; returns whether to go on. Where it returns false the
    ///     method may end early, and what it returns is thrown away.
    /// - Throws: an error whose description is a sentence for people: the class is left out, and the others go on.
    func taught(
        _ partClass: String, from clouds: [[SIMD3<Float>]], seed: UInt64, workers: Workers,
        progress: (Double) -> Bool
    ) throws -> any TaughtDetector
}

/// A method that has been taught one class.
public protocol TaughtDetector: Sendable {
    /// Names of the rows that it gives for every part, such as `fusion`, `deviation`; also names of folders.
    var rows: [String] { get }

    /// Scores one part, on the calling thread alone: an evaluation scores several parts at once. It must not depend on
    /// which parts came before.
    func score(_ cloud: [SIMD3<Float>]) -> PartDetection
}

/// What a method says of one part.
public struct PartDetection: Sendable {
    /// One for each of the detector's rows, in their order.
    public var rows: [DetectionResult]
    /// Why the part could not be judged; it counts as rejected then.
    public var undecidable: String?
    /// Places that the method calls wrong, the worst first.
    public var regions: [DetectedRegion]
    /// Wall time of scoring alone: without reading, and without what only an evaluation needs.
    public var seconds: Double

    public init(
        rows: [DetectionResult], undecidable: String? = nil, regions: [DetectedRegion] = [], seconds: Double
    ) {
        self.rows = rows
        self.undecidable = undecidable
        self.regions = regions
        self.seconds = seconds
    }
}

/// What one row of the tables says of one part.
public struct DetectionResult: Sendable {
    /// Higher is more anomalous; `nil` where the part could not be judged.
    public var partScore: Float?
    /// One for each point of the cloud, in its order; empty where the part could not be judged.
    public var pointScores: [Float]
    /// Score above which this row would reject the part, found without any test part; `nil` where it knows none.
    public var threshold: Float?

    public init(partScore: Float?, pointScores: [Float], threshold: Float? = nil) {
        self.partScore = partScore
        self.pointScores = pointScores
        self.threshold = threshold
    }
}

/// A place that a method calls wrong, in the cloud's coordinates.
public struct DetectedRegion: Sendable, Codable, Equatable {
    public var center: SIMD3<Float>
    /// Longest extent, mm.
    public var size: Float
    /// Largest distance from the taught surface, mm, unsigned; `nil` where it is not known.
    public var depth: Float?

    public init(center: SIMD3<Float>, size: Float, depth: Float?) {
        self.center = center
        self.size = size
        self.depth = depth
    }
}
