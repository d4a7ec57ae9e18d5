/// Puts IP fragments together (RFC 791, RFC 8200, RFC 5722).
///
/// Bounded in datagrams, bytes, pieces of a datagram and capture time; what is given up is counted. Fragments of a datagram
/// that overlap with other bytes are refused, and the datagram with them: no sender makes such ones, and whichever
/// version a reader took, the receiver may have taken the other. The same fragment twice is no overlap: a capture on
/// all interfaces holds each packet twice.
struct FragmentReassembler {
    private enum State { case open, refused, done }

    private struct Datagram {
        var pieces: [IPFragment] = []
        var state = State.open
        /// Known from the last fragment on.
        var length: Int?
        var since: Int64
        /// Bytes of its pieces as held.
        var bytes = 0
    }

    private let limits: FragmentLimits
    private var datagrams: [IPFragment.Key: Datagram] = [:]
    /// Keys of `datagrams`, oldest first.
    private var order: [IPFragment.Key] = []
    private(set) var counts = CaptureStatistics.Fragments()
    /// Bytes held.
    private(set) var bytes = 0

    init(limits: FragmentLimits) { self.limits = limits }

    /// Takes a fragment.
    ///
    /// - Returns: the segment that it completed.
    /// - Throws: why it is refused.
    /// - Complexity: O(pieces of its datagram).
    mutating func receive(_ fragment: IPFragment, at time: Int64) throws(PacketRejection) -> TCPSegment? {
        counts.received += 1
        expire(at: time)
        if let known = datagrams[fragment.key], known.state == .done {
            if known.pieces.contains(where: { $0.offset == fragment.offset && $0.payload == fragment.payload }) {
                counts.repeated += 1
                return nil
            }
            // Identifications come round again: a new datagram.
            remove(fragment.key)
        }
        if datagrams[fragment.key] == nil {
            datagrams[fragment.key] = Datagram(since: time)
            order.append(fragment.key)
        }
        // Taken out and put back, so that its pieces are not copied.
        guard var datagram = datagrams.removeValue(forKey: fragment.key) else { return nil }
        defer { datagrams[fragment.key] = datagram }
        guard datagram.state == .open else { throw .fragmentOverlap }
        let before = datagram.bytes
        do throws(PacketRejection) {
            guard try insert(fragment, into: &datagram) else {
                counts.repeated += 1
                return nil
            }
        } catch {
            bytes -= before
            datagram = Datagram(state: .refused, since: datagram.since)
            throw error
        }
        bytes += datagram.bytes - before
        guard let length = datagram.length, isComplete(datagram, length) else {
            enforceLimits(keeping: fragment.key)
            return nil
        }
        datagram.state = .done
        counts.datagrams += 1
        enforceLimits(keeping: fragment.key)
        return try NetworkLayer.segment(
            inDatagram: joined(datagram, length), length: length, nextHeader: datagram.pieces[0].nextHeader,
            key: fragment.key)
    }

    /// Gives up what is not complete: the capture has ended.
    mutating func finish() {
        while let oldest = order.first { remove(oldest) }
    }

    /// Whether it is new; throws if it contradicts what is there.
    private func insert(_ fragment: IPFragment, into datagram: inout Datagram) throws(PacketRejection) -> Bool {
        let index = datagram.pieces.firstIndex { $0.offset >= fragment.offset } ?? datagram.pieces.count
        if index < datagram.pieces.count {
            let next = datagram.pieces[index]
            if next.offset == fragment.offset, next.length == fragment.length, next.isLast == fragment.isLast,
                next.payload == fragment.payload
            {
                return false
            }
            guard fragment.end <= next.offset else { throw .fragmentOverlap }
        }
        if index > 0, datagram.pieces[index - 1].end > fragment.offset { throw .fragmentOverlap }
        let end = datagram.pieces.last.map { max($0.end, fragment.end) } ?? fragment.end
        // One end, and nothing behind it.
        guard datagram.length.map({ !fragment.isLast && end <= $0 }) ?? (!fragment.isLast || end == fragment.end) else {
            throw .fragmentOverlap
        }
        guard datagram.pieces.count < limits.pieces else { throw .fragmentLimit }
        datagram.pieces.insert(fragment, at: index)
        datagram.bytes += fragment.payload.count
        if fragment.isLast { datagram.length = fragment.end }
        return true
    }

    private func isComplete(_ datagram: Datagram, _ length: Int) -> Bool {
        datagram.pieces.reduce(0) { $0 + $1.length } == length
    }

    /// The bytes from the first on; a snapshot length that cut a piece ends them there.
    private func joined(_ datagram: Datagram, _ length: Int) -> [UInt8] {
        var joined: [UInt8] = []
        joined.reserveCapacity(length)
        for piece in datagram.pieces {
            joined += piece.payload
            if piece.payload.count < piece.length { break }
        }
        return joined
    }

    // MARK: Bounds

    private mutating func expire(at time: Int64) {
        while let oldest = order.first, let datagram = datagrams[oldest],
            time &- datagram.since > limits.waitingNanoseconds
        {
            remove(oldest)
        }
    }

    /// The datagram of `key` is held by the caller, and not given up.
    private mutating func enforceLimits(keeping key: IPFragment.Key) {
        while order.count > max(1, limits.datagrams) || bytes > limits.bytes,
            let oldest = order.first(where: { $0 != key })
        {
            remove(oldest)
        }
    }

    private mutating func remove(_ key: IPFragment.Key) {
        if let place = order.firstIndex(of: key) { order.remove(at: place) }
        guard let datagram = datagrams.removeValue(forKey: key) else { return }
        if datagram.state == .open { counts.incomplete += 1 }
        bytes -= datagram.bytes
    }
}

/// How much of IP fragments is held, and for how long.
public struct FragmentLimits: Sendable, Equatable {
    /// Datagrams at once.
    public var datagrams: Int
    /// Bytes of all of them.
    public var bytes: Int
    /// Fragments of one.
    public var pieces: Int
    /// Capture time from a datagram's first fragment to its last; RFC 8200 has 60 s, Linux waits for 30.
    public var waitingNanoseconds: Int64

    public init(
        datagrams: Int = 256, bytes: Int = 4 << 20, pieces: Int = 512, waitingNanoseconds: Int64 = 30_000_000_000
    ) {
        self.datagrams = datagrams
        self.bytes = bytes
        self.pieces = pieces
        self.waitingNanoseconds = waitingNanoseconds
    }
}
