/// What Scanward says of a part: `verdict/1` (docs/verdicts.md). Field names follow the OPC UA Machinery Result
/// metadata. All lengths and coordinates are millimetres in the scanner's cell, whatever unit the scanner sent.
public struct Verdict: Sendable, Codable, Equatable {
    public static let schemaName = "verdict/1"

    public var schema = Self.schemaName
    /// The journal, or without one the process, within which `seq` is gapless.
    public var epoch: String
    /// 1, 2, 3, ... within the epoch.
    public var seq: UInt64
    /// The key for removing duplicates: equal for the same part, attempt, model and configuration.
    public var resultID: String
    public var line: String
    public var station: String
    public var source: String
    public var session: String
    public var partID: String
    public var partType: String?
    /// 1 for the first time that this part id was seen, 2 for the next.
    public var attempt: Int
    /// Whether some of the part's frames were missing or refused.
    public var isPartial: Bool
    /// Whether the frames came from a recording.
    public var isSimulated: Bool
    public var evaluation: Evaluation
    public var evaluationCode: Int
    /// Why, in sentences; empty for an `ok` part.
    public var reasons: [Reason]
    public var score: Double?
    public var threshold: Double?
    /// `threshold - score`: what was left before the part would have failed.
    public var margin: Double?
    /// `score / (score + threshold)`: 0.5 at the threshold.
    public var scoreNormalized: Double?
    /// Part score of each channel alone.
    public var channels: [String: Double]
    public var model: ModelIdentity?
    public var calibrationID: String?
    public var configHash: String
    public var regions: [VerdictRegion]
    public var frames: FrameTally
    public var points: PointTally
    public var times: Times
    public var durationsMs: Durations
    public var heatmapURI: String?
    /// The scanner's own data, handed through.
    public var user: JSONValue?

    enum CodingKeys: String, CodingKey {
        case schema, epoch, seq
        case resultID = "result_id"
        case line, station, source, session
        case partID = "part_id"
        case partType = "part_type"
        case attempt
        case isPartial = "is_partial"
        case isSimulated = "is_simulated"
        case evaluation
        case evaluationCode = "evaluation_code"
        case reasons, score, threshold, margin
        case scoreNormalized = "score_normalized"
        case channels, model
        case calibrationID = "calibration_id"
        case configHash = "config_hash"
        case regions, frames, points, times
        case durationsMs = "durations_ms"
        case heatmapURI = "heatmap_uri"
        case user
    }

    public init(
        epoch: String, seq: UInt64, resultID: String, line: String, station: String, source: String, session: String,
        partID: String, partType: String?, attempt: Int, isPartial: Bool, isSimulated: Bool, evaluation: Evaluation,
        reasons: [Reason], configHash: String, frames: FrameTally, points: PointTally, times: Times,
        durationsMs: Durations, user: JSONValue?
    ) {
        self.epoch = epoch
        self.seq = seq
        self.resultID = resultID
        self.line = line
        self.station = station
        self.source = source
        self.session = session
        self.partID = partID
        self.partType = partType
        self.attempt = attempt
        self.isPartial = isPartial
        self.isSimulated = isSimulated
        self.evaluation = evaluation
        self.evaluationCode = evaluation.code
        self.reasons = reasons
        self.channels = [:]
        self.configHash = configHash
        self.regions = []
        self.frames = frames
        self.points = points
        self.times = times
        self.durationsMs = durationsMs
        self.user = user
    }
}

extension Verdict {
    public struct ModelIdentity: Sendable, Codable, Equatable {
        /// SHA-256 of the model's manifest, which holds those of its files.
        public var id: String
        public var name: String
        public var version: String
        /// `default` or `paper`: by which reading of the method it scores.
        public var profile: String?

        public init(id: String, name: String, version: String, profile: String? = nil) {
            self.id = id
            self.name = name
            self.version = version
            self.profile = profile
        }
    }

    public struct FrameTally: Sendable, Codable, Equatable {
        public var received: Int
        /// `nil` where the end of the part was not seen.
        public var expected: Int?
        public var missed: Int
        public var rejected: Int

        public init(received: Int, expected: Int?, missed: Int, rejected: Int) {
            self.received = received
            self.expected = expected
            self.missed = missed
            self.rejected = rejected
        }
    }

    public struct PointTally: Sendable, Codable, Equatable {
        public var received: Int
        /// Without repeated, non-finite and stray points.
        public var used: Int

        public init(received: Int, used: Int) {
            self.received = received
            self.used = used
        }
    }

    /// Nanoseconds since the Unix epoch; the first two by the sensor's clock.
    public struct Times: Sendable, Codable, Equatable {
        public var firstCaptureNs: UInt64
        public var lastCaptureNs: UInt64
        public var receivedNs: UInt64
        public var decidedNs: UInt64

        enum CodingKeys: String, CodingKey {
            case firstCaptureNs = "first_capture_ns"
            case lastCaptureNs = "last_capture_ns"
            case receivedNs = "received_ns"
            case decidedNs = "decided_ns"
        }

        public init(firstCaptureNs: UInt64, lastCaptureNs: UInt64, receivedNs: UInt64, decidedNs: UInt64) {
            self.firstCaptureNs = firstCaptureNs
            self.lastCaptureNs = lastCaptureNs
            self.receivedNs = receivedNs
            self.decidedNs = decidedNs
        }
    }

    /// Milliseconds. `total` runs from the part's last frame to the verdict; `acquisition` comes before it.
    public struct Durations: Sendable, Codable, Equatable {
        public var acquisition = 0.0
        public var queue = 0.0
        public var sample = 0.0
        public var infer = 0.0
        public var localize = 0.0
        public var total = 0.0

        public init() {}
    }
}
