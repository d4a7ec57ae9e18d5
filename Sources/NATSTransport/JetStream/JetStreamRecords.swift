/// A stream, as JetStream is asked for it. Kept in files, so that it survives the server.
public struct StreamConfiguration: Sendable, Equatable, Encodable {
    public enum Retention: String, Sendable, Encodable {
        case limits
        /// A message goes with its acknowledgement.
        case workQueue = "workqueue"
    }

    /// What becomes of a new message where the stream is full.
    public enum Discard: String, Sendable, Encodable { case old, new }

    public var name: String
    public var subjects: [String]
    public var retention: Retention
    public var discard: Discard
    /// -1 for no limit.
    public var maximumBytes: Int
    public var maximumMessagesPerSubject: Int
    /// ns; 0 for no limit.
    public var maximumAge: UInt64
    /// Within which equal message ids are taken once, ns.
    public var duplicateWindow: UInt64
    var storage = "file"
    var replicas: Int
    var allowDirect = true

    public init(
        name: String, subjects: [String], retention: Retention, discard: Discard, maximumBytes: Int = -1,
        maximumMessagesPerSubject: Int = -1, maximumAge: Duration = .zero, duplicateWindow: Duration = .seconds(120),
        replicas: Int = 1
    ) {
        self.name = name
        self.subjects = subjects
        self.retention = retention
        self.discard = discard
        self.maximumBytes = maximumBytes
        self.maximumMessagesPerSubject = maximumMessagesPerSubject
        self.maximumAge = maximumAge.nanoseconds
        // The server takes no window longer than the messages' age.
        self.duplicateWindow =
            maximumAge > .zero ? min(duplicateWindow, maximumAge).nanoseconds : duplicateWindow.nanoseconds
        self.replicas = replicas
    }

    enum CodingKeys: String, CodingKey {
        case name, subjects, retention, discard, storage
        case maximumBytes = "max_bytes"
        case maximumMessagesPerSubject = "max_msgs_per_subject"
        case maximumAge = "max_age"
        case duplicateWindow = "duplicate_window"
        case replicas = "num_replicas"
        case allowDirect = "allow_direct"
    }
}

/// A durable pull consumer with explicit acknowledgement.
public struct ConsumerConfiguration: Sendable, Equatable, Encodable {
    public var name: String
    /// Of the stream's messages it gives out these.
    public var subject: String
    /// A message that is neither acknowledged nor worked on for so long is given out again, ns.
    public var lease: UInt64
    /// Most messages that are given out at once.
    public var maximumPending: Int
    var acknowledgement = "explicit"
    var start = "all"
    var replay = "instant"
    var maximumDeliveries = -1

    public init(name: String, subject: String, lease: Duration, maximumPending: Int = 1000) {
        self.name = name
        self.subject = subject
        self.lease = lease.nanoseconds
        self.maximumPending = maximumPending
    }

    enum CodingKeys: String, CodingKey {
        case name = "durable_name"
        case subject = "filter_subject"
        case lease = "ack_wait"
        case maximumPending = "max_ack_pending"
        case acknowledgement = "ack_policy"
        case start = "deliver_policy"
        case replay = "replay_policy"
        case maximumDeliveries = "max_deliver"
    }
}

/// How a stream stands.
public struct StreamInfo: Sendable, Decodable {
    public struct State: Sendable, Decodable {
        public let messages: UInt64
        public let bytes: UInt64
        public let firstSequence: UInt64
        public let lastSequence: UInt64
        /// RFC 3339; of the year 1 where there is none.
        public let firstTime: String?
        /// By subject, where they were asked for.
        public let subjects: [String: UInt64]?

        enum CodingKeys: String, CodingKey {
            case messages, bytes, subjects
            case firstSequence = "first_seq"
            case lastSequence = "last_seq"
            case firstTime = "first_ts"
        }
    }

    public struct Limits: Sendable, Decodable {
        public let name: String
        public let maximumBytes: Int?

        enum CodingKeys: String, CodingKey {
            case name
            case maximumBytes = "max_bytes"
        }
    }

    public let config: Limits
    public let state: State
}

/// How a consumer stands.
public struct ConsumerInfo: Sendable, Decodable {
    public struct Settings: Sendable, Decodable {
        /// ns.
        public let lease: UInt64
        public let subject: String?

        enum CodingKeys: String, CodingKey {
            case lease = "ack_wait"
            case subject = "filter_subject"
        }
    }

    public let name: String
    public let config: Settings
    /// Messages that were not given out yet.
    public let pending: UInt64
    /// Given out, and not acknowledged.
    public let unacknowledged: Int
    /// Given out more than once, and not acknowledged.
    public let redelivered: Int
    /// Messages that the consumer still has to do with.
    public var outstanding: UInt64 { pending + UInt64(max(0, unacknowledged)) }

    enum CodingKeys: String, CodingKey {
        case name, config
        case pending = "num_pending"
        case unacknowledged = "num_ack_pending"
        case redelivered = "num_redelivered"
    }
}

/// That a stream has a message.
public struct Publication: Sendable, Decodable, Equatable {
    public let stream: String
    public let sequence: UInt64
    /// It had one with the same id.
    public let isDuplicate: Bool

    enum CodingKeys: String, CodingKey {
        case stream
        case sequence = "seq"
        case isDuplicate = "duplicate"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        stream = try values.decode(String.self, forKey: .stream)
        sequence = try values.decode(UInt64.self, forKey: .sequence)
        isDuplicate = try values.decodeIfPresent(Bool.self, forKey: .isDuplicate) ?? false
    }
}

struct DeleteRequest: Encodable {
    let sequence: UInt64
    let leavesBytes = true

    enum CodingKeys: String, CodingKey {
        case sequence = "seq"
        case leavesBytes = "no_erase"
    }
}

struct Succeeded: Decodable { let success: Bool }

struct FirstRequest: Encodable {
    let sequence: UInt64
    let subject: String

    enum CodingKeys: String, CodingKey {
        case sequence = "seq"
        case subject = "next_by_subj"
    }
}

struct ConsumerRequest: Encodable {
    let streamName: String
    let config: ConsumerConfiguration

    enum CodingKeys: String, CodingKey {
        case streamName = "stream_name"
        case config
    }
}

struct ConsumerPage: Decodable {
    let total: Int
    let consumers: [ConsumerInfo]
}

struct PullRequest: Encodable {
    let batch: Int
    let noWait: Bool?
    let expires: UInt64?

    enum CodingKeys: String, CodingKey {
        case batch, expires
        case noWait = "no_wait"
    }
}

struct Purged: Decodable { let purged: UInt64 }

struct Refusal: Decodable {
    struct Content: Decodable {
        let code: Int
        let errCode: Int?
        let description: String?

        enum CodingKeys: String, CodingKey {
            case code, description
            case errCode = "err_code"
        }
    }

    let error: Content
}

extension Duration {
    /// Whole ns of a duration that is not negative.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
    }
}
