/// What a worker must know of a part beside its points, and what the line must know of it when the verdict comes, perhaps
/// after a restart. JSON; field names are those of `verdict/1`.
public struct PartTicket: Sendable, Equatable, Codable {
    public static let schema = "fleet-part/1"

    public struct Remark: Sendable, Equatable, Codable {
        public var code: String
        public var message: String

        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// What scores it.
    public struct Model: Sendable, Equatable, Codable {
        /// SHA-256 of its manifest.
        public var id: String
        public var name: String
        public var version: String
        public var profile: String?
        /// Score above which the part fails: the model's own, or the line's.
        public var threshold: Double

        public init(id: String, name: String, version: String, profile: String?, threshold: Double) {
            self.id = id
            self.name = name
            self.version = version
            self.profile = profile
            self.threshold = threshold
        }
    }

    /// A frame's place, and CRC-32 of its points.
    public struct Frame: Sendable, Equatable, Codable {
        public var index: UInt32
        public var crc32: UInt32

        public init(index: UInt32, crc32: UInt32) {
            self.index = index
            self.crc32 = crc32
        }
    }

    /// Of which parts the line wants to see the cloud.
    public enum Cloud: String, Sendable, Codable {
        case all
        /// Of those that are not ok.
        case failed

        public func isWanted(ofOK isOK: Bool) -> Bool { self == .all || !isOK }
    }

    public var schema = Self.schema
    /// Made by the line; the worker makes it anew of what it got, and scores only what has the same.
    public var resultID: String
    public var line: String
    public var station: String
    public var source: String
    public var session: String
    public var partID: String
    /// As the frames named it, and as what it is to be judged.
    public var partType: String?
    public var judgedAs: String
    public var attempt: Int
    public var isSimulated: Bool
    public var model: Model
    public var configHash: String
    /// Points in the message, and those left out as they were not finite.
    public var points: Int
    public var droppedPoints: Int
    public var frames: [Frame]
    public var framesReceived: Int
    public var framesExpected: Int?
    public var framesMissed: Int
    public var framesRejected: Int
    /// ns since the Unix epoch; nil where no frame told.
    public var firstCaptureNs: UInt64?
    public var lastCaptureNs: UInt64?
    public var receivedNs: UInt64
    public var acquisitionNs: UInt64
    /// JSON of the scanner's own.
    public var user: String?
    /// What was wrong with it and is tolerated.
    public var remarks: [Remark]
    /// When it was handed over, and when a verdict is of no use any more; ns since the Unix epoch.
    public var handedOverNs: UInt64
    public var deadlineNs: UInt64
    /// nil for a line that shows none.
    public var cloud: Cloud?

    public init(
        resultID: String, line: String, station: String, source: String, session: String, partID: String,
        partType: String?, judgedAs: String, attempt: Int, isSimulated: Bool, model: Model, configHash: String,
        points: Int, droppedPoints: Int, frames: [Frame], framesReceived: Int, framesExpected: Int?, framesMissed: Int,
        framesRejected: Int, firstCaptureNs: UInt64?, lastCaptureNs: UInt64?, receivedNs: UInt64, acquisitionNs: UInt64,
        user: String?, remarks: [Remark], handedOverNs: UInt64, deadlineNs: UInt64
    ) {
        self.resultID = resultID
        self.line = line
        self.station = station
        self.source = source
        self.session = session
        self.partID = partID
        self.partType = partType
        self.judgedAs = judgedAs
        self.attempt = attempt
        self.isSimulated = isSimulated
        self.model = model
        self.configHash = configHash
        self.points = points
        self.droppedPoints = droppedPoints
        self.frames = frames
        self.framesReceived = framesReceived
        self.framesExpected = framesExpected
        self.framesMissed = framesMissed
        self.framesRejected = framesRejected
        self.firstCaptureNs = firstCaptureNs
        self.lastCaptureNs = lastCaptureNs
        self.receivedNs = receivedNs
        self.acquisitionNs = acquisitionNs
        self.user = user
        self.remarks = remarks
        self.handedOverNs = handedOverNs
        self.deadlineNs = deadlineNs
    }

    enum CodingKeys: String, CodingKey {
        case schema, line, station, source, session, attempt, model, points, frames, user, remarks, cloud
        case resultID = "result_id"
        case partID = "part_id"
        case partType = "part_type"
        case judgedAs = "judged_as"
        case isSimulated = "is_simulated"
        case configHash = "config_hash"
        case droppedPoints = "dropped_points"
        case framesReceived = "frames_received"
        case framesExpected = "frames_expected"
        case framesMissed = "frames_missed"
        case framesRejected = "frames_rejected"
        case firstCaptureNs = "first_capture_ns"
        case lastCaptureNs = "last_capture_ns"
        case receivedNs = "received_ns"
        case acquisitionNs = "acquisition_ns"
        case handedOverNs = "handed_over_ns"
        case deadlineNs = "deadline_ns"
    }

    /// What the numbers must be, whoever wrote them.
    func check() throws(FleetError) {
        guard schema == Self.schema else {
            throw FleetError(
                "expected a part of schema \(Self.schema), found \"\(schema.prefix(40))\": run one version of scanward "
                    + "everywhere")
        }
        try Self.check(resultID: resultID)
        guard model.id.utf8.count == 64, model.id.utf8.allSatisfy(Self.isHex) else {
            throw FleetError("expected a model by its SHA-256, found \"\(model.id.prefix(80))\"")
        }
        guard model.threshold.isFinite, model.threshold > 0 else {
            throw FleetError("expected a threshold above 0, found \(model.threshold)")
        }
        guard (0...PointCompression.maximumPoints).contains(points), droppedPoints >= 0, attempt >= 1,
            framesReceived >= 0, framesMissed >= 0, framesRejected >= 0, (framesExpected ?? 0) >= 0
        else {
            throw FleetError(
                "expected counts of a part from 0 to \(PointCompression.maximumPoints) points, found \(points)")
        }
        guard (firstCaptureNs == nil) == (lastCaptureNs == nil), (firstCaptureNs ?? 0) <= (lastCaptureNs ?? 0) else {
            throw FleetError("expected capture times from the first to the last, found them the other way round")
        }
    }

    /// It becomes part of files' names.
    static func check(resultID: String) throws(FleetError) {
        guard (1...64).contains(resultID.utf8.count), resultID.utf8.allSatisfy(isHex) else {
            throw FleetError("expected a result_id of hexadecimal digits, found \"\(resultID.prefix(80))\"")
        }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
