/// Putting pieces in order, and giving up on those that do not come.
extension TCPStream {
    mutating func accept(_ piece: WaitingSegments.Piece, _ output: inout TCPOutput) {
        guard piece.count > 0 else { return }
        guard case .open = phase else {
            wait(piece, &output)
            return
        }
        if piece.end <= next {
            noteRepeated(piece, &output)
        } else if piece.start <= next, waiting.isEmpty {
            deliver(piece, &output)
        } else {
            wait(piece, &output)
            drain(&output)
        }
    }

    private mutating func deliver(_ piece: WaitingSegments.Piece, _ output: inout TCPOutput) {
        if piece.start < next { noteRepeated(piece.part(piece.start..<next), &output) }
        let part = piece.start < next ? piece.part(next..<piece.end) : piece
        next = part.end
        if !part.payload.isEmpty { output.delivered.append(part.payload, start: part.start, stream: number) }
        emit(part.payload.isEmpty ? .gap(part.count) : .bytes(part.payload), part.timestamp, &output)
    }

    /// Delivers what follows without a hole.
    mutating func drain(_ output: inout TCPOutput) {
        while let first = waiting.first, first.start <= next {
            waiting.removeFirst()
            if first.end > next { deliver(first, &output) } else { noteRepeated(first, &output) }
        }
    }

    private mutating func wait(_ piece: WaitingSegments.Piece, _ output: inout TCPOutput) {
        let (repeated, conflicting) = waiting.insert(piece)
        repeatedBytes &+= repeated
        output.conflictingBytes &+= conflicting
    }

    /// Of bytes sent twice, the first to arrive count.
    private mutating func noteRepeated(_ piece: WaitingSegments.Piece, _ output: inout TCPOutput) {
        repeatedBytes &+= piece.count
        guard !piece.payload.isEmpty else { return }
        output.conflictingBytes &+= output.delivered.conflicts(piece.payload, start: piece.start, stream: number)
    }

    mutating func skipHole(_ output: inout TCPOutput) {
        guard let first = waiting.first else { return }
        if first.start > next {
            emit(.gap(first.start - next), first.timestamp, &output)
            next = first.start
        }
        drain(&output)
    }

    mutating func settleOrGiveUp(_ now: Int64, _ limits: TCPLimits, _ output: inout TCPOutput) {
        if case .settling(let since) = phase {
            let isDue =
                waiting.count >= limits.settlingSegments || waiting.bytes > limits.waitingBytes / 2
                || now &- since > Self.settlingNanoseconds
            if isDue { settle(&output) }
        }
        guard case .open = phase else { return }
        while let first = waiting.first,
            waiting.bytes > limits.waitingBytes || waiting.count > limits.waitingSegments
                || now &- first.timestamp > limits.waitingNanoseconds
        {
            skipHole(&output)
        }
        guard let announced else { return }
        if next > announced.place || (next == announced.place && !waiting.isEmpty) {
            // There are bytes behind it: it was none.
            self.announced = nil
        } else if next == announced.place {
            close(announced.ending, now, &output)
        }
    }

    mutating func close(_ ending: TCPEvent.Ending, _ now: Int64, _ output: inout TCPOutput) {
        phase = .closed
        waiting = WaitingSegments()
        emit(.closed(ending), now, &output)
    }

    func emit(_ kind: TCPEvent.Kind, _ timestamp: Int64, _ output: inout TCPOutput) {
        output.events.append(TCPEvent(flow: flow, timestampNanoseconds: timestamp, kind: kind))
    }
}
