import Foundation

/// JetStream, spoken as its JSON over requests (ADR-1, ADR-2, ADR-13 of nats-architecture-and-design).
///
/// The C library has functions for it too. Its requests are few and plain, the same for every version of library and server,
/// and over a protocol they can be tested without a server; so the library is asked for no more than the connection.
public struct JetStream: Sendable {
    let connection: any NATSRequesting
    /// Wait for an answer of the server.
    public var timeout = Duration.seconds(5)

    public init(_ connection: any NATSRequesting) { self.connection = connection }

    public var isConnected: Bool { connection.isConnected }
    public var maximumPayload: Int { connection.maximumPayload }

    // MARK: Messages

    /// Publishes, and waits until the stream has it.
    ///
    /// - Parameters:
    ///   - id: `Nats-Msg-Id`: the stream takes equal ones once within its duplicate window.
    ///   - last: number of the subject's last message, 0 for none: where that is another by now, the stream refuses.
    public func publish(
        _ subject: String, _ payload: [UInt8], id: String?, after last: UInt64? = nil
    ) throws(NATSError) -> Publication {
        var headers: [String: String] = [:]
        headers["Nats-Msg-Id"] = id
        headers["Nats-Expected-Last-Subject-Sequence"] = last.map { "\($0)" }
        let answer = try connection.request(subject, payload, headers: headers, timeout: timeout)
        return try decode(Publication.self, answer, subject)
    }

    /// The newest message of a stream that allows direct access; nil if it has none of this subject.
    public func last(of subject: String, in stream: String) throws(NATSError) -> NATSMessage? {
        try get(stream, ["last_by_subj": subject])
    }

    /// The oldest message of this subject from a number on; nil if there is none.
    public func first(of subject: String, from sequence: UInt64 = 1, in stream: String) throws(NATSError)
        -> NATSMessage?
    {
        let answer = try connection.request(
            "$JS.API.DIRECT.GET.\(stream)", try encode(FirstRequest(sequence: sequence, subject: subject)),
            timeout: timeout
        )
        return try content(answer, stream)
    }

    /// The message with this number; nil if it is not there any more.
    public func message(_ sequence: UInt64, in stream: String) throws(NATSError) -> NATSMessage? {
        try get(stream, ["seq": sequence])
    }

    private func get(_ stream: String, _ body: [String: some Encodable]) throws(NATSError) -> NATSMessage? {
        try content(
            connection.request("$JS.API.DIRECT.GET.\(stream)", try encode(body), timeout: timeout), stream)
    }

    private func content(_ answer: NATSMessage, _ stream: String) throws(NATSError) -> NATSMessage? {
        switch answer.status {
        case nil: return answer
        case 404: return nil
        case let status?: throw NATSError(.failed, "\(stream): the server answers \(status) to a direct request")
        }
    }

    // MARK: Streams

    /// Makes a stream, or changes the one that is there.
    ///
    /// - Returns: whether it is new.
    @discardableResult
    public func ensure(_ stream: StreamConfiguration) throws(NATSError) -> Bool {
        // First as a change: the server would hold the room that one more stream needs against one that is there.
        do throws(NATSError) {
            _ = try api("STREAM.UPDATE.\(stream.name)", stream, StreamInfo.self)
            return false
        } catch {
            guard error.code == .refused(NATSError.streamNotFound) else { throw error }
        }
        _ = try api("STREAM.CREATE.\(stream.name)", stream, StreamInfo.self)
        return true
    }

    /// - Parameter subjects: a filter; with it the answer counts messages by subject.
    public func info(_ stream: String, subjects: String? = nil) throws(NATSError) -> StreamInfo {
        try api("STREAM.INFO.\(stream)", subjects.map { ["subjects_filter": $0] } ?? [:], StreamInfo.self)
    }

    /// Removes a stream's messages of a subject.
    public func purge(_ stream: String, subject: String) throws(NATSError) {
        _ = try api("STREAM.PURGE.\(stream)", ["filter": subject], Purged.self)
    }

    /// Removes one message; one that is gone is no fault.
    public func delete(_ sequence: UInt64, from stream: String) throws(NATSError) {
        do throws(NATSError) {
            _ = try api("STREAM.MSG.DELETE.\(stream)", DeleteRequest(sequence: sequence), Succeeded.self)
        } catch {
            guard case .refused = error.code else { throw error }
        }
    }

    // MARK: Consumers

    public func consumer(_ name: String, of stream: String) throws(NATSError) -> ConsumerInfo {
        try api("CONSUMER.INFO.\(stream).\(name)", [String: String](), ConsumerInfo.self)
    }

    /// Makes a consumer, or changes what may be changed of the one that is there.
    public func ensure(_ consumer: ConsumerConfiguration, of stream: String) throws(NATSError) {
        _ = try api(
            "CONSUMER.DURABLE.CREATE.\(stream).\(consumer.name)",
            ConsumerRequest(streamName: stream, config: consumer), ConsumerInfo.self)
    }

    /// All consumers of a stream.
    public func consumers(of stream: String) throws(NATSError) -> [ConsumerInfo] {
        var consumers: [ConsumerInfo] = []
        while true {
            let page = try api("CONSUMER.LIST.\(stream)", ["offset": consumers.count], ConsumerPage.self)
            consumers += page.consumers
            if page.consumers.isEmpty || consumers.count >= page.total { return consumers }
        }
    }

    /// The consumer's next message, which is its taker's for as long as the lease runs.
    ///
    /// - Parameter patience: how long the server waits for one; nil for not at all.
    /// - Returns: nil if there is none.
    public func next(
        _ consumer: String, of stream: String, patience: Duration? = nil
    ) throws(NATSError) -> Delivery? {
        let request = PullRequest(
            batch: 1, noWait: patience == nil ? true : nil, expires: patience.map(\.nanoseconds))
        let subject = "$JS.API.CONSUMER.MSG.NEXT.\(stream).\(consumer)"
        let answer = try connection.pull(subject, try encode(request), timeout: timeout + (patience ?? .zero))
        switch answer.status {
        case nil: return try Delivery(answer)
        case 404, 408, 409: return nil
        case 503: throw NATSError(.noResponders, "\(subject): nobody answers there")
        case let status?: throw NATSError(.failed, "\(stream): the server answers \(status) to a pull")
        }
    }

    /// The message is dealt with: nobody gets it again. Returns once the server knows.
    public func acknowledge(_ delivery: Delivery) throws(NATSError) {
        _ = try connection.request(delivery.acknowledgement, Array("+ACK".utf8), timeout: timeout)
    }

    /// The message is being worked on: the lease begins anew.
    public func noteProgress(_ delivery: Delivery) throws(NATSError) {
        try connection.publish(delivery.acknowledgement, Array("+WPI".utf8))
    }

    // MARK: JSON

    private func api<Answer: Decodable>(
        _ subject: String, _ body: some Encodable, _ type: Answer.Type
    ) throws(NATSError) -> Answer {
        let answer = try connection.request("$JS.API.\(subject)", try encode(body), timeout: timeout)
        return try decode(type, answer, subject)
    }

    private func encode(_ body: some Encodable) throws(NATSError) -> [UInt8] {
        do {
            return [UInt8](try JSONEncoder().encode(body))
        } catch {
            throw NATSError(.malformed, "a request of JetStream cannot be written: \(error)")
        }
    }

    private func decode<Answer: Decodable>(
        _ type: Answer.Type, _ answer: NATSMessage, _ subject: String
    ) throws(NATSError) -> Answer {
        let data = Data(answer.payload)
        if let refusal = try? JSONDecoder().decode(Refusal.self, from: data) {
            throw NATSError(
                .refused(refusal.error.errCode ?? refusal.error.code),
                "\(subject): JetStream refuses: \(refusal.error.description ?? "error \(refusal.error.code)")")
        }
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw NATSError(
                .malformed,
                "\(subject): expected JetStream's answer, found \(answer.payload.count) bytes that are none")
        }
    }
}
