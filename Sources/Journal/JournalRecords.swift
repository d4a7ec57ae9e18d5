/// A verdict as it is kept: what it is found by, and the JSON as published.
public struct JournalVerdict: Sendable, Equatable {
    /// Counts 1, 2, 3, ... within the journal.
    public var seq: UInt64
    /// Equal for equal frames, model and configuration; unique within a journal.
    public var resultID: String
    public var line: String
    public var station: String
    public var part: PartKey
    /// Nil where the frames named none.
    public var partType: String?
    /// `ok`, `not_ok`, `not_decidable` or `undefined`.
    public var evaluation: String
    /// Nanoseconds since the Unix epoch.
    public var decidedNanoseconds: UInt64
    /// UTF-8, exactly as published.
    public var json: [UInt8]

    public init(
        seq: UInt64, resultID: String, line: String, station: String, part: PartKey, partType: String?,
        evaluation: String, decidedNanoseconds: UInt64, json: [UInt8]
    ) {
        self.seq = seq
        self.resultID = resultID
        self.line = line
        self.station = station
        self.part = part
        self.partType = partType
        self.evaluation = evaluation
        self.decidedNanoseconds = decidedNanoseconds
        self.json = json
    }
}

/// One attempt at a part: exactly one final verdict is due on each.
public struct PartKey: Sendable, Hashable {
    /// The scanner, and its session, as frames name them.
    public var source: String
    public var session: String
    public var partID: String
    /// Counts from 1 when a part id comes again.
    public var attempt: Int

    public init(source: String, session: String, partID: String, attempt: Int) {
        self.source = source
        self.session = session
        self.partID = partID
        self.attempt = attempt
    }
}

/// A part of which a frame was seen, and no verdict is in the journal yet.
public struct OpenedPart: Sendable, Equatable {
    public var key: PartKey
    public var partType: String?
    /// Sensor's time of the frame that opened it, and the wall clock's, ns since the Unix epoch.
    public var captureNanoseconds: UInt64
    public var openedNanoseconds: UInt64
    /// From a recording.
    public var isSimulated: Bool

    public init(
        key: PartKey, partType: String?, captureNanoseconds: UInt64, openedNanoseconds: UInt64, isSimulated: Bool
    ) {
        self.key = key
        self.partType = partType
        self.captureNanoseconds = captureNanoseconds
        self.openedNanoseconds = openedNanoseconds
        self.isSimulated = isSimulated
    }
}

/// How far a named consumer has come.
public struct ConsumerCursor: Sendable, Equatable {
    public var name: String
    /// The last verdict that it acknowledged; those up to it may be removed.
    public var seq: UInt64
    /// When, ns since the Unix epoch.
    public var changedNanoseconds: UInt64
}

/// A model that was taken into use in place of another.
public struct ModelChange: Sendable, Equatable {
    public var partType: String
    /// SHA-256 of the manifests; nil where there was none before, or is none any more.
    public var from: String?
    public var to: String?
    /// Of the settings that verdicts name from then on.
    public var configHash: String
    public var nanoseconds: UInt64

    public init(partType: String, from: String?, to: String?, configHash: String, nanoseconds: UInt64) {
        self.partType = partType
        self.from = from
        self.to = to
        self.configHash = configHash
        self.nanoseconds = nanoseconds
    }
}

/// Something that a person should look at.
public struct JournalAlert: Sendable, Equatable {
    /// A name for programs: `disk_full`, `journal_set_aside`, ...
    public var code: String
    public var message: String
    public var nanoseconds: UInt64

    public init(code: String, message: String, nanoseconds: UInt64) {
        self.code = code
        self.message = message
        self.nanoseconds = nanoseconds
    }
}

/// What the journal tells while it runs.
public enum JournalEvent: Sendable, Equatable {
    /// Nothing can be stored for now; verdicts are held back. It goes on by itself.
    case notReady(JournalAlert)
    case ready
    /// A write failed for good: nothing more is stored.
    case failed(JournalError)
    /// To be looked at; the journal goes on.
    case alert(JournalAlert)
}
