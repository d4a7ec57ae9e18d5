/// Losing the place and finding it again.
extension ZMTPDecoder {
    mutating func loseState(_ events: inout [ZMTPEvent]) {
        if message.isBegun || (isInBody && !frame.isCommand) { events.append(.messageLost(message.lost)) }
        message = ZMTPMessage()
        frame = ZMTPFrame()
        events.append(.stateLost)
        beginSearch()
    }

    mutating func beginSearch() {
        scratch = []
        search = TopicSearch()
        state = .searching
    }

    /// What looked like a greeting was the middle of a stream: a topic may begin in the bytes held for it.
    ///
    /// - Parameter taken: how many of them the caller is taking just now, and will count itself.
    mutating func searchAgain(taking taken: UInt64, _ events: inout [ZMTPEvent]) {
        let held = scratch
        beginSearch()
        position = position &+ taken &- UInt64(held.count)
        held.withUnsafeBufferPointer { receive($0, into: &events) }
        position &-= taken
    }

    mutating func takeSearching(
        _ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ events: inout [ZMTPEvent]
    ) -> Int {
        guard let found = search.take(bytes) else { return bytes.count }
        events.append(.resynchronized(skippedBytes: search.skippedBytes))
        message.append(found.topic)
        search = TopicSearch()
        state = .frameHeader
        return found.taken
    }
}
