import GRDB

extension JournalReader {
    /// The newest verdicts below `seq`, newest first. One that is not as it was written is left out and counted.
    ///
    /// - Parameters:
    ///   - limit: most verdicts returned.
    ///   - bytes: most bytes of JSON returned, but always one verdict.
    /// - Returns: `next` is what to ask below next; nil when there is no more.
    /// - Complexity: O(verdicts looked at): those that `filter` leaves out are read too, at most 100 times `limit`.
    public func newest(
        below seq: UInt64, limit: Int, bytes: Int = 4 << 20, filter: Filter = Filter()
    ) throws(JournalError) -> (verdicts: [JournalVerdict], next: UInt64?) {
        try reading { db in
            let most = limit * 100
            let rows = try Row.fetchCursor(
                db, sql: "SELECT * FROM verdict WHERE seq < ? ORDER BY seq DESC LIMIT ?",
                arguments: [Int64(stored: seq), most])
            var verdicts: [JournalVerdict] = [], size = 0, next = seq, seen = 0
            while let row = try rows.next() {
                seen += 1
                guard let verdict = try? JournalVerdict(row) else {
                    let number = (row["seq"] as Int64?).map { UInt64(max(0, $0)) } ?? 0
                    if number > 0 && number < next { next = number }
                    continue
                }
                if filter.accepts(verdict) {
                    size += verdict.json.count
                    if !verdicts.isEmpty && (size > bytes || verdicts.count == limit) { return (verdicts, next) }
                    verdicts.append(verdict)
                }
                next = verdict.seq
            }
            return (verdicts, seen == most && next < seq ? next : nil)
        }
    }
}
