import CNATS
import Synchronization

/// A connection to NATS that comes back by itself for as long as it is open.
///
/// The C library has its own threads for reading and reconnecting. Every call here may block, for a timeout at most: call
/// from threads of your own, never from a task.
public final class NATSConnection: NATSRequesting, @unchecked Sendable {
    public enum Event: Sendable, Equatable {
        case connected, disconnected(String)
        /// For good, and not by us: the library gives a server up that refuses the same credentials twice.
        case ended
    }

    /// The library's own lock guards what it points to; it goes with us.
    private let handle: OpaquePointer
    private let events: EventBox

    /// Opens it. Where no server is reached yet it goes on trying, unless `waits` is false.
    ///
    /// - Parameters:
    ///   - waits: false for a command that is to say at once that nobody is there.
    ///   - onEvent: runs on a thread of the library; must not wait.
    public init(
        _ configuration: NATSConfiguration, waits: Bool = true,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws(NATSError) {
        let options = try Self.options(configuration, waits: waits)
        defer { natsOptions_Destroy(options) }
        let events = EventBox(onEvent)
        // Kept for good: a callback may still be on its way when the connection goes.
        let closure = Unmanaged.passRetained(events).toOpaque()
        try Self.check("the connection to NATS", natsOptions_SetDisconnectedCB(options, disconnectedHandler, closure))
        try Self.check("the connection to NATS", natsOptions_SetReconnectedCB(options, connectedHandler, closure))
        try Self.check("the connection to NATS", natsOptions_SetClosedCB(options, closedHandler, closure))
        if waits {
            try Self.check(
                "the connection to NATS", natsOptions_SetRetryOnFailedConnect(options, true, connectedHandler, closure))
        }
        var connection: OpaquePointer?
        let status = natsConnection_Connect(&connection, options)
        guard status == NATS_OK || (waits && status == NATS_NOT_YET_CONNECTED), let connection else {
            throw NATSError(status, configuration.servers.joined(separator: ", "))
        }
        handle = connection
        self.events = events
        if status == NATS_OK {
            onEvent(.connected)
        } else {
            onEvent(.disconnected("\(configuration.servers.joined(separator: ", ")) is not reached yet"))
        }
    }

    deinit {
        close()
        natsConnection_Destroy(handle)
    }

    /// Ends it; calls that wait fail, and so do further ones.
    public func close() {
        if events.close() { natsConnection_Close(handle) }
    }

    public var isConnected: Bool {
        natsConnection_Status(handle) == NATS_CONN_STATUS_CONNECTED
    }

    public var maximumPayload: Int {
        let told = Int(natsConnection_GetMaxPayload(handle))
        // Not told yet: the servers' default.
        return told > 0 ? told : 1 << 20
    }

    public func request(
        _ subject: String, _ payload: [UInt8], headers: [String: String], timeout: Duration
    ) throws(NATSError) -> NATSMessage {
        guard isConnected else { throw NATSError(.unreachable, "\(subject): no NATS server is reached now") }
        let message = try Self.message(subject, payload, headers)
        defer { natsMsg_Destroy(message) }
        var answer: OpaquePointer?
        let (seconds, attoseconds) = timeout.components
        let milliseconds = max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        try Self.check(subject, natsConnection_RequestMsg(&answer, handle, message, milliseconds))
        guard let answer else { throw NATSError(.malformed, "\(subject): an answer without a message") }
        defer { natsMsg_Destroy(answer) }
        return NATSMessage(answer)
    }

    public func publish(_ subject: String, _ payload: [UInt8]) throws(NATSError) {
        guard isConnected else { throw NATSError(.unreachable, "\(subject): no NATS server is reached now") }
        try Self.check(
            subject,
            payload.withUnsafeBytes { natsConnection_Publish(handle, subject, $0.baseAddress, Int32($0.count)) })
    }

    private static func message(
        _ subject: String, _ payload: [UInt8], _ headers: [String: String]
    ) throws(NATSError) -> OpaquePointer {
        var message: OpaquePointer?
        let count = Int32(clamping: payload.count)
        try check(
            subject,
            payload.withUnsafeBytes {
                natsMsg_Create(&message, subject, nil, $0.baseAddress?.assumingMemoryBound(to: CChar.self), count)
            })
        guard let message else { throw NATSError(.failed, "\(subject): no message could be made") }
        for (name, value) in headers { try check(subject, natsMsgHeader_Set(message, name, value)) }
        return message
    }

    static func check(_ doing: String, _ status: natsStatus) throws(NATSError) {
        guard status == NATS_OK else { throw NATSError(status, doing) }
    }
}

extension NATSMessage {
    fileprivate init(_ message: OpaquePointer) {
        let count = Int(natsMsg_GetDataLength(message))
        var payload: [UInt8] = []
        if count > 0, let data = natsMsg_GetData(message) {
            payload = Array(UnsafeRawBufferPointer(start: data, count: count))
        }
        func header(_ name: String) -> String? {
            var value: UnsafePointer<CChar>?
            guard natsMsgHeader_Get(message, name, &value) == NATS_OK else { return nil }
            return value.map { String(cString: $0) }
        }
        self.init(
            subject: natsMsg_GetSubject(message).map { String(cString: $0) } ?? "",
            reply: natsMsg_GetReply(message).map { String(cString: $0) }, payload: payload,
            status: header("Status").flatMap { Int($0) })
        messageID = header("Nats-Msg-Id")
        sequence = header("Nats-Sequence").flatMap { UInt64($0) }
    }
}

/// What the library's callbacks reach, and whether the connection is still there.
private final class EventBox: Sendable {
    private let handler: @Sendable (NATSConnection.Event) -> Void
    private let isOpen = Mutex(true)

    init(_ handler: @escaping @Sendable (NATSConnection.Event) -> Void) { self.handler = handler }

    func tell(_ event: NATSConnection.Event) { if isOpen.withLock({ $0 }) { handler(event) } }

    /// Whether this is the first call.
    func close() -> Bool {
        isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
    }
}

private let connectedHandler: natsConnectionHandler = { _, closure in
    closure.map { Unmanaged<EventBox>.fromOpaque($0).takeUnretainedValue().tell(.connected) }
}

private let closedHandler: natsConnectionHandler = { _, closure in
    closure.map { Unmanaged<EventBox>.fromOpaque($0).takeUnretainedValue().tell(.ended) }
}

private let disconnectedHandler: natsConnectionHandler = { _, closure in
    closure.map {
        Unmanaged<EventBox>.fromOpaque($0).takeUnretainedValue().tell(.disconnected("the connection is lost"))
    }
}
