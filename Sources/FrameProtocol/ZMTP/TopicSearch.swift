/// Looks for the first frame of a `pcf/1` message in a stream of unknown state:
///
///     01 <length 7...70> "pcf/1/" source | 01 or 03, 04 or 06
///
/// MORE set and all other flags clear, a short length that fits the source, only a source's characters, and behind
/// them the flags of a further part, or of a command that lies before it. The last byte of it is left for the frame
/// decoder.
struct TopicSearch {
    private static let mark = Array("pcf/1/".utf8)

    /// Bytes passed over.
    private(set) var skippedBytes: UInt64 = 0
    /// The end of what was passed over, in case that a topic begins there: at most 72 bytes.
    private var tail: [UInt8] = []

    var bufferedBytes: Int { tail.count }

    /// Says that `count` bytes are missing here.
    mutating func skip(_ count: UInt64) {
        skippedBytes &+= count &+ UInt64(tail.count)
        tail = []
    }

    /// Searches the next bytes.
    ///
    /// - Returns: the topic, and how many of `bytes` were taken up to its end; nil when all were, without success.
    mutating func take(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> (topic: [UInt8], taken: Int)? {
        let before = tail.count
        let window = tail + bytes
        var place = 0
        search: while place < window.count {
            switch Self.match(window, at: place) {
            case .no: place += 1
            case .incomplete: break search
            case .topic(let end):
                // Found in the tail alone it would have been found before; so its end lies in `bytes`.
                skippedBytes &+= UInt64(place)
                tail = []
                return (Array(window[(place + 2)..<end]), max(0, end - before))
            }
        }
        skippedBytes &+= UInt64(place)
        tail = Array(window[place...])
        return nil
    }

    private enum Match {
        case no
        /// As far as the bytes go, it may be one.
        case incomplete
        case topic(end: Int)
    }

    private static func match(_ window: [UInt8], at place: Int) -> Match {
        guard window[place] == 1 else { return .no }
        guard place + 1 < window.count else { return .incomplete }
        let length = Int(window[place + 1])
        guard (7...70).contains(length) else { return .no }
        let end = place + 2 + length
        for index in (place + 2)..<min(end, window.count) {
            let offset = index - place - 2
            let fits = offset < mark.count ? window[index] == mark[offset] : FrameHeader.isSourceByte(window[index])
            if !fits { return .no }
        }
        guard end < window.count else { return .incomplete }
        return [1, 3, 4, 6].contains(window[end]) ? .topic(end: end) : .no
    }
}
