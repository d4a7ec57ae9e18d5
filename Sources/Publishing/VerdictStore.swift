/// Where the replay socket reads verdicts from, and keeps how far its consumers have come: the journal.
///
/// What its functions throw becomes a refusal: a `ReplayRefusal` as it is, everything else `journalUnavailable`.
public protocol VerdictStore: Sendable {
    /// Where the verdicts begin and end now.
    func extent() throws -> VerdictExtent
    /// Verdicts from `seq` on, in order: at most `limit`, and not many megabytes.
    func verdicts(from seq: UInt64, limit: Int) throws -> (
        verdicts: [StoredVerdict], next: UInt64, extent: VerdictExtent
    )
    /// The last verdict that a consumer acknowledged; nil if it is not known.
    func cursor(of consumer: String) throws -> UInt64?
    /// Makes a consumer known that has received everything up to `seq`; durable on return.
    func register(_ consumer: String, after seq: UInt64) throws
    /// Moves a consumer's cursor forward; durable on return.
    func acknowledge(_ consumer: String, through seq: UInt64) throws
}

/// Where the verdicts of a journal begin and end.
public struct VerdictExtent: Sendable, Equatable {
    /// The journal that the numbers count in.
    public let epoch: String
    /// The first verdict that is still kept; `head + 1` if there is none.
    public let first: UInt64
    /// The last verdict's number.
    public let head: UInt64

    public init(epoch: String, first: UInt64, head: UInt64) {
        self.epoch = epoch
        self.first = first
        self.head = head
    }
}

/// A verdict to be sent again, exactly as it was published.
public struct StoredVerdict: Sendable, Equatable {
    /// Its number in the journal.
    public let seq: UInt64
    public let station: VerdictTopic.Station
    /// `ok`, `not_ok`, `not_decidable` or `undefined`.
    public let evaluation: String
    /// UTF-8, exactly as published.
    public let json: [UInt8]

    public init(seq: UInt64, station: VerdictTopic.Station, evaluation: String, json: [UInt8]) {
        self.seq = seq
        self.station = station
        self.evaluation = evaluation
        self.json = json
    }

    /// The message as on the PUB socket.
    var message: [UInt8] {
        Array(VerdictTopic.verdict(station, evaluation: evaluation).text.utf8) + [UInt8(ascii: " ")] + json
    }
}
