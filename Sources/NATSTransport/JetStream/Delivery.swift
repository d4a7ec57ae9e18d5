/// A message that a consumer gave out, until it is acknowledged or its lease has run out.
public struct Delivery: Sendable, Equatable {
    public let payload: [UInt8]
    /// 1 for the first time that it was given out.
    public let deliveries: Int
    /// Its number in the stream.
    public let sequence: UInt64
    /// When the stream took it, ns since the Unix epoch.
    public let storedNanoseconds: UInt64
    /// Messages behind it.
    public let pending: UInt64
    /// Where its acknowledgement goes.
    let acknowledgement: String

    /// Whether both are one giving out of one message.
    public func isSame(as other: Delivery) -> Bool { acknowledgement == other.acknowledgement }

    /// - Throws: where the message has no subject of acknowledgement as JetStream makes them.
    init(_ message: NATSMessage) throws(NATSError) {
        // $JS.ACK.STREAM.CONSUMER.DELIVERED.SEQ.CONSUMERSEQ.TIME.PENDING, or with DOMAIN.ACCOUNT before the stream, and perhaps
        // a token behind (ADR-15).
        let tokens = (message.reply ?? "").split(separator: ".", omittingEmptySubsequences: false)
        let first = tokens.count >= 11 ? 6 : 4
        guard let reply = message.reply, tokens.count == 9 || tokens.count >= 11, tokens[0] == "$JS",
            tokens[1] == "ACK",
            let deliveries = Int(tokens[first]), let sequence = UInt64(tokens[first + 1]),
            let stored = UInt64(tokens[first + 3]), let pending = UInt64(tokens[first + 4])
        else {
            throw NATSError(
                .malformed,
                "expected a message of a consumer, found one whose answer goes to \"\(message.reply ?? "")\"")
        }
        payload = message.payload
        self.deliveries = deliveries
        self.sequence = sequence
        storedNanoseconds = stored
        self.pending = pending
        acknowledgement = reply
    }
}
