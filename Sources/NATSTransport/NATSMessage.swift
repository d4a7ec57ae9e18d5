/// What came over a connection.
public struct NATSMessage: Sendable, Equatable {
    public var subject: String
    /// Where an answer, or JetStream's acknowledgement, goes.
    public var reply: String?
    public var payload: [UInt8]
    /// Of a message without content that JetStream sends in place of one: 404 no messages, 408 the request ran out.
    public var status: Int?
    /// `Nats-Msg-Id`: what it was published as.
    public var messageID: String?
    /// Its number in the stream that it was read from.
    public var sequence: UInt64?

    public init(subject: String, reply: String? = nil, payload: [UInt8] = [], status: Int? = nil) {
        self.subject = subject
        self.reply = reply
        self.payload = payload
        self.status = status
    }
}

/// A connection, as JetStream is spoken over it. Calls block, and are made on threads of one's own.
public protocol NATSRequesting: Sendable {
    /// Whether a server is reached now.
    var isConnected: Bool { get }
    /// Most bytes of a message.
    var maximumPayload: Int { get }

    /// Sends, and waits for the answer.
    func request(
        _ subject: String, _ payload: [UInt8], headers: [String: String], timeout: Duration
    ) throws(NATSError) -> NATSMessage

    /// Sends, and waits for an answer that comes with a subject of its own: a message of a consumer.
    func pull(_ subject: String, _ payload: [UInt8], timeout: Duration) throws(NATSError) -> NATSMessage

    /// Sends and waits for nothing.
    func publish(_ subject: String, _ payload: [UInt8]) throws(NATSError)
}

extension NATSRequesting {
    public func request(_ subject: String, _ payload: [UInt8], timeout: Duration) throws(NATSError) -> NATSMessage {
        try request(subject, payload, headers: [:], timeout: timeout)
    }
}
