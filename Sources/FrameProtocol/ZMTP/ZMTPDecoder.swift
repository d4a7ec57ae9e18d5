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

    private enum State {
        case greeting
        case frameHeader
        case body
        case searching
        /// Nothing of the rest is decoded: not ZMTP, or hidden by the mechanism.
        case passing
    }

    public let limits: ZMTPLimits
    /// The peer's greeting, once it came.
    public private(set) var greeting: ZMTPGreeting?
    /// `Socket-Type` of the peer's READY, once it came.
    public private(set) var socketType: String?

    private let start: Start
    private var state: State
    /// Bytes of the stream so far, gaps included.
    private var position: UInt64 = 0
    /// A greeting or frame header that is not complete.
    private var scratch: [UInt8] = []
    private var frame = ZMTPFrame()
    private var message = ZMTPMessage()
    private var search = TopicSearch()

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
            if frame.remaining == 0 { finishFrame(&events) }
        case .body, .frameHeader, .greeting: loseState(&events)
        }
    }

    /// Says that the stream has ended; a message begun is lost.
    public mutating func finish(into events: inout [ZMTPEvent]) {
        if message.isBegun || (isInBody && !frame.isCommand) { events.append(.messageLost) }
        message = ZMTPMessage()
        frame = ZMTPFrame()
        scratch = []
        search = TopicSearch()
        state = .passing
    }

    private var isInBody: Bool {
        if case .body = state { true } else { false }
    }

    // MARK: Greeting

    private mutating func takeGreeting(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ events: inout [ZMTPEvent]) -> Int {
        let wanted = scratch.count < 11 ? 1 : ZMTPGreeting.byteCount - scratch.count
        if scratch.isEmpty, start == .unknown, bytes.first != 0xFF {
            // No frame begins with FF, so any other byte is the middle of a stream.
            beginSearch()
            return 0
        }
        let taken = bytes.prefix(wanted)
        scratch += taken
        if let fault = ZMTPGreeting.fault(in: scratch) {
            if start == .unknown {
                searchAgain(&events)
            } else {
                events.append(.fault(fault))
                scratch = []
                state = .passing
            }
            return taken.count
        }
        if scratch.count == ZMTPGreeting.byteCount {
            let greeting = ZMTPGreeting(scratch)
            self.greeting = greeting
            scratch = []
            state = greeting.isReadable ? .frameHeader : .passing
            events.append(.greeting(greeting))
        }
        return taken.count
    }

    // MARK: Frames

    private mutating func takeFrameHeader(
        _ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ events: inout [ZMTPEvent]
    ) -> Int {
        var taken = 0
        for byte in bytes {
            scratch.append(byte)
            taken += 1
            if scratch.count == 1, !ZMTPFrame.areValid(flags: byte) {
                fault(
                    .invalidFlags, at: position &+ UInt64(taken) &- 1,
                    "expected frame flags 00 to 04 or 06, found \(hexadecimal([byte])); the stream is damaged", &events)
                loseState(&events)
                return taken
            }
            if let header = ZMTPFrame(header: scratch) {
                scratch.removeAll(keepingCapacity: true)
                begin(header, at: position &+ UInt64(taken), &events)
                return taken
            }
        }
        return taken
    }

    private mutating func begin(_ header: ZMTPFrame, at place: UInt64, _ events: inout [ZMTPEvent]) {
        frame = header
        state = .body
        let size = frame.remaining
        if frame.isCommand {
            if size > UInt64(limits.commandBytes) {
                let text = "expected a command of at most \(limits.commandBytes) bytes, found \(size)"
                fault(.commandTooLarge, at: place, text, &events)
                frame.isKept = false
            }
        } else {
            if let excess = message.excess(ofFrame: size, limits) {
                fault(excess.code, at: place, excess.message, &events)
                message.spoil()
            }
            frame.isKept = !message.isSpoiled
        }
        if size > limits.believableBytes {
            loseState(&events)
        } else if size == 0 {
            finishFrame(&events)
        }
    }

    private mutating func takeBody(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ events: inout [ZMTPEvent]) -> Int {
        let taken = Int(min(frame.remaining, UInt64(bytes.count)))
        if frame.isKept { frame.append(UnsafeBufferPointer(rebasing: bytes.prefix(taken))) }
        frame.remaining -= UInt64(taken)
        if frame.remaining == 0 { finishFrame(&events) }
        return taken
    }

    private mutating func finishFrame(_ events: inout [ZMTPEvent]) {
        let ended = frame
        frame = ZMTPFrame()
        state = .frameHeader
        if ended.isCommand {
            if ended.isKept { finishCommand(ended.body, &events) }
            return
        }
        if ended.isKept { message.append(ended.body) } else { message.spoil() }
        if ended.hasMore { return }
        if message.isSpoiled {
            events.append(.messageLost)
        } else if let command = subscription(message.parts) {
            events.append(.command(command))
        } else {
            events.append(.message(parts: message.parts))
        }
        message = ZMTPMessage()
    }

    private mutating func finishCommand(_ body: [UInt8], _ events: inout [ZMTPEvent]) {
        do {
            let command = try ZMTPCommand(body)
            if let type = command.socketType { socketType = type }
            events.append(.command(command))
        } catch {
            fault(.malformedCommand, at: position, error.message, &events)
        }
    }

    /// A 3.0 subscriber subscribes by a message: 01 or 00, then the topic.
    private func subscription(_ parts: [[UInt8]]) -> ZMTPCommand? {
        guard socketType == "SUB" || socketType == "XSUB", parts.count == 1, let first = parts[0].first else {
            return nil
        }
        return switch first {
        case 0: .cancel(topic: Array(parts[0].dropFirst()))
        case 1: .subscribe(topic: Array(parts[0].dropFirst()))
        default: nil
        }
    }

    // MARK: Losing the place and finding it again

    private mutating func loseState(_ events: inout [ZMTPEvent]) {
        if message.isBegun || (isInBody && !frame.isCommand) { events.append(.messageLost) }
        message = ZMTPMessage()
        frame = ZMTPFrame()
        events.append(.stateLost)
        beginSearch()
    }

    private mutating func beginSearch() {
        scratch = []
        search = TopicSearch()
        state = .searching
    }

    /// What looked like a greeting was the middle of a stream: a topic may begin in the bytes held for it.
    private mutating func searchAgain(_ events: inout [ZMTPEvent]) {
        let held = scratch
        beginSearch()
        // The caller counts the bytes that it is taking; `receive` counts all of them.
        position &-= UInt64(held.count)
        held.withUnsafeBufferPointer { receive($0, into: &events) }
    }

    private mutating func takeSearching(
        _ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ events: inout [ZMTPEvent]
    ) -> Int {
        guard let found = search.take(bytes) else { return bytes.count }
        events.append(.resynchronized(skippedBytes: search.skippedBytes))
        message.append(found.topic)
        search = TopicSearch()
        state = .frameHeader
        return found.taken
    }

    private func fault(
        _ code: ZMTPFault.Code, at offset: UInt64, _ message: String, _ events: inout [ZMTPEvent]
    ) {
        events.append(.fault(ZMTPFault(code: code, offset: offset, message: message)))
    }
}
