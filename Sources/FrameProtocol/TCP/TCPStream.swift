/// One direction of a TCP connection, put in order: segments in any order in, bytes and gaps out.
///
/// Sequence numbers are unwrapped to 64 bits relative to the next expected one. Retransmits and overlaps are cut off
/// (the bytes that came first count); what arrives early waits, until the hole before it is filled or a bound is
/// passed: then the hole becomes a gap. A stream whose SYN was not seen begins at the lowest sequence number of
/// its first segments. FIN and RST wait for what lies before them as data does.
struct TCPStream {
    enum Phase {
        /// No SYN seen: the lowest sequence number is not known yet.
        case settling(since: Int64)
        case open
        case closed
    }

    /// The end of a stream, as its sender told it.
    struct Announcement {
        /// Behind the last byte.
        var place: UInt64
        var ending: TCPEvent.Ending
    }

    let flow: Flow
    var phase: Phase
    /// The next byte expected; while settling, the first segment's.
    var next: UInt64
    /// Where the stream began.
    var beginning: UInt64
    private var isSYNSeen = false
    /// Where a FIN or RST said that the stream ends, until all before that is there.
    var announced: Announcement?
    var waiting = WaitingSegments()
    /// Implausible segments in a row.
    private var strays = 0
    /// Bytes that came more than once.
    var repeatedBytes: UInt64 = 0
    private(set) var lastTimestamp: Int64
    /// Unlike all other streams' of a reassembler, in the order in which they began; what `DeliveredBytes` knows it by.
    let number: UInt64

    /// So many implausible segments in a row are another connection, whose SYN the capture missed.
    private static let straysOfNewConnection = 16
    static let settlingNanoseconds: Int64 = 1_000_000_000
    /// Above all distances, so that sequence numbers before the first one stay positive.
    private static let origin: UInt64 = 1 << 33

    /// A stream that begins with `segment`, which is yet to be received.
    init(_ segment: TCPSegment, at timestamp: Int64, number: UInt64) {
        self.number = number
        flow = segment.flow
        next = Self.origin + UInt64(segment.sequence)
        beginning = next
        lastTimestamp = timestamp
        phase = .settling(since: timestamp)
    }

    var waitingBytes: Int { waiting.bytes }
    /// Whether something of it becomes due by time alone.
    var isPending: Bool {
        switch phase {
        case .settling: true
        case .open: !waiting.isEmpty
        case .closed: false
        }
    }
    var isClosed: Bool { if case .closed = phase { true } else { false } }
    /// Whether any byte was delivered.
    var hasData: Bool { next > beginning }

    // MARK: Input

    /// Takes one segment; says by how much the waiting bytes changed, and how many of it came before.
    mutating func receive(
        _ segment: TCPSegment, at now: Int64, _ limits: TCPLimits, _ output: inout TCPOutput
    ) -> (waiting: Int, repeated: UInt64) {
        let (waitingBefore, repeatedBefore) = (waiting.bytes, repeatedBytes)
        take(segment, at: now, limits, &output)
        return (waiting.bytes - waitingBefore, repeatedBytes &- repeatedBefore)
    }

    /// Says what time it is; returns as `receive`.
    mutating func expire(
        at now: Int64, _ limits: TCPLimits, _ output: inout TCPOutput
    ) -> (waiting: Int, repeated: UInt64) {
        let (waitingBefore, repeatedBefore) = (waiting.bytes, repeatedBytes)
        settleOrGiveUp(now, limits, &output)
        return (waiting.bytes - waitingBefore, repeatedBytes &- repeatedBefore)
    }

    private mutating func take(
        _ segment: TCPSegment, at now: Int64, _ limits: TCPLimits, _ output: inout TCPOutput
    ) {
        lastTimestamp = now
        if segment.flags.contains(.syn) { begin(with: segment, now, limits, &output) }
        let length = UInt64(segment.payload.count) + UInt64(max(0, segment.missing))
        guard length > 0 || !segment.flags.isDisjoint(with: [.fin, .rst]) else {
            return settleOrGiveUp(now, limits, &output)
        }
        let start = unwrapped(segment)
        guard !isStray(start, length, limits) else { return receiveStray(segment, at: now, limits, &output) }
        strays = 0
        if isClosed {
            repeatedBytes &+= length
            return
        }
        let data = WaitingSegments.Piece(
            start: start, payload: segment.payload, count: UInt64(segment.payload.count), timestamp: now)
        accept(data, &output)
        if segment.missing > 0 {
            accept(.init(start: data.end, payload: [], count: UInt64(segment.missing), timestamp: now), &output)
        }
        if !segment.flags.isDisjoint(with: [.fin, .rst]) {
            announce(segment.flags.contains(.rst) ? .rst : .fin, at: start + length)
        }
        settleOrGiveUp(now, limits, &output)
    }

    /// Takes note of a FIN or RST. One that lies before bytes which were sent is no end of this stream (a repeated packet of
    /// an earlier connection, or a forged one): heeding it would cost all that follows.
    private mutating func announce(_ ending: TCPEvent.Ending, at place: UInt64) {
        if case .open = phase, place < max(next, waiting.end ?? 0) { return }
        if let announced, announced.place <= place { return }
        announced = Announcement(place: place, ending: ending)
    }

    /// Gives out all that waits, with the gaps before it, and closes.
    mutating func end(_ ending: TCPEvent.Ending, _ now: Int64, _ output: inout TCPOutput) {
        if isClosed { return }
        if case .settling = phase { settle(&output) }
        while !waiting.isEmpty { skipHole(&output) }
        // By itself, where all of it was there.
        if let announced, announced.place == next { return close(announced.ending, now, &output) }
        if let place = announced?.place, place > next {
            emit(.gap(place - next), now, &output)
            next = place
        }
        close(ending, now, &output)
    }

    // MARK: Beginning

    /// The 64-bit number of a segment's first byte of payload (SYN takes one of its own), nearest to `next`.
    private func unwrapped(_ segment: TCPSegment) -> UInt64 {
        let first = segment.flags.contains(.syn) ? segment.sequence &+ 1 : segment.sequence
        let distance = Int64(Int32(bitPattern: first &- UInt32(truncatingIfNeeded: next)))
        return UInt64(bitPattern: Int64(bitPattern: next) &+ distance)
    }

    private mutating func begin(
        with segment: TCPSegment, _ now: Int64, _ limits: TCPLimits, _ output: inout TCPOutput
    ) {
        let first = unwrapped(segment)
        defer { isSYNSeen = true }
        switch phase {
        case .settling where isBeforeWaiting(first, limits):
            phase = .open
            next = first
            beginning = first
            emit(.opened(atBeginning: true), now, &output)
            drain(&output)
        case .open where first == beginning, .closed where first == beginning,
            .open where !isSYNSeen && first <= next && !isStray(first, 0, limits):
            break  // sent again, or late
        case .settling, .open, .closed:
            end(.replaced, now, &output)
            let repeated = repeatedBytes
            self = TCPStream(segment, at: now, number: output.delivered.newStream())
            repeatedBytes = repeated
            next = unwrapped(segment)
            beginning = next
            phase = .open
            emit(.opened(atBeginning: true), now, &output)
        }
    }

    /// Whether a SYN with this first byte belongs to the segments that wait, and not to a connection after theirs.
    private func isBeforeWaiting(_ first: UInt64, _ limits: TCPLimits) -> Bool {
        guard let start = waiting.first?.start else { return true }
        return first <= start && start - first <= UInt64(limits.plausibleBytes)
    }

    mutating func settle(_ output: inout TCPOutput) {
        phase = .open
        if let first = waiting.first {
            next = first.start
            beginning = next
            emit(.opened(atBeginning: false), first.timestamp, &output)
        } else {
            emit(.opened(atBeginning: false), lastTimestamp, &output)
        }
        drain(&output)
    }

    private func isStray(_ start: UInt64, _ length: UInt64, _ limits: TCPLimits) -> Bool {
        let bound = UInt64(limits.plausibleBytes)
        return start > next + bound || start + length + bound < next
    }

    private mutating func receiveStray(
        _ segment: TCPSegment, at now: Int64, _ limits: TCPLimits, _ output: inout TCPOutput
    ) {
        strays += 1
        guard strays >= Self.straysOfNewConnection, !segment.payload.isEmpty else { return }
        end(.replaced, now, &output)
        let repeated = repeatedBytes
        self = TCPStream(segment, at: now, number: output.delivered.newStream())
        repeatedBytes = repeated
        take(segment, at: now, limits, &output)
    }
}
