/// Puts the segments of many TCP connections in order, each direction by its 4-tuple.
///
/// Checksums are not verified: a capture on the sending machine shows them before the card fills them in. Memory is
/// bounded by `TCPLimits` for a direction, and by `streams` in number; the least recently active streams are then
/// forgotten, those without data first.
public struct TCPReassembler: Sendable {
    public let limits: TCPLimits
    /// Bytes that wait behind holes, of all streams.
    public private(set) var waitingBytes = 0
    /// Bytes that came more than once, of all streams.
    public private(set) var repeatedBytes: UInt64 = 0

    private var streams: [Flow: TCPStream] = [:]
    /// Those of `streams` of which something becomes due by time alone.
    private var pending: Set<Flow> = []
    private var output: TCPOutput

    public init(limits: TCPLimits = TCPLimits()) {
        self.limits = limits
        output = TCPOutput(delivered: DeliveredBytes(limit: limits.comparedBytes))
    }

    /// Those of `repeatedBytes` that came again with another value, as far as they could be compared: with what still
    /// waited, and with the last `TCPLimits.comparedBytes` delivered.
    public var conflictingBytes: UInt64 { output.conflictingBytes }

    /// Takes one segment and appends what it completes to `events`.
    ///
    /// - Parameter timestamp: capture time in ns; may step back.
    /// - Complexity: amortised O(1) for segments in order; O(waiting segments) for one out of order.
    public mutating func receive(_ segment: TCPSegment, at timestamp: Int64, into events: inout [TCPEvent]) {
        swap(&events, &output.events)
        defer { swap(&events, &output.events) }
        if let index = streams.index(forKey: segment.flow) {
            let wasPending = streams.values[index].isPending
            let change = streams.values[index].receive(segment, at: timestamp, limits, &output)
            waitingBytes += change.waiting
            repeatedBytes &+= change.repeated
            let isPending = streams.values[index].isPending
            if isPending != wasPending { note(segment.flow, isPending: isPending) }
            return
        }
        // Nothing to put in order: acknowledgements, and the answers to a port scan.
        guard !segment.payload.isEmpty || segment.missing > 0 || segment.flags.contains(.syn) else { return }
        if streams.count >= max(1, limits.streams) { evictLeastUseful(timestamp) }
        var stream = TCPStream(segment, at: timestamp, number: output.delivered.newStream())
        let change = stream.receive(segment, at: timestamp, limits, &output)
        waitingBytes += change.waiting
        repeatedBytes &+= change.repeated
        if stream.isPending { note(segment.flow, isPending: true) }
        streams[segment.flow] = stream
    }

    /// Says that it is `timestamp`: what has waited for too long is given out with the gaps before it, also of streams of
    /// which no segment came since.
    ///
    /// - Complexity: O(streams of which something waits).
    public mutating func expire(at timestamp: Int64, into events: inout [TCPEvent]) {
        guard !pending.isEmpty else { return }
        swap(&events, &output.events)
        defer { swap(&events, &output.events) }
        // In an order that does not change from run to run.
        for flow in pending.sorted(by: { number($0) < number($1) }) {
            guard let index = streams.index(forKey: flow) else { continue }
            let change = streams.values[index].expire(at: timestamp, limits, &output)
            waitingBytes += change.waiting
            repeatedBytes &+= change.repeated
            if !streams.values[index].isPending { note(flow, isPending: false) }
        }
    }

    /// Ends all streams: what waits is given out with its gaps.
    public mutating func finish(into events: inout [TCPEvent]) {
        swap(&events, &output.events)
        defer { swap(&events, &output.events) }
        // In an order that does not change from run to run: as they were last active, then by name.
        let ordered = streams.keys.sorted {
            let (first, second) = (streams[$0]?.lastTimestamp ?? 0, streams[$1]?.lastTimestamp ?? 0)
            return first == second ? $0.description < $1.description : first < second
        }
        for flow in ordered { end(flow, .captureEnded, nil) }
    }

    /// Forgets one stream: what waits is given out with its gaps.
    public mutating func evict(_ flow: Flow, at timestamp: Int64, into events: inout [TCPEvent]) {
        swap(&events, &output.events)
        defer { swap(&events, &output.events) }
        end(flow, .evicted, timestamp)
    }

    /// The least recently active stream that `isHolder`, given its waiting bytes. O(streams).
    func leastRecent(where isHolder: (Flow, Int) -> Bool) -> Flow? {
        streams.filter { isHolder($0.key, $0.value.waitingBytes) }
            .min { ($0.value.lastTimestamp, $0.value.number) < ($1.value.lastTimestamp, $1.value.number) }?.key
    }

    private func number(_ flow: Flow) -> UInt64 { streams[flow]?.number ?? 0 }

    private mutating func note(_ flow: Flow, isPending: Bool) {
        if isPending { pending.insert(flow) } else { pending.remove(flow) }
    }

    private mutating func end(_ flow: Flow, _ ending: TCPEvent.Ending, _ timestamp: Int64?) {
        guard var stream = streams.removeValue(forKey: flow) else { return }
        note(flow, isPending: false)
        waitingBytes -= stream.waitingBytes
        stream.end(ending, timestamp ?? stream.lastTimestamp, &output)
    }

    /// Forgets an eighth of the streams at once, so that a port scan does not cost a search for each of its packets.
    private mutating func evictLeastUseful(_ timestamp: Int64) {
        let ranked = streams.map { flow, stream in
            (flow: flow, rank: (stream.isClosed ? 0 : stream.hasData ? 2 : 1, stream.lastTimestamp, stream.number))
        }
        for entry in ranked.sorted(by: { $0.rank < $1.rank }).prefix(max(1, streams.count / 8)) {
            end(entry.flow, .evicted, timestamp)
        }
    }
}
