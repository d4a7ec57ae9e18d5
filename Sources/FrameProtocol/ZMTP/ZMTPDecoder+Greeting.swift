extension ZMTPDecoder {
    mutating func takeGreeting(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ events: inout [ZMTPEvent]) -> Int {
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
                searchAgain(taking: UInt64(taken.count), &events)
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
}
