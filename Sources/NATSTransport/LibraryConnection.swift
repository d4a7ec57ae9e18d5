import CNATS
import Synchronization

/// A connection of the C library, which is freed when nobody calls it any more.
final class LibraryConnection: @unchecked Sendable {
    /// The library's own lock guards what it points to.
    private let pointer: OpaquePointer
    /// Freed with it.
    private let subscriptions = Mutex<[Int]>([])

    /// Opens it.
    ///
    /// - Parameters:
    ///   - waits: whether it goes on trying where no server is reached yet.
    ///   - events: kept for good: a callback may still be on its way when the connection goes.
    init(_ configuration: NATSConfiguration, waits: Bool, events: NATSEventBox) throws(NATSError) {
        let options = try NATSConnection.options(configuration, waits: waits)
        defer { natsOptions_Destroy(options) }
        let closure = Unmanaged.passRetained(events).toOpaque()
        let doing = "the connection to NATS"
        try NATSConnection.check(doing, natsOptions_SetDisconnectedCB(options, disconnectedHandler, closure))
        try NATSConnection.check(doing, natsOptions_SetReconnectedCB(options, connectedHandler, closure))
        try NATSConnection.check(doing, natsOptions_SetClosedCB(options, closedHandler, closure))
        if waits {
            try NATSConnection.check(
                doing, natsOptions_SetRetryOnFailedConnect(options, true, connectedHandler, closure))
        }
        var connection: OpaquePointer?
        let status = natsConnection_Connect(&connection, options)
        guard status == NATS_OK || (waits && status == NATS_NOT_YET_CONNECTED), let connection else {
            throw NATSError(status, configuration.servers.joined(separator: ", "))
        }
        pointer = connection
    }

    deinit {
        for place in subscriptions.withLock({ $0 }) { natsSubscription_Destroy(OpaquePointer(bitPattern: place)) }
        natsConnection_Destroy(pointer)
    }

    var isConnected: Bool { natsConnection_Status(pointer) == NATS_CONN_STATUS_CONNECTED }

    /// Bytes; 0 before a server has told.
    var maximumPayload: Int { Int(natsConnection_GetMaxPayload(pointer)) }

    func close() { natsConnection_Close(pointer) }

    func publish(_ subject: String, _ payload: [UInt8]) throws(NATSError) {
        try NATSConnection.check(
            subject,
            payload.withUnsafeBytes { natsConnection_Publish(pointer, subject, $0.baseAddress, Int32($0.count)) })
    }

    func request(_ subject: String, _ message: OpaquePointer, timeout: Duration) throws(NATSError) -> NATSMessage {
        var answer: OpaquePointer?
        try NATSConnection.check(subject, natsConnection_RequestMsg(&answer, pointer, message, timeout.milliseconds))
        return try Self.taken(answer, subject)
    }

    /// Sends with an inbox of its own, and waits for what comes there.
    func pull(_ subject: String, _ payload: [UInt8], timeout: Duration) throws(NATSError) -> NATSMessage {
        var inbox: UnsafeMutablePointer<CChar>?
        try NATSConnection.check(subject, natsInbox_Create(&inbox))
        defer { natsInbox_Destroy(inbox) }
        var made: OpaquePointer?
        try NATSConnection.check(subject, natsConnection_SubscribeSync(&made, pointer, inbox))
        guard let subscription = made else { throw NATSError(.failed, "\(subject): no inbox could be made") }
        defer { natsSubscription_Destroy(subscription) }
        let status = payload.withUnsafeBytes {
            natsConnection_PublishRequest(pointer, subject, inbox, $0.baseAddress, Int32($0.count))
        }
        try NATSConnection.check(subject, status)
        var answer: OpaquePointer?
        try NATSConnection.check(subject, natsSubscription_NextMsg(&answer, subscription, timeout.milliseconds))
        return try Self.taken(answer, subject)
    }

    private static func taken(_ answer: OpaquePointer?, _ subject: String) throws(NATSError) -> NATSMessage {
        guard let answer else { throw NATSError(.malformed, "\(subject): an answer without a message") }
        defer { natsMsg_Destroy(answer) }
        return NATSMessage(answer)
    }

    /// - Parameter ear: kept for good, as the events are.
    func listen(to subject: String, _ ear: NATSEar) throws(NATSError) {
        var subscription: OpaquePointer?
        try NATSConnection.check(
            subject,
            natsConnection_Subscribe(
                &subscription, pointer, subject, messageHandler, Unmanaged.passRetained(ear).toOpaque()))
        guard let subscription else { return }
        subscriptions.withLock { $0.append(Int(bitPattern: subscription)) }
    }
}

/// What hears that something came; its content is not looked at.
final class NATSEar: Sendable {
    let heard: @Sendable () -> Void

    init(_ heard: @escaping @Sendable () -> Void) { self.heard = heard }
}

/// What the library's callbacks reach, and whether anybody still wants to hear of them.
final class NATSEventBox: Sendable {
    enum Event { case connected, disconnected, ended }

    private let handler: Mutex<(@Sendable (Event) -> Void)?>

    init() { handler = Mutex(nil) }

    func hand(to body: @escaping @Sendable (Event) -> Void) { handler.withLock { $0 = body } }

    func tell(_ event: Event) { handler.withLock { $0 }?(event) }

    /// Nothing is told from now on.
    func silence() { handler.withLock { $0 = nil } }
}

private let connectedHandler: natsConnectionHandler = { _, closure in
    closure.map { Unmanaged<NATSEventBox>.fromOpaque($0).takeUnretainedValue().tell(.connected) }
}

private let closedHandler: natsConnectionHandler = { _, closure in
    closure.map { Unmanaged<NATSEventBox>.fromOpaque($0).takeUnretainedValue().tell(.ended) }
}

private let disconnectedHandler: natsConnectionHandler = { _, closure in
    closure.map { Unmanaged<NATSEventBox>.fromOpaque($0).takeUnretainedValue().tell(.disconnected) }
}

private let messageHandler: natsMsgHandler = { _, _, message, closure in
    natsMsg_Destroy(message)
    closure.map { Unmanaged<NATSEar>.fromOpaque($0).takeUnretainedValue().heard() }
}
