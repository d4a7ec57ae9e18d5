/// What the streams delivered last, to be held against what comes again.
///
/// A ring over all streams, bounded in bytes: retransmits follow close behind. What comes again later is not compared. Each
/// piece counts with what it costs by itself, so that many small ones are few to search.
struct DeliveredBytes {
    private struct Entry {
        var stream: UInt64
        /// 64-bit sequence number of the first byte.
        var start: UInt64
        var payload: ArraySlice<UInt8>
    }

    private let limit: Int
    private var entries: [Entry] = []
    private var head = 0
    private var bytes = 0
    private var streams: UInt64 = 0

    init(limit: Int) { self.limit = limit }

    /// A number for a stream that begins.
    mutating func newStream() -> UInt64 {
        streams &+= 1
        return streams
    }

    mutating func append(_ payload: ArraySlice<UInt8>, start: UInt64, stream: UInt64) {
        entries.append(Entry(stream: stream, start: start, payload: payload))
        bytes += payload.count + WaitingSegments.overhead
        while bytes > limit, head < entries.count {
            bytes -= entries[head].payload.count + WaitingSegments.overhead
            entries[head].payload = []
            head += 1
        }
        if head >= 1024, head * 2 >= entries.count {
            entries.removeSubrange(..<head)
            head = 0
        }
    }

    /// How many bytes of `payload` differ from what `stream` delivered in their place. O(entries), from the last on.
    func conflicts(_ payload: ArraySlice<UInt8>, start: UInt64, stream: UInt64) -> UInt64 {
        let end = start + UInt64(payload.count)
        var compared: UInt64 = 0
        var conflicting: UInt64 = 0
        for entry in entries[head...].reversed() where entry.stream == stream {
            let from = max(start, entry.start)
            let to = min(end, entry.start + UInt64(entry.payload.count))
            guard from < to else { continue }
            let mine = payload.dropFirst(Int(from - start)).prefix(Int(to - from))
            conflicting &+= mine.differences(from: entry.payload.dropFirst(Int(from - entry.start)))
            compared += to - from
            if compared == end - start { break }
        }
        return conflicting
    }
}

extension ArraySlice<UInt8> {
    /// In how many places it differs from the beginning of `other`, which is at least as long.
    func differences(from other: ArraySlice<UInt8>) -> UInt64 {
        let other = other.prefix(count)
        if self == other { return 0 }
        return zip(self, other).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    }
}

/// What streams write to: their events, and what is remembered of their bytes.
struct TCPOutput {
    var events: [TCPEvent] = []
    var delivered: DeliveredBytes
    /// Bytes that came again with another value; the first one counted.
    var conflictingBytes: UInt64 = 0
}
