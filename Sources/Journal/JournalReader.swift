import GRDB

/// Reads a journal, in the process that writes it or beside it. What it returns is on the disk.
public struct JournalReader: Sendable {
    private let database: any DatabaseReader
    private let path: String

    init(_ database: any DatabaseReader, path: String) {
        self.database = database
        self.path = path
    }

    /// Opens the database of a state folder, or one that was set aside, for reading.
    public init(opening path: String) throws(JournalError) {
        do {
            database = try DatabaseQueue(path: path, configuration: JournalCheck.readOnly())
            self.path = path
        } catch {
            throw JournalError(error, at: path)
        }
    }

    /// Where the journal begins and ends now.
    public struct Extent: Sendable, Equatable {
        public let epoch: String
        /// The first verdict that is still there; `head + 1` if there is none.
        public let first: UInt64
        /// The last verdict's number; 0 before the first.
        public let head: UInt64
    }

    /// Which verdicts are asked for.
    public struct Filter: Sendable, Equatable {
        public var evaluation: String?
        public var partType: String?
        public var source: String?

        public init(evaluation: String? = nil, partType: String? = nil, source: String? = nil) {
            self.evaluation = evaluation
            self.partType = partType
            self.source = source
        }

        public func accepts(_ verdict: JournalVerdict) -> Bool {
            (evaluation.map { $0 == verdict.evaluation } ?? true) && (partType.map { $0 == verdict.partType } ?? true)
                && (source.map { $0 == verdict.part.source } ?? true)
        }
    }

    /// Some verdicts and the place after them, all of one state of the journal.
    public struct Page: Sendable, Equatable {
        public let extent: Extent
        public let verdicts: [JournalVerdict]
        /// Where to go on; beyond `extent.head` when there is no more.
        public let next: UInt64
    }

    public func extent() throws(JournalError) -> Extent { try reading(Self.extent) }

    /// Verdicts from `seq` on, in order.
    ///
    /// - Parameters:
    ///   - limit: most verdicts returned.
    ///   - bytes: most bytes of JSON returned, but always one verdict.
    /// - Complexity: O(verdicts looked at): those that `filter` leaves out are read too, at most 100 times `limit`.
    public func page(
        from seq: UInt64, limit: Int, bytes: Int = 4 << 20, filter: Filter = Filter()
    ) throws(JournalError) -> Page {
        try reading { db in
            let extent = try Self.extent(db)
            let rows = try Row.fetchCursor(
                db, sql: "SELECT * FROM verdict WHERE seq >= ? ORDER BY seq LIMIT ?",
                arguments: [Int64(stored: seq), Int64(limit) * 100])
            var verdicts: [JournalVerdict] = [], size = 0, next = max(seq, extent.first)
            while verdicts.count < limit, let row = try rows.next() {
                let verdict = try JournalVerdict(row)
                if filter.accepts(verdict) {
                    size += verdict.json.count
                    if !verdicts.isEmpty && size > bytes { break }
                    verdicts.append(verdict)
                }
                next = verdict.seq + 1
            }
            return Page(extent: extent, verdicts: verdicts, next: next)
        }
    }

    /// The verdict with this result id, if it is there.
    public func verdict(resultID: String) throws(JournalError) -> JournalVerdict? {
        try reading { db in
            try Row.fetchOne(db, sql: "SELECT * FROM verdict WHERE result_id = ?", arguments: [resultID])
                .map(JournalVerdict.init)
        }
    }

    /// The parts that were closed last, oldest first: what an assembler must remember to give no part two verdicts.
    ///
    /// - Parameter limit: verdicts looked at.
    public func lastParts(limit: Int) throws(JournalError) -> [PartKey] {
        try reading { db in
            try Row.fetchAll(
                db, sql: "SELECT source, session, part_id, attempt FROM verdict ORDER BY seq DESC LIMIT ?",
                arguments: [limit]
            ).map(PartKey.init).reversed()
        }
    }

    public func openParts() throws(JournalError) -> [OpenedPart] {
        try reading { try Row.fetchAll($0, sql: "SELECT * FROM open_part ORDER BY opened_ns").map(OpenedPart.init) }
    }

    public func consumers() throws(JournalError) -> [ConsumerCursor] {
        try reading { try Row.fetchAll($0, sql: "SELECT * FROM consumer ORDER BY name").map(ConsumerCursor.init) }
    }

    public func modelChanges() throws(JournalError) -> [ModelChange] {
        try reading { try Row.fetchAll($0, sql: "SELECT * FROM model_change ORDER BY id").map(ModelChange.init) }
    }

    public func alerts() throws(JournalError) -> [JournalAlert] {
        try reading { try Row.fetchAll($0, sql: "SELECT * FROM alert ORDER BY id").map(JournalAlert.init) }
    }

    func reading<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        do { return try database.read(body) } catch { throw JournalError(error, at: path) }
    }

    private static func extent(_ db: Database) throws -> Extent {
        guard let state = try JournalState.read(db) else {
            throw JournalError(code: .damaged, message: "the journal's state is not there")
        }
        let first = try Int64.fetchOne(db, sql: "SELECT min(seq) FROM verdict").map(UInt64.init(stored:))
        return Extent(epoch: state.epoch, first: first ?? state.head + 1, head: state.head)
    }
}
