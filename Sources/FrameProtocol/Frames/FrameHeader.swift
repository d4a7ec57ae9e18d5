/// What part 1 of a `pcf/1` message says: which frame this is, and how to read the records in part 2.
///
/// The keys and their meaning are the frame format's (see the project's page on frames). The pose and the `unit`
/// are kept as sent; `FrameDecoder` applies both to the points.
public struct FrameHeader: Sendable, Equatable {
    /// The one schema that this version reads and writes; also the beginning of the topic.
    public static let schema = "pcf/1"

    /// What `captureNanoseconds` counts (`clock`).
    public enum Clock: String, Sendable, CaseIterable {
        case utc, ptp, device
    }

    /// `source`: scanner id, 1 to 64 of `A-Z a-z 0-9 . _ -`; also the end of the topic.
    public var source: String
    /// `session`: random for each start of the publisher, 1 to 64 characters (Unicode scalars).
    public var session: String
    /// `seq`: one more for each message of the session.
    public var seq: UInt64
    /// `part_id`: the part that the frame belongs to, 1 to 128 characters (Unicode scalars).
    public var partID: String
    /// `frame_index`: 0, 1, ... within the part.
    public var frameIndex: UInt32
    /// `end_of_part`: this is the part's last frame.
    public var endOfPart: Bool
    /// `frames_total`: how many frames the part has, if the publisher knows it.
    public var framesTotal: UInt32?
    /// `part_type`: selects the model; the source's configured one if absent.
    public var partType: String?
    /// `t_capture_ns`: sensor time, ns since the Unix epoch.
    public var captureNanoseconds: UInt64
    /// `t_send_ns`: the publisher's clock at sending.
    public var sendNanoseconds: UInt64?
    /// `clock`.
    public var clock: Clock?
    /// `unit` of x, y, z and of the pose's translation.
    public var unit: LengthUnit
    /// `points`: number of records.
    public var points: UInt32
    /// `point_step`: bytes a record.
    public var pointStep: UInt32
    /// `height` of an organised cloud; absent together with `width`.
    public var height: UInt32?
    /// `width` of an organised cloud.
    public var width: UInt32?
    /// `is_dense`: false announces NaN points. Advice only: every point is looked at.
    public var isDense: Bool?
    /// `fields` of a record.
    public var fields: [FrameField]
    /// `pose`: sensor to cell; identity if absent.
    public var pose: FramePose?
    /// `crc32` of part 2, as zlib computes it.
    public var crc32: UInt32
    /// `user`: the publisher's own JSON object, byte for byte as it came. No key stands twice in it.
    public var user: String?

    /// A header with no points yet: `FrameEncoder` fills in what describes the records.
    public init(
        source: String, session: String, seq: UInt64, partID: String, frameIndex: UInt32, endOfPart: Bool,
        captureNanoseconds: UInt64, unit: LengthUnit = .millimeters
    ) {
        self.source = source
        self.session = session
        self.seq = seq
        self.partID = partID
        self.frameIndex = frameIndex
        self.endOfPart = endOfPart
        self.captureNanoseconds = captureNanoseconds
        self.unit = unit
        self.points = 0
        self.pointStep = 12
        self.fields = FrameField.packed(["x", "y", "z"], as: .float32)
        self.crc32 = 0
    }

    /// Part 0 of the message: `pcf/1/<source>`.
    public var topic: String { "\(Self.schema)/\(source)" }

    /// Whether `text` may name a scanner: 1 to 64 of `A-Z a-z 0-9 . _ -`.
    public static func isSource(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isSourceByte)
    }

    static func isSourceByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
