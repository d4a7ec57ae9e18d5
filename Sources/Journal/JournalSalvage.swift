import GRDB

/// Reads what can be read of a journal, also of a damaged one: a page that SQLite cannot read, or a row that is not what
/// was written, costs the verdicts in it alone.
public struct JournalSalvage {
    /// Verdicts that could not be read, as ranges of numbers.
    public private(set) var lost: [ClosedRange<UInt64>] = []
    /// Whether neither a verdict nor the journal's ends could be read: what was lost has no numbers then.
    public private(set) var foundNothing = false

    private let reader: JournalReader
    /// Failed reads after which the rest is given up: of a file of noise nothing else comes.
    private var patience = 20_000

    public init(_ reader: JournalReader) { self.reader = reader }

    /// Calls `body` with each verdict from `first` to `end` that can be read, in order.
    public mutating func forEach(
        from first: UInt64 = 0, through end: UInt64 = .max, _ body: (JournalVerdict) throws -> Void
    ) throws {
        // Each by itself: a page that is damaged costs one of them.
        var lowest = number("SELECT min(seq) FROM verdict")
        // A damaged number may make the highest anything; the state's row has a checksum, and the last verdict stays.
        var highest = head ?? number("SELECT max(seq) FROM verdict")
        if lowest == nil || highest == nil, highest != 0, let indexed {
            lowest = lowest ?? indexed.lowerBound
            highest = highest ?? indexed.upperBound
        }
        guard let highest else {
            try searchForward(from: max(1, first), through: end, body)
            return
        }
        var next = max(1, first, lowest ?? 1)
        let last = min(end, highest)
        while next <= last, patience > 0 {
            let through = last - next < 999 ? last : next + 999
            _ = try read(next...through, body)
            next = through + 1
        }
        if next <= last { lose(next...last) }
    }

    /// Neither end is known: numbers are tried in pieces, until one is empty.
    private mutating func searchForward(
        from first: UInt64, through end: UInt64, _ body: (JournalVerdict) throws -> Void
    ) throws {
        var next = first, last: UInt64 = 0
        while next <= end, patience > 0 {
            guard let found = try read(next...min(end, next + 999), body).last else { break }
            last = found
            next += 1000
        }
        foundNothing = last == 0
        lost = lost.filter { $0.lowerBound <= last }.map { $0.lowerBound...min(last, $0.upperBound) }
    }

    private var head: UInt64? { (try? reader.reading { try JournalState.read($0) })?.head }

    private func number(_ sql: String) -> UInt64? {
        (try? reader.reading { try Int64.fetchOne($0, sql: sql) }).flatMap { $0 > 0 ? UInt64($0) : nil }
    }

    /// The numbers that the index of result ids has, which lies on other pages than the verdicts; nil if it has none.
    private var indexed: ClosedRange<UInt64>? {
        var range: ClosedRange<UInt64>?
        _ = try? reader.reading { db in
            let rows = try Int64.fetchCursor(
                db, sql: "SELECT seq FROM verdict INDEXED BY sqlite_autoindex_verdict_1 WHERE result_id >= ''")
            while let seq = try rows.next() {
                guard seq > 0 else { continue }
                let number = UInt64(seq)
                range = min(range?.lowerBound ?? number, number)...max(range?.upperBound ?? number, number)
            }
        }
        return range
    }

    /// Reads a range, in halves where it cannot be read whole.
    ///
    /// A damaged page may make SQLite end a scan early instead of failing, when what it takes for a number lies beyond the
    /// range: so what is missing is asked for by itself.
    /// - Returns: the numbers that came.
    private mutating func read(
        _ range: ClosedRange<UInt64>, _ body: (JournalVerdict) throws -> Void
    ) throws -> [UInt64] {
        let rows = patience > 0 ? verdicts(in: range) : []
        if rows.count == range.count {
            for verdict in rows { try body(verdict) }
            return rows.map(\.seq)
        }
        guard range.count > 1, patience > 0 else {
            lose(range)
            return []
        }
        let middle = range.lowerBound + UInt64(range.count / 2)
        let before = try read(range.lowerBound...(middle - 1), body)
        return before + (try read(middle...range.upperBound, body))
    }

    /// Those verdicts of a range that one query finds as they were written.
    private mutating func verdicts(in range: ClosedRange<UInt64>) -> [JournalVerdict] {
        let found = try? reader.reading { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM verdict WHERE seq BETWEEN ? AND ? ORDER BY seq",
                arguments: [Int64(stored: range.lowerBound), Int64(stored: range.upperBound)]
            ).compactMap { try? JournalVerdict($0) }
        }
        let rows = found ?? []
        if rows.count < range.count { patience -= 1 }
        return rows
    }

    private mutating func lose(_ range: ClosedRange<UInt64>) {
        if let last = lost.last, last.upperBound + 1 == range.lowerBound {
            lost[lost.count - 1] = last.lowerBound...range.upperBound
        } else {
            lost.append(range)
        }
    }
}
