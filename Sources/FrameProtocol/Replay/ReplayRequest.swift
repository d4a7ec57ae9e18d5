/// What a consumer of verdicts asks the replay socket for: one JSON object, decoded strictly.
///
///     {"schema": "replay/1", "request": "verdicts", "from_seq": 17, "epoch": "...", "credit": 100}
///     {"schema": "replay/1", "request": "verdicts", "consumer": "mes1", "credit": 100}
///     {"schema": "replay/1", "request": "acknowledge", "consumer": "mes1", "epoch": "...", "seq": 42}
public enum ReplayRequest: Sendable, Equatable {
    /// Verdicts from a number on, or from after a consumer's cursor; at most `credit`.
    case verdicts(Verdicts)
    /// A consumer has done what it does with all verdicts up to `seq`.
    case acknowledge(Acknowledgement)

    public struct Verdicts: Sendable, Equatable {
        /// Nil: after the consumer's cursor.
        public var fromSeq: UInt64?
        /// The epoch that `fromSeq` counts in; nil takes the present one.
        public var epoch: String?
        public var credit: Int
        /// Makes the consumer known: what it has not acknowledged is kept.
        public var consumer: String?
        /// Comes back in the answer.
        public var tag: String?

        public init(
            fromSeq: UInt64? = nil, epoch: String? = nil, credit: Int, consumer: String? = nil, tag: String? = nil
        ) {
            self.fromSeq = fromSeq
            self.epoch = epoch
            self.credit = credit
            self.consumer = consumer
            self.tag = tag
        }
    }

    public struct Acknowledgement: Sendable, Equatable {
        public var consumer: String
        public var epoch: String
        public var seq: UInt64
        public var tag: String?

        public init(consumer: String, epoch: String, seq: UInt64, tag: String? = nil) {
            self.consumer = consumer
            self.epoch = epoch
            self.seq = seq
            self.tag = tag
        }
    }

    /// The request as JSON: what `decode` reads.
    public var json: [UInt8] {
        var members = [("schema", JSONText.string("replay/1"))]
        func add(_ name: String, _ value: String?) { if let value { members.append((name, value)) } }
        switch self {
        case .verdicts(let wanted):
            add("request", JSONText.string("verdicts"))
            add("from_seq", wanted.fromSeq.map { "\($0)" })
            add("epoch", wanted.epoch.map(JSONText.string))
            add("credit", "\(wanted.credit)")
            add("consumer", wanted.consumer.map(JSONText.string))
            add("tag", wanted.tag.map(JSONText.string))
        case .acknowledge(let done):
            add("request", JSONText.string("acknowledge"))
            add("consumer", JSONText.string(done.consumer))
            add("epoch", JSONText.string(done.epoch))
            add("seq", "\(done.seq)")
            add("tag", done.tag.map(JSONText.string))
        }
        return Array("{\(members.map { "\"\($0)\": \($1)" }.joined(separator: ", "))}".utf8)
    }

    /// Most bytes of a request.
    public static let maximumSize = 4096
    /// Most verdicts that one request may ask for: what the answer's socket holds for a reader that does not read.
    public static let maximumCredit = 500

    /// Decodes a request, or says why it is none.
    public static func decode(_ bytes: [UInt8]) throws(ReplayRefusal) -> ReplayRequest {
        guard bytes.count <= maximumSize else {
            throw ReplayRefusal(.tooLarge, "expected at most \(maximumSize) bytes, found \(bytes.count)")
        }
        let members: [JSONMember]
        do throws(JSONFault) {
            var scanner = JSONScanner(bytes)
            members = try scanner.scanObject()
        } catch {
            throw ReplayRefusal(
                error.duplicateKey == nil ? .malformed : .duplicateKey, "\(error.message), at byte \(error.offset)")
        }
        return try RequestFields(members).request()
    }
}

/// Why a request is not answered as asked. `reason` is its name on the wire and in counters.
public struct ReplayRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: String, Sendable, CaseIterable {
        case malformed, duplicateKey, missingKey, unknownKey, invalidValue, unknownSchema, unknownRequest, tooLarge
        /// The envelope is not one part of JSON, after at most one empty part.
        case malformedEnvelope
        /// The journal is in another epoch, which the answer names: begin anew at its `first`.
        case unknownEpoch
        /// One more named consumer would be too many.
        case tooManyConsumers
        /// An acknowledgement of what was never sent.
        case beyondHead
        /// The journal cannot be read or written now; ask again.
        case journalUnavailable
    }

    public let reason: Reason
    public let message: String

    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    public var description: String { "\(reason.rawValue): \(message)" }
}

/// The members of a request, each taken once.
private struct RequestFields {
    private var members: [String: JSONValue]

    init(_ members: [JSONMember]) {
        self.members = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    }

    consuming func request() throws(ReplayRefusal) -> ReplayRequest {
        var fields = self
        let schema = try fields.text("schema")
        guard schema == "replay/1" else {
            throw ReplayRefusal(.unknownSchema, "expected schema \"replay/1\", found \(quoted(schema))")
        }
        let tag = try fields.optional("tag") { fields throws(ReplayRefusal) in try fields.text("tag") }
        guard (tag?.utf8.count ?? 0) <= 64 else { throw ReplayRefusal(.invalidValue, "tag: expected at most 64 bytes") }
        let kind = try fields.text("request")
        let request: ReplayRequest
        switch kind {
        case "verdicts":
            let fromSeq = try fields.optional("from_seq") { f throws(ReplayRefusal) in try f.number("from_seq") }
            let consumer = try fields.optional("consumer") { f throws(ReplayRefusal) in try f.name("consumer") }
            guard fromSeq != nil || consumer != nil else {
                throw ReplayRefusal(.missingKey, "expected from_seq or consumer, found neither")
            }
            let credit = try fields.number("credit")
            guard (1...UInt64(ReplayRequest.maximumCredit)).contains(credit) else {
                throw ReplayRefusal(
                    .invalidValue, "credit: expected 1 to \(ReplayRequest.maximumCredit), found \(credit)")
            }
            request = .verdicts(
                .init(
                    fromSeq: fromSeq,
                    epoch: try fields.optional("epoch") { f throws(ReplayRefusal) in try f.name("epoch") },
                    credit: Int(credit), consumer: consumer, tag: tag))
        case "acknowledge":
            request = .acknowledge(
                .init(
                    consumer: try fields.name("consumer"), epoch: try fields.name("epoch"),
                    seq: try fields.number("seq"), tag: tag))
        default:
            throw ReplayRefusal(
                .unknownRequest, "request: expected \"verdicts\" or \"acknowledge\", found \(quoted(kind))")
        }
        if let other = fields.members.keys.min() {
            throw ReplayRefusal(.unknownKey, "\(quoted(other)) is no key of a request \(quoted(kind))")
        }
        return request
    }

    private mutating func optional<Value>(
        _ key: String, _ read: (inout RequestFields) throws(ReplayRefusal) -> Value
    ) throws(ReplayRefusal) -> Value? {
        members[key] == nil ? nil : try read(&self)
    }

    private mutating func take(_ key: String) throws(ReplayRefusal) -> JSONValue {
        guard let value = members.removeValue(forKey: key) else {
            throw ReplayRefusal(.missingKey, "expected the key \(key)")
        }
        return value
    }

    private mutating func text(_ key: String) throws(ReplayRefusal) -> String {
        let value = try take(key)
        guard case .string(let text) = value.kind else {
            throw ReplayRefusal(.invalidValue, "\(key): expected a string, found \(value.description)")
        }
        return text
    }

    private mutating func number(_ key: String) throws(ReplayRefusal) -> UInt64 {
        let value = try take(key)
        guard case .number(let text) = value.kind, let number = UInt64(text), number <= UInt64(Int64.max) else {
            throw ReplayRefusal(
                .invalidValue, "\(key): expected a whole number from 0 to 2^63 - 1, found \(value.description)")
        }
        return number
    }

    /// A name as it stands in topics.
    private mutating func name(_ key: String) throws(ReplayRefusal) -> String {
        let text = try text(key)
        guard FrameHeader.isSource(text) else {
            throw ReplayRefusal(
                .invalidValue, "\(key): expected 1 to 64 of A-Z a-z 0-9 . _ -, found \(quoted(text))")
        }
        return text
    }
}
