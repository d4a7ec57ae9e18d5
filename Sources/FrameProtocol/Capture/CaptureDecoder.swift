/// From captured packets to ZeroMQ messages: link layer, TCP reassembly and ZMTP, one after the other.
///
/// A pure state machine: the same packets give the same messages and statistics.
public struct CaptureDecoder: Sendable {
    public let limits: CaptureLimits
    /// What has been seen so far.
    public private(set) var statistics = CaptureStatistics()

    private struct Stream {
        var decoder: ZMTPDecoder
        /// Place in `statistics.connections`; nil if it is not listed.
        var listed: Int?
        var isForward: Bool

        /// One access for all that a segment needs: each one more to a dictionary's value may copy it.
        @inline(__always)
        mutating func decode(
            into events: inout [ZMTPEvent], _ body: (inout ZMTPDecoder, inout [ZMTPEvent]) -> Void
        ) -> (listed: Int?, isForward: Bool, growth: Int) {
            let before = decoder.bufferedBytes
            body(&decoder, &events)
            return (listed, isForward, decoder.bufferedBytes - before)
        }
    }

    private var reassembler: TCPReassembler
    private var streams: [Flow: Stream] = [:]
    /// Places in `statistics.connections`, under both directions.
    private var listed: [Flow: Int] = [:]
    private var unfinishedBytes = 0
    private var tcpEvents: [TCPEvent] = []
    private var zmtpEvents: [ZMTPEvent] = []

    public init(limits: CaptureLimits = CaptureLimits()) {
        self.limits = limits
        reassembler = TCPReassembler(limits: limits.tcp)
    }

    /// Takes one packet.
    ///
    /// - Returns: the messages that it completed, of any topic.
    /// - Complexity: amortised O(bytes) for packets in order.
    public mutating func receive(_ packet: CapturePacket) -> [CaptureMessage] {
        statistics.packets += 1
        statistics.bytes &+= UInt64(packet.bytes.count)
        let segment: TCPSegment
        do {
            segment = try LinkLayer.segment(
                in: packet.bytes, linkType: packet.linkType, originalLength: packet.originalLength)
        } catch {
            statistics.rejections[error, default: 0] += 1
            if error == .unsupportedLinkType { statistics.unsupportedLinkTypes.insert(packet.linkType) }
            return []
        }
        statistics.tcpPackets += 1
        if segment.missing > 0 { statistics.cutPackets += 1 }
        list(segment)
        var messages: [CaptureMessage] = []
        reassembler.receive(segment, at: packet.timestampNanoseconds, into: &tcpEvents)
        process(&messages)
        while bufferedBytes > limits.bufferedBytes, let flow = leastRecentHolder() {
            reassembler.evict(flow, at: packet.timestampNanoseconds, into: &tcpEvents)
            process(&messages)
        }
        statistics.repeatedBytes = reassembler.repeatedBytes
        return messages
    }

    /// Says that the capture has ended: gives out what still waited behind missing segments.
    public mutating func finish() -> [CaptureMessage] {
        var messages: [CaptureMessage] = []
        reassembler.finish(into: &tcpEvents)
        process(&messages)
        for flow in streams.keys.sorted(by: { $0.description < $1.description }) { close(flow) }
        statistics.repeatedBytes = reassembler.repeatedBytes
        return messages
    }

    /// Bytes held for what is not complete.
    public var bufferedBytes: Int { reassembler.waitingBytes + unfinishedBytes }

    // MARK: Streams

    private mutating func process(_ messages: inout [CaptureMessage]) {
        var events: [TCPEvent] = []
        swap(&events, &tcpEvents)
        defer {
            events.removeAll(keepingCapacity: events.capacity <= 256)
            swap(&events, &tcpEvents)
        }
        for event in events {
            switch event.kind {
            case .opened(let atBeginning): open(event.flow, atBeginning)
            case .bytes(let bytes):
                decode(event, &messages) {
                    $0.bytes &+= UInt64(bytes.count)
                } _: { decoder, found in
                    bytes.withUnsafeBufferPointer { decoder.receive($0, into: &found) }
                }
            case .gap(let missing):
                decode(event, &messages) {
                    $0.gaps += 1
                    $0.gapBytes &+= missing
                } _: { decoder, found in
                    decoder.skip(missing, into: &found)
                }
            case .closed: close(event.flow)
            }
        }
    }

    private mutating func open(_ flow: Flow, _ atBeginning: Bool) {
        if streams[flow] != nil { close(flow) }
        let place = listed[flow]
        streams[flow] = Stream(
            decoder: ZMTPDecoder(limits: limits.zmtp, start: atBeginning ? .beginning : .unknown), listed: place,
            isForward: place.map { statistics.connections[$0].client == flow.source } ?? true)
    }

    private mutating func close(_ flow: Flow) {
        guard var stream = streams.removeValue(forKey: flow) else { return }
        unfinishedBytes -= stream.decoder.bufferedBytes
        var found: [ZMTPEvent] = []
        stream.decoder.finish(into: &found)
        for event in found { statistics.tally(stream.listed, stream.isForward) { $0.count(event) } }
    }

    @inline(__always)
    private mutating func decode(
        _ event: TCPEvent, _ messages: inout [CaptureMessage], tally: (inout CaptureDirection) -> Void,
        _ body: (inout ZMTPDecoder, inout [ZMTPEvent]) -> Void
    ) {
        guard let index = streams.index(forKey: event.flow) else { return }
        let (place, isForward, growth) = streams.values[index].decode(into: &zmtpEvents, body)
        statistics.tally(place, isForward, tally)
        unfinishedBytes += growth
        guard !zmtpEvents.isEmpty else { return }
        for found in zmtpEvents {
            statistics.tally(place, isForward) { $0.count(found) }
            if case .message(let parts) = found {
                messages.append(
                    CaptureMessage(flow: event.flow, timestampNanoseconds: event.timestampNanoseconds, parts: parts))
            }
        }
        zmtpEvents.removeAll(keepingCapacity: true)
    }

    /// Of the streams that hold bytes, the one that was silent for longest. O(streams).
    private func leastRecentHolder() -> Flow? {
        reassembler.leastRecent { flow, waitingBytes in
            waitingBytes > 0 || (streams[flow]?.decoder.bufferedBytes ?? 0) > 0
        }
    }

    // MARK: Statistics

    private mutating func list(_ segment: TCPSegment) {
        let flow = segment.flow
        let opens = segment.flags.contains(.syn) && !segment.flags.contains(.ack)
        if let place = listed[flow] {
            statistics.connections[place].packets += 1
            return
        }
        guard statistics.connections.count < limits.listedConnections else {
            if opens { statistics.unlistedConnections += 1 }
            return
        }
        // Without a SYN, the one with the higher port is taken for the client.
        let answers = segment.flags.isSuperset(of: [.syn, .ack])
        let isFromClient = opens || (!answers && flow.source.port >= flow.destination.port)
        let place = statistics.connections.count
        statistics.connections.append(
            CaptureConnection(
                client: isFromClient ? flow.source : flow.destination,
                server: isFromClient ? flow.destination : flow.source))
        statistics.connections[place].packets = 1
        listed[flow] = place
        listed[flow.reversed] = place
    }
}
