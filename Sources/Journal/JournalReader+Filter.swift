import GRDB

/// What a list asks of verdicts, in SQL where the columns know it: of a row that is left out neither the JSON is read nor the
/// checksum, and a list that is as good as empty costs little.
extension JournalReader.Filter {
    /// Whether it accepts everything.
    var isEmpty: Bool { self == JournalReader.Filter() }

    /// Numbers of verdicts that it accepts, of those in `range`, in the order of `isDescending`.
    ///
    /// - Complexity: O(verdicts in `range`).
    func numbers(
        in range: Range<UInt64>, isDescending: Bool, _ db: Database
    ) throws -> NumberCursor {
        var conditions = ["seq >= ?", "seq < ?"]
        var arguments: StatementArguments = [Int64(stored: range.lowerBound), Int64(stored: range.upperBound)]
        let texts = [("evaluation", evaluation), ("part_type", partType), ("source", source)]
        for case (let column, let value?) in texts {
            conditions.append("\(column) = ?")
            arguments += [value]
        }
        for case (let comparison, let time?) in [("decided_ns >= ?", since), ("decided_ns < ?", until)] {
            conditions.append(comparison)
            arguments += [Int64(stored: time)]
        }
        let sql =
            "SELECT seq, part_id FROM verdict WHERE \(conditions.joined(separator: " AND ")) "
            + "ORDER BY seq \(isDescending ? "DESC" : "ASC")"
        return NumberCursor(rows: try Row.fetchCursor(db, sql: sql, arguments: arguments), part: partID?.lowercased())
    }

    /// One after the other; case is Swift's business, as SQLite knows that of ASCII alone.
    struct NumberCursor {
        fileprivate let rows: RowCursor
        fileprivate let part: String?

        func next() throws -> UInt64? {
            while let row = try rows.next() {
                guard let number = try? row.count("seq") else { continue }
                guard let part else { return number }
                if (try? row.text("part_id"))?.lowercased().contains(part) ?? false { return number }
            }
            return nil
        }
    }
}

extension JournalReader {
    /// Verdicts of `range` that `filter` accepts; one that is not as it was written is left out and counted.
    ///
    /// - Parameters:
    ///   - limit: most verdicts returned.
    ///   - bytes: most bytes of JSON returned, but always one verdict.
    /// - Returns: `isAll` unless one of the limits ended it.
    func matches(
        in range: Range<UInt64>, isDescending: Bool, limit: Int, bytes: Int, filter: Filter, _ db: Database
    ) throws -> (verdicts: [JournalVerdict], isAll: Bool) {
        let numbers = try filter.numbers(in: range, isDescending: isDescending, db)
        let statement = try db.cachedStatement(sql: "SELECT * FROM verdict WHERE seq = ?")
        var verdicts: [JournalVerdict] = [], size = 0
        while let number = try numbers.next() {
            guard let row = try Row.fetchOne(statement, arguments: [Int64(stored: number)]),
                let verdict = try? JournalVerdict(row), filter.accepts(verdict)
            else {
                note(unreadable: number)
                continue
            }
            size += verdict.json.count
            if !verdicts.isEmpty && (size > bytes || verdicts.count == limit) { return (verdicts, false) }
            verdicts.append(verdict)
        }
        return (verdicts, true)
    }
}
