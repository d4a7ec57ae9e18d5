import GRDB

/// How long verdicts are kept.
///
/// What a named consumer has not acknowledged is kept beyond age and size, until `unacknowledgedBytes` is passed: a
/// consumer that was taken down for good must not fill the disk. That is an alert.
public struct Retention: Sendable, Equatable {
    /// Verdicts decided longer ago than this are removed.
    public var age = Duration.seconds(90 * 24 * 3600)
    /// Size of the database, in bytes of the pages in use, above which the oldest are removed.
    public var bytes = 4 << 30
    /// The same, above which also those that a consumer has not acknowledged are.
    public var unacknowledgedBytes = 8 << 30

    public init() {}
}

/// Removes what need not be kept, a piece at a time, so that no append waits long for it.
struct RetentionPass {
    /// Verdicts removed in one transaction.
    static let piece: Int64 = 500

    /// A longer step from one verdict to the next, or to now, is a line that stood still, or a clock that was set while
    /// nothing ran to notice it.
    static let longestStep: UInt64 = 7 * day
    /// How long verdicts go on after such a step before their times are believed.
    static let day: UInt64 = 24 * 3_600_000_000_000

    let retention: Retention
    /// The wall clock's time, ns since the Unix epoch; nil while it is not to be trusted: nothing is too old then.
    let now: UInt64?
    /// Whether what is too old stays while such a step is less than a day of verdicts ago.
    var holdsAfterSteps = true

    /// What may go now.
    struct Plan: Equatable {
        /// The numbers to be removed; nil if none.
        var first: Int64 = 0
        var through: Int64 = -1
        /// Consumers that have not acknowledged what is to be removed.
        var overruled: [ConsumerCursor] = []
        /// A step in the verdicts' times, ns, for which what is too old stays for now.
        var step: UInt64?

        var count: Int { Int(max(0, through - first + 1)) }
    }

    /// Removes up to `piece` verdicts, within the caller's transaction.
    func remove(_ db: Database) throws -> Plan {
        let plan = try plan(db)
        if plan.count > 0 { try db.execute(sql: "DELETE FROM verdict WHERE seq <= ?", arguments: [plan.through]) }
        return plan
    }

    func plan(_ db: Database) throws -> Plan {
        var plan = Plan()
        guard let first = try Int64.fetchOne(db, sql: "SELECT min(seq) FROM verdict") else { return plan }
        let size = try Self.usedBytes(db)
        let last = first + Self.piece - 1
        var wanted = first - 1
        if size > retention.bytes { wanted = try share(db, of: size, over: retention.bytes, first: first) }
        if let now, now > retention.age.clampedNanoseconds {
            let oldest = now - retention.age.clampedNanoseconds
            let young = try Int64.fetchOne(
                db, sql: "SELECT seq FROM verdict WHERE seq <= ? AND decided_ns >= ? ORDER BY seq LIMIT 1",
                arguments: [last, Int64(stored: oldest)])
            let end = try min(last, Self.maximum(db)) + 1
            let old = (young ?? end) - 1
            if old > wanted {
                plan.step = holdsAfterSteps ? try step(db, before: now) : nil
                if plan.step == nil { wanted = old }
            }
        }
        let consumers = try Row.fetchAll(db, sql: "SELECT * FROM consumer").map(ConsumerCursor.init)
        let acknowledged = consumers.map { Int64(stored: $0.seq) }.min() ?? .max
        plan.first = first
        plan.through = min(wanted, acknowledged)
        if size > retention.unacknowledgedBytes {
            let forced = try share(db, of: size, over: retention.unacknowledgedBytes, first: first)
            if forced > plan.through {
                plan.through = forced
                plan.overruled = consumers.filter { Int64(stored: $0.seq) < forced }
            }
        }
        // The last verdict stays: its number is what the next one follows.
        plan.through = min(plan.through, last, try Self.maximum(db) - 1)
        return plan
    }

    /// The step of more than a week with which the last day's verdicts begin, or after which there are none yet.
    private func step(_ db: Database, before now: UInt64) throws -> UInt64? {
        let yesterday = Int64(stored: now - min(now, Self.day))
        guard
            let before = try Row.fetchOne(
                db, sql: "SELECT seq, decided_ns FROM verdict WHERE decided_ns < ? ORDER BY seq DESC LIMIT 1",
                arguments: [yesterday])
        else { return nil }
        let next = try Int64.fetchOne(
            db, sql: "SELECT decided_ns FROM verdict WHERE seq > ? ORDER BY seq LIMIT 1",
            arguments: [before["seq"] as Int64])
        let from = UInt64(clamping: before["decided_ns"] as Int64), to = next.map { UInt64(clamping: $0) } ?? now
        let step = to - min(to, from)
        return step > Self.longestStep ? step : nil
    }

    static func usedBytes(_ db: Database) throws -> Int {
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
        return (pages - free) * size
    }

    private static func maximum(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT max(seq) FROM verdict") ?? 0
    }

    /// The number up to which verdicts would have to go, were all of one size, in pieces.
    private func share(_ db: Database, of size: Int, over limit: Int, first: Int64) throws -> Int64 {
        let count = try Self.maximum(db) - first + 1
        let excess = Double(size - limit) / Double(max(1, size)) * Double(count)
        return first - 1 + min(Self.piece, max(1, Int64(excess.rounded(.up))))
    }
}
