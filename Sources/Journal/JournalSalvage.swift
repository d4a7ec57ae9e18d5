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
            // Neither end is known: numbers are tried in growing pieces, until one is empty.
            var next = max(1, first)
            while patience > 0, try read(next...(next + 9999), body) > 0 { next += 10_000 }
            return
        }
        var next = max(first, bounds?.0.map(UInt64.init(stored:)) ?? 1)
        while next <= last {
            let through = min(last, next + 999)
            _ = try read(next...through, body)
            next = through + 1
        }
    }

    /// Reads a range, in halves where it cannot be read at once.
    ///
    /// - Returns: how many verdicts came.
    private mutating func read(
        _ range: ClosedRange<UInt64>, _ body: (JournalVerdict) throws -> Void
    ) throws -> Int {
        guard patience > 0 else {
            lose(range)
            return 0
        }
        let rows: [(seq: UInt64, verdict: JournalVerdict?)]
        do {
            rows = try reader.reading { db in
                try Row.fetchAll(
                    db, sql: "SELECT * FROM verdict WHERE seq BETWEEN ? AND ? ORDER BY seq",
                    arguments: [Int64(stored: range.lowerBound), Int64(stored: range.upperBound)]
                ).map { (try $0.count("seq"), try? JournalVerdict($0)) }
            }
        } catch {
            patience -= 1
            guard range.count > 1 else {
                lose(range)
                return 0
            }
            let middle = range.lowerBound + UInt64(range.count / 2)
            return try read(range.lowerBound...(middle - 1), body) + read(middle...range.upperBound, body)
        }
        for row in rows {
            if let verdict = row.verdict { try body(verdict) } else { lose(row.seq...row.seq) }
        }
        return rows.count
    }

    private mutating func lose(_ range: ClosedRange<UInt64>) {
        if let last = lost.last, last.upperBound + 1 == range.lowerBound {
            lost[lost.count - 1] = last.lowerBound...range.upperBound
        } else {
            lost.append(range)
        }
    }
}
