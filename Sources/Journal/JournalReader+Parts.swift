import GRDB

/// What a journal knows of single parts.
extension JournalReader {
    /// The verdict with this number, if it is there.
    public func verdict(seq: UInt64) throws(JournalError) -> JournalVerdict? {
        try reading { db in
            try Row.fetchOne(db, sql: "SELECT * FROM verdict WHERE seq = ?", arguments: [Int64(stored: seq)])
                .map(JournalVerdict.init)
        }
    }

    /// The verdicts on parts of this id, oldest first: one for each attempt, of any scanner.
    ///
    /// - Parameter limit: the newest so many.
    /// - Complexity: O(verdicts in the journal), of which the JSON is not read.
    public func verdicts(partID: String, limit: Int = 100) throws(JournalError) -> [JournalVerdict] {
        try reading { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM verdict WHERE part_id = ? ORDER BY seq DESC LIMIT ?",
                arguments: [partID, limit]
            ).map(JournalVerdict.init).reversed()
        }
    }

    /// The verdicts of the same scanner before and behind `seq`, nearest last and nearest first.
    public func neighbors(
        of seq: UInt64, source: String, count: Int
    ) throws(JournalError) -> (before: [JournalVerdict], after: [JournalVerdict]) {
        try reading { db in
            let before = try Row.fetchAll(
                db, sql: "SELECT * FROM verdict WHERE seq < ? AND source = ? ORDER BY seq DESC LIMIT ?",
                arguments: [Int64(stored: seq), source, count])
            let after = try Row.fetchAll(
                db, sql: "SELECT * FROM verdict WHERE seq > ? AND source = ? ORDER BY seq LIMIT ?",
                arguments: [Int64(stored: seq), source, count])
            return (try before.map(JournalVerdict.init).reversed(), try after.map(JournalVerdict.init))
        }
    }

    /// The last verdicts, oldest first.
    public func lastVerdicts(limit: Int) throws(JournalError) -> [JournalVerdict] {
        try reading { db in
            try Row.fetchAll(db, sql: "SELECT * FROM verdict ORDER BY seq DESC LIMIT ?", arguments: [limit])
                .map(JournalVerdict.init).reversed()
        }
    }

    /// The alerts of a time, ns since the Unix epoch, oldest first; at most 10,000 are kept.
    public func alerts(in times: ClosedRange<UInt64>) throws(JournalError) -> [JournalAlert] {
        try alerts().filter { times.contains($0.nanoseconds) }
    }
}
