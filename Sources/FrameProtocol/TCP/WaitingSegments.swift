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
    private(set) var bytes = 0

    var isEmpty: Bool { head == pieces.count }
    var count: Int { pieces.count - head }
    var first: Piece? { isEmpty ? nil : pieces[head] }

    /// Adds what of `piece` is not there yet: of bytes sent twice, the first to arrive are kept.
    ///
    /// - Returns: how many bytes of it were there already.
    mutating func insert(_ piece: Piece) -> UInt64 {
        var added: UInt64 = 0
        var index = pieces.count
        if let last = pieces.last, head < pieces.count, last.end > piece.start { index = position(of: piece.start) }
        var start = piece.start
        if index > head { start = max(start, pieces[index - 1].end) }
        while start < piece.end {
            let next = index < pieces.count ? pieces[index] : nil
            let end = min(piece.end, next?.start ?? .max)
            if start < end {
                let part = piece.part(start..<end)
                pieces.insert(part, at: index)
                bytes += part.payload.count
                added += part.count
                index += 1
            }
            start = max(end, next?.end ?? .max)
            index += 1
        }
        return piece.count - added
    }

    /// Takes the first piece away.
    mutating func removeFirst() {
        guard !isEmpty else { return }
        bytes -= pieces[head].payload.count
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
