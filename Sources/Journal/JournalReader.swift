import GRDB
import Threads

/// Reads a journal, in the process that writes it or beside it. What it returns is on the disk.
public struct JournalReader: Sendable {
    private let database: any DatabaseReader
    private let path: String
    /// Told of damage that is met; nil for a reader beside the monitor, which changes nothing.
    private let damage: DamageWatch?
    /// Closed before the database is; nil for one that nobody closes meanwhile.
    private let gate: ReadingGate?

    init(_ database: any DatabaseReader, path: String, damage: DamageWatch? = nil, gate: ReadingGate? = nil) {
        self.database = database
        self.path = path
        self.damage = damage
        self.gate = gate
    }

    /// Opens the database of a state folder, or one that was set aside, for reading.
    public init(opening path: String) throws(JournalError) {
        try JournalCheck.requireFile(path)
        damage = nil
        gate = nil
        do {
            database = try DatabaseQueue(path: path, configuration: JournalCheck.readOnly())
            self.path = path
        } catch {
            throw JournalError(error, at: path)
        }
    }

    /// Where the journal begins and ends now.
    public struct Extent: Sendable, Equatable {
        /// The journal that numbers count in.
        public let epoch: String
        /// The first verdict that is still there; 1 before the first.
        public let first: UInt64
        /// The last verdict's number; 0 before the first.
        public let head: UInt64
    }

    /// Which verdicts are asked for.
    public struct Filter: Sendable, Equatable {
        /// `ok`, `not_ok`, `not_decidable` or `undefined`; nil accepts each.
        public var evaluation: String?
        /// Nil accepts each, also parts of no type.
        public var partType: String?
        /// The scanner; nil accepts each.
        public var source: String?
        /// What the part's id must contain, whatever the case.
        public var partID: String?
        /// When it was decided, ns since the Unix epoch: from, and before.
        public var since: UInt64?, until: UInt64?

        public init(evaluation: String? = nil, partType: String? = nil, source: String? = nil) {
            self.evaluation = evaluation
            self.partType = partType
            self.source = source
        }

        public func accepts(_ verdict: JournalVerdict) -> Bool {
            (evaluation.map { $0 == verdict.evaluation } ?? true) && (partType.map { $0 == verdict.partType } ?? true)
                && (source.map { $0 == verdict.part.source } ?? true)
                && (partID.map { verdict.part.partID.lowercased().contains($0.lowercased()) } ?? true)
                && (since.map { verdict.decidedNanoseconds >= $0 } ?? true)
                && (until.map { verdict.decidedNanoseconds < $0 } ?? true)
        }
    }

    /// Some verdicts and the place after them, all of one state of the journal. Without a filter their numbers have no gap.
    public struct Page: Sendable, Equatable {
        /// The journal's ends, as the page was read.
        public let extent: Extent
        /// In order; those that the filter accepts.
        public let verdicts: [JournalVerdict]
        /// Where to go on; beyond `extent.head` when there is no more.
        public let next: UInt64
    }

    /// Where the journal begins and ends.
    public func extent() throws(JournalError) -> Extent { try reading(Self.extent) }

    /// Verdicts from `seq` on, in order.
    ///
    /// A row that is not as it was written ends the page; one that begins it is left out and counted, so that whoever
    /// reads on gets past it, and sees by the numbers that it is missing.
    ///
    /// - Parameters:
    ///   - limit: most verdicts returned.
    ///   - bytes: most bytes of JSON returned, but always one verdict.
    /// - Throws: `damaged` if nothing can be read though there are verdicts from `seq` on.
    /// - Complexity: O(verdicts looked at), of those that `filter` leaves out at most 100 times `limit`, and not their JSON.
    public func page(
        from seq: UInt64, limit: Int, bytes: Int = 4 << 20, filter: Filter = Filter()
    ) throws(JournalError) -> Page {
        try reading { db in
            let extent = try Self.extent(db)
            guard filter.isEmpty else {
                let begin = max(seq, extent.first)
                let end = max(begin, min(begin.addingClamped(UInt64(limit) * 100), extent.head + 1))
                let (verdicts, isAll) = try matches(
                    in: begin..<end, isDescending: false, limit: limit, bytes: bytes, filter: filter, db)
                return Page(
                    extent: extent, verdicts: verdicts, next: isAll ? end : verdicts.last.map { $0.seq + 1 } ?? end)
            }
            let rows = try Row.fetchCursor(
                db, sql: "SELECT * FROM verdict WHERE seq >= ? ORDER BY seq LIMIT ?",
                arguments: [Int64(stored: seq), Int64(limit) * 100])
            var verdicts: [JournalVerdict] = [], size = 0, next = max(seq, extent.first), hasRead = false
            while verdicts.count < limit {
                let row: Row?
                // The page that begins there throws.
                do { row = try rows.next() } catch  where hasRead { break }
                guard let row else { break }
                guard let verdict = try? JournalVerdict(row), verdict.seq >= next else {
                    if verdicts.isEmpty { continue }
                    break
                }
                if verdict.seq > next {
                    guard verdicts.isEmpty else { break }
                    damage?.note(unreadable: next...(verdict.seq - 1))
                }
                size += verdict.json.count
                if !verdicts.isEmpty && size > bytes { break }
                verdicts.append(verdict)
                hasRead = true
                next = verdict.seq + 1
            }
            // SQLite may end a scan early instead of failing: an empty page would be asked for again and again.
            guard hasRead || next > extent.head else {
                throw JournalError(
                    code: .damaged,
                    message: "\(path): verdicts \(next) to \(extent.head) are not there as they were written")
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

    /// Parts without a verdict, oldest first.
    public func openParts() throws(JournalError) -> [OpenedPart] {
        try reading { try Row.fetchAll($0, sql: "SELECT * FROM open_part ORDER BY opened_ns").map(OpenedPart.init) }
    }

    /// All named consumers, by name.
    public func consumers() throws(JournalError) -> [ConsumerCursor] {
        try reading { try Row.fetchAll($0, sql: "SELECT * FROM consumer ORDER BY name").map(ConsumerCursor.init) }
    }

    /// All changes of models, oldest first.
    public func modelChanges() throws(JournalError) -> [ModelChange] {
        try reading { try Row.fetchAll($0, sql: "SELECT * FROM model_change ORDER BY id").map(ModelChange.init) }
    }

    /// The last 10,000 alerts, oldest first.
    public func alerts() throws(JournalError) -> [JournalAlert] {
        try reading { try Row.fetchAll($0, sql: "SELECT * FROM alert ORDER BY id").map(JournalAlert.init) }
    }

    func note(unreadable seq: UInt64) { damage?.note(unreadable: seq...seq) }

    func reading<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        guard gate?.enter() ?? true else {
            throw JournalError(code: .closed, message: "the journal is closed")
        }
        defer { gate?.leave() }
        do {
            return try database.read(body)
        } catch {
            let error = JournalError(error, at: path)
            if error.code == .damaged { damage?.note(error.message) }
            throw error
        }
    }

    static func extent(_ db: Database) throws -> Extent {
        guard let state = try JournalState.read(db) else {
            throw JournalError(code: .damaged, message: "the journal's state is not there")
        }
        let first = try Int64.fetchOne(db, sql: "SELECT min(seq) FROM verdict").map(UInt64.init(stored:))
        // The last verdict is never removed.
        guard first != nil || state.head == 0 else {
            throw JournalError(
                code: .damaged, message: "none of the verdicts is there, though \(state.head) is the last number")
        }
        return Extent(epoch: state.epoch, first: first ?? state.head + 1, head: state.head)
    }
}
