/// What one method did on one class with one seed; what is stored, and what all tables are made from.
public struct ClassResult: Sendable, Codable, Equatable {
    public static let schemaName = "scanward-evaluation/1"

    public var schema = ClassResult.schemaName
    public var partClass: String
    public var method: String
    public var seed: UInt64
    /// In the method's order.
    public var rows: [Row]
    /// By name.
    public var parts: [Part]
    /// What was odd about the class's files: sentences.
    public var notes: [String] = []
    /// Share of the points in test parts with labels that are anomalous.
    public var baseRate: Double?
    public var teachingSeconds = 0.0
    /// Parts that were scored at once, each on one thread, while `Part.seconds` were taken.
    public var partsAtOnce = 1
    /// Digest of all that the result depends on.
    public var key = ""

    public struct Row: Sendable, Codable, Equatable {
        public var name: String
        /// Calibrated, from good parts alone; `nil` where the row has none.
        public var threshold: Float?
        /// Those that can be told: parts of both kinds for the first, labels for the others.
        public var metrics: [Metric: Double]
        /// Of each bootstrap draw (`PartDraws`).
        public var replicates: [Metric: [Float]]
    }

    public struct Part: Sendable, Codable, Equatable {
        public var name: String
        public var kind: String
        public var points: Int
        /// `nil` where the labels could not be read.
        public var anomalousPoints: Int?
        /// By row; empty where the part could not be judged.
        public var scores: [String: Float]
        /// Why it could not be judged.
        public var undecidable: String?
        public var seconds: Double
        public var defect: TrueDefect?
        public var regions: RegionMatch?
        /// SHA-256 of the file of point scores, by row.
        public var predictions: [String: String] = [:]

        public var isBad: Bool { kind != SampleName.good }

        /// The score that it is ranked by: a part that could not be judged above all others.
        public func rank(in row: String) -> Float { scores[row] ?? ClassResult.undecidableScore }
    }

    /// The defect as the data set's manifest tells it, mm.
    public struct TrueDefect: Sendable, Codable, Equatable {
        public var size: Double
        public var depth: Double

        public init(size: Double, depth: Double) {
            self.size = size
            self.depth = depth
        }
    }

    /// Stands for the score of a part that could not be judged: it counts as rejected, whatever the threshold.
    public static let undecidableScore: Float = 1e30
    /// Scores that are higher, or not numbers, are taken for this.
    static let highestScore: Float = 9e29
}
