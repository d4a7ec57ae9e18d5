/// Decodes one direction of one ZMTP 3.0 or 3.1 connection: bytes in, in any pieces; events out.
///
/// Framing is by `flags size body`; flags: bit 0 MORE, bit 1 LONG (8-byte size), bit 2 COMMAND. Commands may lie
/// between the parts of a message. Of a mechanism that hides messages (CURVE, GSSAPI), only the greeting is read.
///
/// Missing bytes are told by `skip`. Inside a body of known length they cost that message; over a frame header the
/// place of the next frame is lost, and the decoder looks for the next `pcf/1` topic, as it also does for a stream
/// that is seen from its middle on.
///
/// Memory: at most `limits.messageBytes` and one command; never more than a small multiple of the bytes received,
/// whatever a frame announces. Time: O(bytes).
public struct ZMTPDecoder: Sendable {
    /// Where in the connection the first byte stands.
    public enum Start: Sendable {
        /// At the first byte: a greeting must follow.
        case beginning
        /// Somewhere: a greeting is read if there is one, else the first topic is looked for.
        case unknown
    }

    enum State {
        case greeting
        case frameHeader
        case body
        case searching
        /// Nothing of the rest is decoded: not ZMTP, or hidden by the mechanism.
        case passing
    }

    public let limits: ZMTPLimits
    /// The peer's greeting, once it came.
    public internal(set) var greeting: ZMTPGreeting?
    /// `Socket-Type` of the peer's READY, once it came.
    public internal(set) var socketType: String?

    let start: Start
    var state: State
    /// Bytes of the stream so far, gaps included.
    var position: UInt64 = 0
    /// A greeting or frame header that is not complete.
    var scratch: [UInt8] = []
    var frame = ZMTPFrame()
    var message = ZMTPMessage()
    var search = TopicSearch()

    public init(limits: ZMTPLimits = ZMTPLimits(), start: Start = .beginning) {
        self.limits = limits
        self.start = start
        self.state = .greeting
    }

    /// Bytes held for what is not complete.
    public var bufferedBytes: Int { scratch.count + frame.body.count + message.bytes + search.bufferedBytes }

    /// Whether nothing more will be decoded.
    public var isPassing: Bool {
        if case .passing = state { true } else { false }
    }

    /// Whether the place in the stream is known, and all of what is being put together is there.
    var isIntact: Bool { !isSearching && !message.isSpoiled }

    /// Whether the stream is understood, and the place in it known.
    var isInStep: Bool {
        switch state {
        case .frameHeader, .body: true
        case .greeting, .searching, .passing: false
        }
    }

    /// Whether a topic is being looked for, as the place of the next frame is not known.
    var isSearching: Bool {
        if case .searching = state { true } else { false }
    }

    /// Bytes passed over so far while a topic is being looked for.
    var passedBytes: UInt64 { search.skippedBytes &+ UInt64(search.bufferedBytes) }

    // MARK: Input

    /// Takes the next bytes and appends what they complete to `events`.
    public mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, into events: inout [ZMTPEvent]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let taken: Int
            switch state {
            case .greeting: taken = takeGreeting(rest, &events)
            case .frameHeader: taken = takeFrameHeader(rest, &events)
            case .body: taken = takeBody(rest, &events)
            case .searching: taken = takeSearching(rest, &events)
            case .passing: taken = rest.count
            }
            rest = rest.dropFirst(taken)
            position &+= UInt64(taken)
        }
    }

    /// Takes the next bytes.
    public mutating func receive(_ bytes: [UInt8]) -> [ZMTPEvent] {
        var events: [ZMTPEvent] = []
        bytes.withUnsafeBufferPointer { receive($0, into: &events) }
        return events
    }

    /// Says that the next `count` bytes of the stream are missing.
    public mutating func skip(_ count: UInt64, into events: inout [ZMTPEvent]) {
        guard count > 0 else { return }
        position &+= count
        switch state {
        case .passing: break
        case .searching: search.skip(count)
        case .body where count <= frame.remaining:
            frame.remaining -= count
            frame.isKept = false
            frame.body = []
            if !frame.isCommand { message.spoil() }
            if frame.remaining == 0 { finishFrame(at: position, &events) }
        case .body, .frameHeader, .greeting: loseState(&events)
        }
    }

    /// Says that the stream has ended; a message begun is lost.
    public mutating func finish(into events: inout [ZMTPEvent]) {
        if message.isBegun || (isInBody && !frame.isCommand) { events.append(.messageLost(message.lost)) }
        message = ZMTPMessage()
        frame = ZMTPFrame()
        scratch = []
        search = TopicSearch()
        state = .passing
    }

    var isInBody: Bool {
        if case .body = state { true } else { false }
    }

    func fault(
        _ code: ZMTPFault.Code, at offset: UInt64, _ message: String, _ events: inout [ZMTPEvent]
    ) {
        events.append(.fault(ZMTPFault(code: code, offset: offset, message: message)))
    }
}
