/// Pieces of a stream that wait behind a hole, by sequence number, without overlap.
///
/// Appending at the end and taking from the front, the usual case, cost O(1); anything else O(pieces).
struct WaitingSegments {
    struct Piece {
        /// 64-bit sequence number of the first byte.
        var start: UInt64
        /// Empty for a piece that is known to be missing.
        var payload: ArraySlice<UInt8>
        var count: UInt64
        var timestamp: Int64

        var end: UInt64 { start + count }

        /// The part of the piece within `range`, which lies inside it.
        func part(_ range: Range<UInt64>) -> Piece {
            let from = Int(range.lowerBound - start)
            let bytes = payload.isEmpty ? [] : payload.dropFirst(from).prefix(range.count)
            return Piece(
                start: range.lowerBound, payload: bytes, count: range.upperBound - range.lowerBound,
                timestamp: timestamp)
        }
    }

    private var pieces: [Piece] = []
    private var head = 0
    /// Memory that the pieces take: payload, and for each what it costs by itself.
    private(set) var bytes = 0

    /// Of a piece: itself, its array's header, and what else of its packet is held on to (`TransportLayer`).
    static let overhead = 256

    var isEmpty: Bool { head == pieces.count }
    var count: Int { pieces.count - head }
    var first: Piece? { isEmpty ? nil : pieces[head] }
    /// Behind the last byte of the last piece.
    var end: UInt64? { isEmpty ? nil : pieces.last?.end }

    /// Adds what of `piece` is not there yet: of bytes sent twice, the first to arrive are kept.
    ///
    /// - Returns: how many bytes of it were there already, and how many of those were others.
    mutating func insert(_ piece: Piece) -> (repeated: UInt64, conflicting: UInt64) {
        var added: UInt64 = 0
        var conflicting: UInt64 = 0
        var index = pieces.count
        if let last = pieces.last, head < pieces.count, last.end > piece.start { index = position(of: piece.start) }
        var start = piece.start
        if index > head {
            conflicting &+= conflicts(piece, with: pieces[index - 1])
            start = max(start, pieces[index - 1].end)
        }
        // All that lies within the piece, with what of it fills the holes there: put in place at once, as a piece may fill
        // thousands of holes.
        var middle: [Piece] = []
        let first = index
        while start < piece.end {
            let next = index < pieces.count ? pieces[index] : nil
            let end = min(piece.end, next?.start ?? .max)
            if start < end {
                let part = piece.part(start..<end)
                bytes += part.payload.count + Self.overhead
                added += part.count
                middle.append(part)
            }
            guard let next, next.start < piece.end else { break }
            conflicting &+= conflicts(piece, with: next)
            middle.append(next)
            start = max(end, next.end)
            index += 1
        }
        if middle.count == 1, index == first {
            pieces.insert(middle[0], at: first)
        } else {
            pieces.replaceSubrange(first..<index, with: middle)
        }
        return (piece.count - added, conflicting)
    }

    /// Bytes in which two pieces contradict each other, where both have them.
    private func conflicts(_ piece: Piece, with other: Piece) -> UInt64 {
        let common = max(piece.start, other.start)..<max(max(piece.start, other.start), min(piece.end, other.end))
        guard !common.isEmpty, !piece.payload.isEmpty, !other.payload.isEmpty else { return 0 }
        return piece.part(common).payload.differences(from: other.part(common).payload)
    }

    /// Takes the first piece away.
    mutating func removeFirst() {
        guard !isEmpty else { return }
        bytes -= pieces[head].payload.count + Self.overhead
        pieces[head].payload = []
        head += 1
        if head == pieces.count {
            pieces.removeAll(keepingCapacity: pieces.capacity <= 256)
            head = 0
        } else if head >= 64, head * 2 >= pieces.count {
            pieces.removeSubrange(..<head)
            head = 0
        }
    }

    /// Index of the first piece that begins behind `start`.
    private func position(of start: UInt64) -> Int {
        var low = head
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].start > start { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
