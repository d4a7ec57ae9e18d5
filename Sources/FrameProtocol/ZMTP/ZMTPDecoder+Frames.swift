extension ZMTPDecoder {
    mutating func takeFrameHeader(
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
            finishFrame(at: place, &events)
        }
    }

    mutating func takeBody(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ events: inout [ZMTPEvent]) -> Int {
        let taken = Int(min(frame.remaining, UInt64(bytes.count)))
        if frame.isKept { frame.append(UnsafeBufferPointer(rebasing: bytes.prefix(taken))) }
        frame.remaining -= UInt64(taken)
        if frame.remaining == 0 { finishFrame(at: position &+ UInt64(taken), &events) }
        return taken
    }

    /// - Parameter place: bytes of the stream up to the frame's end.
    mutating func finishFrame(at place: UInt64, _ events: inout [ZMTPEvent]) {
        let ended = frame
        frame = ZMTPFrame()
        state = .frameHeader
        if ended.isCommand {
            if ended.isKept { finishCommand(ended.body, at: place, &events) }
            return
        }
        if ended.isKept { message.append(ended.body) } else { message.spoil() }
        if ended.hasMore { return }
        if message.isSpoiled {
            events.append(.messageLost(message.lost))
        } else if let command = subscription(message.parts) {
            events.append(.command(command))
        } else {
            events.append(.message(parts: message.parts))
        }
        message = ZMTPMessage()
    }

    private mutating func finishCommand(_ body: [UInt8], at place: UInt64, _ events: inout [ZMTPEvent]) {
        do {
            let command = try ZMTPCommand(body)
            if let type = command.socketType { socketType = type }
            events.append(.command(command))
        } catch {
            fault(.malformedCommand, at: place, error.message, &events)
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
}
