/// One direction of a TCP connection, put in order: segments in any order in, bytes and gaps out.
///
/// Sequence numbers are unwrapped to 64 bits relative to the next expected one. Retransmits and overlaps are cut off
/// (the bytes that came first count); what arrives early waits, until the hole before it is filled or a bound is
/// passed: then the hole becomes a gap. A stream whose SYN was not seen begins at the lowest sequence number of
/// its first segments.
struct TCPStream {
    private enum Phase {
        /// No SYN seen: the lowest sequence number is not known yet.
        case settling(since: Int64)
        case open
        case closed
    }

    private let flow: Flow
    private var phase: Phase
    /// The next byte expected; while settling, the first segment's.
    private var next: UInt64
    /// Where the stream began.
    private var beginning: UInt64
    private var isSYNSeen = false
    /// Behind the last byte, once a FIN said so.
    private var finish: UInt64?
    private var waiting = WaitingSegments()
    /// Implausible segments in a row.
    private var strays = 0
    /// Bytes that came more than once.
    private var repeatedBytes: UInt64 = 0
    private(set) var lastTimestamp: Int64

    /// So many implausible segments in a row are another connection, whose SYN the capture missed.
    private static let straysOfNewConnection = 16
    private static let settlingNanoseconds: Int64 = 1_000_000_000
    /// Above all distances, so that sequence numbers before the first one stay positive.
    private static let origin: UInt64 = 1 << 33

    /// A stream that begins with `segment`, which is yet to be received.
    init(_ segment: TCPSegment, at timestamp: Int64) {
        flow = segment.flow
        next = Self.origin + UInt64(segment.sequence)
        beginning = next
        lastTimestamp = timestamp
        phase = .settling(since: timestamp)
    }

    var waitingBytes: Int { waiting.bytes }
    var isClosed: Bool { if case .closed = phase { true } else { false } }
    /// Whether any byte was delivered.
    var hasData: Bool { next > beginning }

    // MARK: Input

    /// Takes one segment; says by how much the waiting bytes changed, and how many of it came before.
    mutating func receive(
        _ segment: TCPSegment, at now: Int64, _ limits: TCPLimits, _ events: inout [TCPEvent]
    ) -> (waiting: Int, repeated: UInt64) {
        let (waitingBefore, repeatedBefore) = (waiting.bytes, repeatedBytes)
        take(segment, at: now, limits, &events)
        return (waiting.bytes - waitingBefore, repeatedBytes &- repeatedBefore)
    }

    private mutating func take(
        _ segment: TCPSegment, at now: Int64, _ limits: TCPLimits, _ events: inout [TCPEvent]
    ) {
        lastTimestamp = now
        if segment.flags.contains(.syn) { begin(with: segment, now, limits, &events) }
        let length = UInt64(segment.payload.count) + UInt64(max(0, segment.missing))
        guard length > 0 || !segment.flags.isDisjoint(with: [.fin, .rst]) else {
            return settleOrGiveUp(now, limits, &events)
        }
        let start = unwrapped(segment)
        guard !isStray(start, length, limits) else { return receiveStray(segment, at: now, limits, &events) }
        strays = 0
        if isClosed {
            repeatedBytes &+= length
            return
        }
        let data = WaitingSegments.Piece(
            start: start, payload: segment.payload, count: UInt64(segment.payload.count), timestamp: now)
        accept(data, &events)
        if segment.missing > 0 {
            accept(.init(start: data.end, payload: [], count: UInt64(segment.missing), timestamp: now), &events)
        }
        if segment.flags.contains(.fin), finish == nil { finish = start + length }
        settleOrGiveUp(now, limits, &events)
        if segment.flags.contains(.rst) { end(.rst, now, &events) }
    }

    /// Gives out all that waits, with the gaps before it, and closes.
    mutating func end(_ ending: TCPEvent.Ending, _ now: Int64, _ events: inout [TCPEvent]) {
        if isClosed { return }
        if case .settling = phase { settle(&events) }
        while !waiting.isEmpty { skipHole(&events) }
        if let finish, finish > next, case .open = phase {
            emit(.gap(finish - next), now, &events)
            next = finish
        }
        close(ending, now, &events)
    }

    // MARK: Beginning

    /// The 64-bit number of a segment's first byte of payload (SYN takes one of its own), nearest to `next`.
    private func unwrapped(_ segment: TCPSegment) -> UInt64 {
        let first = segment.flags.contains(.syn) ? segment.sequence &+ 1 : segment.sequence
        let distance = Int64(Int32(bitPattern: first &- UInt32(truncatingIfNeeded: next)))
        return UInt64(bitPattern: Int64(bitPattern: next) &+ distance)
    }

    private mutating func begin(
        with segment: TCPSegment, _ now: Int64, _ limits: TCPLimits, _ events: inout [TCPEvent]
    ) {
        let first = unwrapped(segment)
        defer { isSYNSeen = true }
        switch phase {
        case .settling:
            phase = .open
            next = first
            beginning = first
            emit(.opened(atBeginning: true), now, &events)
            drain(&events)
        case .open where first == beginning, .open where !isSYNSeen && first <= next && !isStray(first, 0, limits):
            break  // sent again, or late
        case .open, .closed:
            end(.replaced, now, &events)
            let repeated = repeatedBytes
            self = TCPStream(segment, at: now)
            repeatedBytes = repeated
            next = unwrapped(segment)
            beginning = next
            phase = .open
            emit(.opened(atBeginning: true), now, &events)
        }
    }

    private mutating func settle(_ events: inout [TCPEvent]) {
        phase = .open
        if let first = waiting.first {
            next = first.start
            beginning = next
            emit(.opened(atBeginning: false), first.timestamp, &events)
        } else {
            emit(.opened(atBeginning: false), lastTimestamp, &events)
        }
        drain(&events)
    }

    private func isStray(_ start: UInt64, _ length: UInt64, _ limits: TCPLimits) -> Bool {
        let bound = UInt64(limits.plausibleBytes)
        return start > next + bound || start + length + bound < next
    }

    private mutating func receiveStray(
        _ segment: TCPSegment, at now: Int64, _ limits: TCPLimits, _ events: inout [TCPEvent]
    ) {
        strays += 1
        guard strays >= Self.straysOfNewConnection, !segment.payload.isEmpty else { return }
        end(.replaced, now, &events)
        let repeated = repeatedBytes
        self = TCPStream(segment, at: now)
        repeatedBytes = repeated
        take(segment, at: now, limits, &events)
    }

    // MARK: Order

    private mutating func accept(_ piece: WaitingSegments.Piece, _ events: inout [TCPEvent]) {
        guard piece.count > 0 else { return }
        guard case .open = phase else {
            repeatedBytes &+= waiting.insert(piece)
            return
        }
        if piece.end <= next {
            repeatedBytes &+= piece.count
        } else if piece.start <= next, waiting.isEmpty {
            deliver(piece, &events)
        } else {
            repeatedBytes &+= waiting.insert(piece)
            drain(&events)
        }
    }

    private mutating func deliver(_ piece: WaitingSegments.Piece, _ events: inout [TCPEvent]) {
        if piece.start < next { repeatedBytes &+= next - piece.start }
        let part = piece.start < next ? piece.part(next..<piece.end) : piece
        next = part.end
        emit(part.payload.isEmpty ? .gap(part.count) : .bytes(part.payload), part.timestamp, &events)
    }

    /// Delivers what follows without a hole.
    private mutating func drain(_ events: inout [TCPEvent]) {
        while let first = waiting.first, first.start <= next {
            waiting.removeFirst()
            if first.end > next { deliver(first, &events) } else { repeatedBytes &+= first.count }
        }
    }

    private mutating func skipHole(_ events: inout [TCPEvent]) {
        guard let first = waiting.first else { return }
        if first.start > next {
            emit(.gap(first.start - next), first.timestamp, &events)
            next = first.start
        }
        drain(&events)
    }

    private mutating func settleOrGiveUp(_ now: Int64, _ limits: TCPLimits, _ events: inout [TCPEvent]) {
        if case .settling(let since) = phase {
            let isDue =
                waiting.count >= limits.settlingSegments || waiting.bytes > limits.waitingBytes / 2
                || now &- since > Self.settlingNanoseconds || finish != nil
            if isDue { settle(&events) }
        }
        guard case .open = phase else { return }
        while let first = waiting.first,
            waiting.bytes > limits.waitingBytes || waiting.count > limits.waitingSegments
                || now &- first.timestamp > limits.waitingNanoseconds
        {
            skipHole(&events)
        }
        if let finish, next >= finish { close(.fin, now, &events) }
    }

    private mutating func close(_ ending: TCPEvent.Ending, _ now: Int64, _ events: inout [TCPEvent]) {
        phase = .closed
        waiting = WaitingSegments()
        emit(.closed(ending), now, &events)
    }

    private func emit(_ kind: TCPEvent.Kind, _ timestamp: Int64, _ events: inout [TCPEvent]) {
        events.append(TCPEvent(flow: flow, timestampNanoseconds: timestamp, kind: kind))
    }
}
