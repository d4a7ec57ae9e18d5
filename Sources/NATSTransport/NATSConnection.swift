import CNATS
import Synchronization
import Threads

/// A connection to NATS that comes back by itself for as long as it is open.
///
/// The C library has its own threads for reading and reconnecting. It gives a server up that refuses the same credentials twice;
/// then the connection is made anew, with what the files hold by then. Every call here may block, for a timeout at most: call from
/// threads of your own, never from a task.
public final class NATSConnection: NATSRequesting, Sendable {
    public enum Event: Sendable, Equatable {
        case connected, disconnected(String)
        /// The server does not let us in any more: why. It is asked again, after longer and longer pauses.
        case refused(String)
    }

    private struct State {
        var library: LibraryConnection
        var listeners: [(subject: String, ear: NATSEar)] = []
        var isOpen = true
    }

    private let configuration: NATSConfiguration
    private let state: Mutex<State>
    private let events = NATSEventBox()
    private let onEvent: @Sendable (Event) -> Void
    private let closing = StopSignal()

    /// Between two attempts of one that is not let in.
    private static let firstPause = Duration.seconds(1), longestPause = Duration.seconds(30)

    /// Opens it. Where no server is reached yet it goes on trying, unless `waits` is false.
    ///
    /// - Parameters:
    ///   - waits: false for a command that is to say at once that nobody is there.
    ///   - onEvent: runs on a thread of the library, or one of ours; must not wait.
    public init(
        _ configuration: NATSConfiguration, waits: Bool = true,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws(NATSError) {
        self.configuration = configuration
        self.onEvent = onEvent
        let library = try LibraryConnection(configuration, waits: waits, events: events)
        state = Mutex(State(library: library))
        events.hand { [weak self] event in
            switch event {
            case .connected: onEvent(.connected)
            case .disconnected: onEvent(.disconnected("the connection is lost"))
            case .ended where waits: self?.reopen()
            case .ended: onEvent(.disconnected("the connection has ended"))
            }
        }
        tellState(of: library)
    }

    deinit { close() }

    /// Ends it; calls that wait fail, and so do further ones.
    public func close() {
        events.silence()
        closing.raise()
        let library = state.withLock { state -> LibraryConnection? in
            defer { state.isOpen = false }
            return state.isOpen ? state.library : nil
        }
        library?.close()
    }

    private var library: LibraryConnection { state.withLock { $0.library } }

    /// - Throws: where no server is reached now.
    private func reached(for subject: String) throws(NATSError) -> LibraryConnection {
        let library = library
        guard library.isConnected else { throw NATSError(.unreachable, "\(subject): no NATS server is reached now") }
        return library
    }

    private func tellState(of library: LibraryConnection) {
        guard !library.isConnected else { return onEvent(.connected) }
        onEvent(.disconnected("\(configuration.servers.joined(separator: ", ")) is not reached yet"))
        // Meanwhile it may be, and the library have said so before us.
        if library.isConnected { onEvent(.connected) }
    }

    // MARK: Anew

    private func reopen() {
        onEvent(.refused("the server does not let us in any more"))
        _ = JoinableThread(name: "nats") { [weak self, closing] in
            var pause = Self.firstPause
            while !closing.wait(until: SystemClock().after(pause)) {
                guard let self else { return }
                do throws(NATSError) {
                    return try self.open()
                } catch {
                    guard !closing.isRaised else { return }
                    self.onEvent(.refused(error.message))
                    pause = min(pause * 2, Self.longestPause)
                }
            }
        }
    }

    private func open() throws(NATSError) {
        // Who waits is told nothing of a refusal: so first as one who does not.
        do throws(NATSError) {
            try LibraryConnection(configuration, waits: false, events: NATSEventBox()).close()
        } catch {
            guard error.isTransient else { throw error }
        }
        let library = try LibraryConnection(configuration, waits: true, events: events)
        let (isOpen, listeners) = state.withLock { state in
            if state.isOpen { state.library = library }
            return (state.isOpen, state.listeners)
        }
        guard isOpen else { return library.close() }
        for (subject, ear) in listeners { try? library.listen(to: subject, ear) }
        tellState(of: library)
    }

    /// Has `heard` called whenever something is published to a subject; what it is, is not looked at.
    ///
    /// - Parameter heard: runs on a thread of the library; must not wait.
    public func listen(to subject: String, _ heard: @escaping @Sendable () -> Void) throws(NATSError) {
        let ear = NATSEar(heard)
        try library.listen(to: subject, ear)
        state.withLock { $0.listeners.append((subject, ear)) }
    }

    public var isConnected: Bool { library.isConnected }

    public var maximumPayload: Int {
        let told = library.maximumPayload
        // Not told yet: the servers' default.
        return told > 0 ? told : 1 << 20
    }

    public func request(
        _ subject: String, _ payload: [UInt8], headers: [String: String], timeout: Duration
    ) throws(NATSError) -> NATSMessage {
        let library = try reached(for: subject)
        let message = try Self.message(subject, payload, headers)
        defer { natsMsg_Destroy(message) }
        return try library.request(subject, message, timeout: timeout)
    }

    /// The library tells answers apart by their subjects. That of a consumer's message is the message's own: with a second request
    /// on its way it would be nobody's, and the message be lost until its lease has run out. So each has an inbox to itself.
    public func pull(_ subject: String, _ payload: [UInt8], timeout: Duration) throws(NATSError) -> NATSMessage {
        try reached(for: subject).pull(subject, payload, timeout: timeout)
    }

    public func publish(_ subject: String, _ payload: [UInt8]) throws(NATSError) {
        try reached(for: subject).publish(subject, payload)
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

extension Duration {
    /// Whole ms, at least 1.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}

extension NATSMessage {
    init(_ message: OpaquePointer) {
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
