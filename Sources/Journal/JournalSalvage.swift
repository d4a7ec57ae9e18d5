import GRDB

/// Reads what can be read of a journal, also of a damaged one: a page that SQLite cannot read, or a row that is not what
/// was written, costs the verdicts in it alone.
public struct JournalSalvage {
    /// Verdicts that could not be read, as ranges of numbers.
    public private(set) var lost: [ClosedRange<UInt64>] = []

    private let reader: JournalReader
    /// Failed reads after which the rest is given up: of a file of noise nothing else comes.
    private var patience = 20_000

    public init(_ reader: JournalReader) { self.reader = reader }

    /// Calls `body` with each verdict from `first` on that can be read, in order.
    public mutating func forEach(from first: UInt64 = 0, _ body: (JournalVerdict) throws -> Void) throws {
        let bounds = try? reader.reading { db in
            try (
                Int64.fetchOne(db, sql: "SELECT min(seq) FROM verdict"),
                Int64.fetchOne(db, sql: "SELECT max(seq) FROM verdict")
            )
        }
        let head = try? reader.extent().head
        guard let last = bounds?.1.map(UInt64.init(stored:)) ?? head else {
            // Neither end is known: numbers are tried in pieces, until one is empty.
            var next = max(1, first), end: UInt64 = 0
            while patience > 0, let found = try read(next...(next + 999), body).last {
                end = found
                next += 1000
            }
            lost = lost.filter { $0.lowerBound <= end }.map { $0.lowerBound...min(end, $0.upperBound) }
            return
        }
        var next = max(first, bounds?.0.map(UInt64.init(stored:)) ?? 1)
        while next <= last {
            let through = min(last, next + 999)
            _ = try read(next...through, body)
            next = through + 1
        }
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
