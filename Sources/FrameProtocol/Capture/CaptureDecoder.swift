/// From captured packets to ZeroMQ messages: link layer, TCP reassembly and ZMTP, one after the other.
///
/// A pure state machine: the same packets give the same messages and statistics.
public struct CaptureDecoder: Sendable {
    public let limits: CaptureLimits
    /// What has been seen so far.
    public internal(set) var statistics = CaptureStatistics()

    struct Stream {
        var decoder: ZMTPDecoder
        var losses = LossTracker()
        /// Place in `statistics.connections`; nil if it is not listed.
        var listed: Int?
        var isForward: Bool
        /// Capture time of its last bytes, ns.
        var lastTimestamp: Int64 = 0
    }

    private var fragments: FragmentReassembler
    private var reassembler: TCPReassembler
    var streams: [Flow: Stream] = [:]
    /// Places in `statistics.connections`, under both directions.
    var listed: [Flow: Int] = [:]
    /// Directions that were forgotten in the middle and have not come up again; at most as many as streams.
    var forgotten: Set<Flow> = []
    var unfinishedBytes = 0
    var tcpEvents: [TCPEvent] = []
    var zmtpEvents: [ZMTPEvent] = []
    var settledLosses: [CaptureLoss] = []
    /// Capture time of the last packet, and the one up to which the reassembler was told of.
    private var lastTimestamp: Int64?
    private var expiredTimestamp: Int64 = 0
    private static let expiryInterval: Int64 = 1_000_000_000

    public init(limits: CaptureLimits = CaptureLimits()) {
        self.limits = limits
        fragments = FragmentReassembler(limits: limits.fragments)
        reassembler = TCPReassembler(limits: limits.tcp)
    }

    /// Takes one packet.
    ///
    /// - Returns: the messages that it completed, of any topic, and those that its time made due: they had waited for a
    ///   missing segment for `TCPLimits.waitingNanoseconds`, in whatever connection.
    /// - Complexity: amortised O(bytes) for packets in order.
    public mutating func receive(_ packet: CapturePacket) -> [CaptureMessage] {
        statistics.packets += 1
        statistics.bytes &+= UInt64(packet.bytes.count)
        var messages: [CaptureMessage] = []
        if let segment = segment(in: packet) { receive(segment, at: packet.timestampNanoseconds, &messages) }
        expire(at: packet.timestampNanoseconds, &messages)
        return messages
    }

    private mutating func receive(_ segment: TCPSegment, at time: Int64, _ messages: inout [CaptureMessage]) {
        statistics.tcpPackets += 1
        if segment.missing > 0 { statistics.cutPackets += 1 }
        list(segment)
        reassembler.receive(segment, at: time, into: &tcpEvents)
        process(&messages)
        while bufferedBytes > limits.bufferedBytes, let flow = leastRecentHolder() {
            reassembler.evict(flow, at: time, into: &tcpEvents)
            process(&messages)
        }
        noteRepeats()
    }

    /// Gives out what has waited for too long, once for each second of the capture.
    private mutating func expire(at time: Int64, _ messages: inout [CaptureMessage]) {
        // The lower of two times: a single wrong one makes nothing due.
        let now = min(time, lastTimestamp ?? time)
        lastTimestamp = time
        guard now < expiredTimestamp || now &- expiredTimestamp >= Self.expiryInterval else { return }
        expiredTimestamp = now
        reassembler.expire(at: now, into: &tcpEvents)
        guard !tcpEvents.isEmpty else { return }
        process(&messages)
        noteRepeats()
    }

    /// Says that the capture has ended: gives out what still waited behind missing segments.
    public mutating func finish() -> [CaptureMessage] {
        var messages: [CaptureMessage] = []
        reassembler.finish(into: &tcpEvents)
        process(&messages)
        for flow in streams.keys.sorted(by: { $0.description < $1.description }) {
            close(flow, .captureEnded, at: streams[flow]?.lastTimestamp ?? 0)
        }
        noteRepeats()
        fragments.finish()
        statistics.fragments = fragments.counts
        return messages
    }

    /// Bytes held for what is not complete.
    public var bufferedBytes: Int { reassembler.waitingBytes + unfinishedBytes }

    /// The segment in a packet, or in the datagram that it completes; nil, and counted, if there is none.
    private mutating func segment(in packet: CapturePacket) -> TCPSegment? {
        do throws(PacketRejection) {
            let payload = try LinkLayer.payload(
                in: packet.bytes, linkType: packet.linkType, originalLength: packet.originalLength)
            switch payload {
            case .segment(let segment): return segment
            case .fragment(let fragment):
                defer { statistics.fragments = fragments.counts }
                return try fragments.receive(fragment, at: packet.timestampNanoseconds)
            }
        } catch {
            statistics.rejections[error, default: 0] += 1
            if error == .unsupportedLinkType { statistics.unsupportedLinkTypes.insert(packet.linkType) }
            return nil
        }
    }

    private mutating func noteRepeats() {
        statistics.repeatedBytes = reassembler.repeatedBytes
        statistics.conflictingBytes = reassembler.conflictingBytes
    }

    /// Of the streams that hold bytes, the one that was silent for longest. O(streams).
    private func leastRecentHolder() -> Flow? {
        reassembler.leastRecent { flow, waitingBytes in
            waitingBytes > 0 || (streams[flow]?.decoder.bufferedBytes ?? 0) > 0
        }
    }

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
