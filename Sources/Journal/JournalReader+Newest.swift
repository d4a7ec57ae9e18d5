import GRDB

extension JournalReader {
    /// The newest verdicts below `seq`, newest first. One that is not as it was written is left out and counted.
    ///
    /// - Parameters:
    ///   - limit: most verdicts returned.
    ///   - bytes: most bytes of JSON returned, but always one verdict.
    /// - Returns: `next` is what to ask below next; nil when there is no more.
    /// - Complexity: O(verdicts looked at), of those that `filter` leaves out at most 100 times `limit`, and not their JSON.
    public func newest(
        below seq: UInt64, limit: Int, bytes: Int = 4 << 20, filter: Filter = Filter()
    ) throws(JournalError) -> (verdicts: [JournalVerdict], next: UInt64?) {
        try reading { db in
            let extent = try Self.extent(db), end = min(seq, extent.head + 1)
            guard end > extent.first else { return ([], nil) }
            let most = UInt64(limit) * 100
            let begin = end - extent.first > most ? end - most : extent.first
            let (verdicts, isAll) = try matches(
                in: begin..<end, isDescending: true, limit: limit, bytes: bytes, filter: filter, db)
            guard isAll else { return (verdicts, verdicts.last?.seq) }
            return (verdicts, begin > extent.first ? begin : nil)
        }
    }
}
