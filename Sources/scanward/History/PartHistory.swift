import Foundation
import Inspection
import Journal

/// Everything that a journal knows of a part.
struct PartHistory {
    /// One attempt at the part, and what was around it.
    struct Attempt {
        var verdict: Verdict
        /// The same scanner's parts before and behind it.
        var before: [Verdict]
        var after: [Verdict]
        /// From a minute before its first frame to a minute after its verdict.
        var alerts: [JournalAlert]
    }

    /// Thresholds that its part type was judged by, oldest first: each as of the first verdict with it.
    struct ThresholdUse: Encodable, Equatable {
        var since: String
        var seq: UInt64
        var modelID: String
        var threshold: Double
    }

    var partID: String
    /// Oldest first.
    var attempts: [Attempt]
    /// Attempts that have no verdict yet.
    var open: [OpenedPart]
    /// Of its part type.
    var modelChanges: [ModelChange]
    var thresholds: [ThresholdUse]

    /// What is asked for.
    enum Key: Equatable {
        case partID(String), resultID(String), seq(UInt64)
    }

    private static let neighbors = 3, margin: UInt64 = 60_000_000_000

    /// Finds a part.
    ///
    /// - Throws: `Failure` if nothing is known of it.
    init(_ asked: String, key: Key? = nil, in journal: JournalReader, path: String) throws {
        var stored = try Self.find(asked, key, in: journal)
        let id = stored.last?.part.partID ?? asked
        if let last = stored.last, stored.count == 1 {
            // Asked for by number or result: its other attempts belong to it.
            stored = try journal.verdicts(partID: last.part.partID)
        }
        open = try journal.openParts().filter { $0.key.partID == id }
        guard !stored.isEmpty || !open.isEmpty else {
            let last = try journal.lastVerdicts(limit: 5).map { printable($0.part.partID) }
            throw Failure(
                "nothing is known of \"\(printable(asked))\" in \(path): expected a part id, a result_id or a seq"
                    + (last.isEmpty
                        ? "; the journal has no verdict yet" : "; the last parts were \(last.joined(separator: ", "))"))
        }
        partID = id
        attempts = try stored.compactMap { row in
            guard let verdict = Self.decode(row) else { return nil }
            let near = try journal.neighbors(of: row.seq, source: row.part.source, count: Self.neighbors)
            let begin = Self.openedNanoseconds(verdict), end = verdict.times.decidedNs
            let alerts = try journal.alerts(in: (begin - min(begin, Self.margin))...(max(begin, end) + Self.margin))
            return Attempt(
                verdict: verdict, before: near.before.compactMap(Self.decode),
                after: near.after.compactMap(Self.decode),
                // What names another scanner is not its business.
                alerts: alerts.filter { !$0.code.hasPrefix("source_") || $0.message.contains(row.part.source) })
        }
        let type = attempts.last?.verdict.partType ?? open.last?.partType
        modelChanges = try journal.modelChanges().filter { $0.partType == type }
        thresholds = try Self.thresholds(of: type, in: journal)
    }

    /// When its first frame came, ns since the Unix epoch, as far as the verdict tells.
    static func openedNanoseconds(_ verdict: Verdict) -> UInt64 {
        let acquisition = UInt64(max(0, verdict.durationsMs.acquisition) * 1e6)
        return verdict.times.receivedNs - min(verdict.times.receivedNs, acquisition)
    }

    private static func find(_ asked: String, _ key: Key?, in journal: JournalReader) throws -> [JournalVerdict] {
        switch key {
        case .partID(let id): return try journal.verdicts(partID: id)
        case .resultID(let id): return try journal.verdict(resultID: id).map { [$0] } ?? []
        case .seq(let seq): return try journal.verdict(seq: seq).map { [$0] } ?? []
        case nil: break
        }
        // A part's id first: it may look like anything.
        let byID = try journal.verdicts(partID: asked)
        if !byID.isEmpty { return byID }
        if let found = try journal.verdict(resultID: asked) { return [found] }
        return try UInt64(asked).flatMap { try journal.verdict(seq: $0) }.map { [$0] } ?? []
    }

    static func decode(_ stored: JournalVerdict) -> Verdict? {
        guard let verdict = try? JSONDecoder().decode(Verdict.self, from: Data(stored.json)) else { return nil }
        let isSound = verdict.regions.allSatisfy { $0.centroid.count == 3 && $0.obb.extent.count == 3 }
        return isSound ? verdict : nil
    }

    /// Looks at the last 2,000 verdicts on the type.
    private static func thresholds(of type: String?, in journal: JournalReader) throws -> [ThresholdUse] {
        guard let type else { return [] }
        var uses: [ThresholdUse] = []
        for verdict in try journal.lastVerdicts(limit: 2000).filter({ $0.partType == type }).compactMap(decode) {
            guard let model = verdict.model, let threshold = verdict.threshold else { continue }
            if let last = uses.last, last.modelID == model.id, last.threshold == threshold { continue }
            uses.append(
                ThresholdUse(
                    since: timeText(verdict.times.decidedNs), seq: verdict.seq, modelID: model.id, threshold: threshold)
            )
        }
        return uses
    }
}
