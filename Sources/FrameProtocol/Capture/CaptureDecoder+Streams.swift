/// From the events of TCP streams to messages, and to what was lost.
extension CaptureDecoder {
    mutating func process(_ messages: inout [CaptureMessage]) {
        var events: [TCPEvent] = []
        swap(&events, &tcpEvents)
        defer {
            events.removeAll(keepingCapacity: events.capacity <= 256)
            swap(&events, &tcpEvents)
        }
        for event in events {
            switch event.kind {
            case .opened(let atBeginning): open(event.flow, atBeginning, at: event.timestampNanoseconds)
            case .bytes(let bytes):
                decode(event, &messages) {
                    $0.bytes &+= UInt64(bytes.count)
                } _: { stream, found in
                    bytes.withUnsafeBufferPointer { stream.decoder.receive($0, into: &found) }
                }
            case .gap(let missing):
                decode(event, &messages) {
                    $0.gaps += 1
                    $0.gapBytes &+= missing
                } _: { stream, found in
                    if !stream.decoder.isPassing {
                        stream.losses.gap(
                            missing, isPlaceKnown: !stream.decoder.isSearching, event.flow,
                            at: event.timestampNanoseconds)
                    }
                    stream.decoder.skip(missing, into: &found)
                }
            case .closed(let ending): close(event.flow, ending, at: event.timestampNanoseconds)
            }
        }
    }

    private mutating func open(_ flow: Flow, _ atBeginning: Bool, at time: Int64) {
        if let stream = streams[flow] { close(flow, .replaced, at: stream.lastTimestamp) }
        let place = listed[flow]
        let isRest = forgotten.remove(flow) != nil && !atBeginning
        streams[flow] = Stream(
            decoder: ZMTPDecoder(limits: limits.zmtp, start: atBeginning ? .beginning : .unknown),
            losses: isRest ? LossTracker(forgotten: flow, at: time) : LossTracker(), listed: place,
            isForward: place.map { statistics.connections[$0].client == flow.source } ?? true)
    }

    mutating func close(_ flow: Flow, _ ending: TCPEvent.Ending, at time: Int64) {
        guard var stream = streams.removeValue(forKey: flow) else { return }
        if ending == .evicted {
            if stream.decoder.isInStep || stream.losses.isForgotten { remember(flow) }
            stream.losses.forget()
        }
        unfinishedBytes -= stream.decoder.bufferedBytes
        let passed = stream.decoder.passedBytes
        var found: [ZMTPEvent] = []
        stream.decoder.finish(into: &found)
        for event in found {
            statistics.tally(stream.listed, stream.isForward) { $0.count(event) }
            stream.losses.note(event, flow, at: time, settled: &settledLosses)
        }
        stream.losses.finish(skippedBytes: passed, settled: &settledLosses)
        countLosses()
    }

    /// Notes that a connection was forgotten, so that its rest is not taken for one that began before the capture.
    private mutating func remember(_ flow: Flow) {
        if forgotten.count >= limits.tcp.streams { forgotten = [] }
        forgotten.insert(flow)
    }

    @inline(__always)
    private mutating func decode(
        _ event: TCPEvent, _ messages: inout [CaptureMessage], tally: (inout CaptureDirection) -> Void,
        _ body: (inout Stream, inout [ZMTPEvent]) -> Void
    ) {
        guard let index = streams.index(forKey: event.flow) else { return }
        // One access for all that a segment needs: each one more to a dictionary's value may copy it.
        let (place, isForward, growth) = streams.values[index].decode(
            at: event.timestampNanoseconds, event.flow, into: &zmtpEvents, &settledLosses, body)
        statistics.tally(place, isForward, tally)
        unfinishedBytes += growth
        if !settledLosses.isEmpty { countLosses() }
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

    private mutating func countLosses() {
        for loss in settledLosses { statistics.count(loss, listedUpTo: limits.listedLosses) }
        settledLosses.removeAll(keepingCapacity: true)
    }
}

extension CaptureDecoder.Stream {
    @inline(__always)
    fileprivate mutating func decode(
        at time: Int64, _ flow: Flow, into events: inout [ZMTPEvent], _ settled: inout [CaptureLoss],
        _ body: (inout Self, inout [ZMTPEvent]) -> Void
    ) -> (listed: Int?, isForward: Bool, growth: Int) {
        let before = decoder.bufferedBytes
        body(&self, &events)
        lastTimestamp = time
        for event in events { losses.note(event, flow, at: time, settled: &settled) }
        if !losses.isIdle { losses.pause(isIntact: decoder.isIntact, settled: &settled) }
        return (listed, isForward, decoder.bufferedBytes - before)
    }
}
