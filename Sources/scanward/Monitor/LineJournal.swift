import Foundation
import Ingest
import Inspection
import Journal
import Threads

/// What a line does with its journal beside storing verdicts: opening it, and telling people of it.
enum LineJournal {
    /// Opens the journal of a state folder. What happens to it later is told on standard error.
    ///
    /// - Parameters:
    ///   - didCommit: is told how long each commit took, ns.
    ///   - didFail: is called when nothing can be stored any more.
    static func open(
        _ folder: StateFolder, retention: Retention, didCommit: @escaping @Sendable (UInt64) -> Void,
        didFail: @escaping @Sendable (JournalError) -> Void
    ) throws -> Journal {
        var configuration = Journal.Configuration(folder: folder)
        configuration.retention = retention
        configuration.didCommit = didCommit
        do throws(JournalError) {
            return try Journal.open(configuration) { event in
                switch event {
                case .notReady(let alert): Terminal.error("scanward: not ready: \(printable(alert.message))")
                case .ready: Terminal.error("scanward: ready again: the journal stores verdicts")
                case .alert(let alert): Terminal.error("scanward: alert \(alert.code): \(printable(alert.message))")
                case .failed(let error): didFail(error)
                }
            }
        } catch {
            throw Failure("--state: \(error.message)")
        }
    }

    /// The parts that an assembler must remember from before.
    static func closedBefore(_ journal: Journal) throws -> [PartAssembler.Opening] {
        let closed = try journal.reader.lastParts(limit: 4096)
        let open = journal.opening.openParts.map(\.key)
        return (closed + open).map {
            .init(source: $0.source, session: $0.session, partID: $0.partID, attempt: $0.attempt)
        }
    }

    /// One line about a journal that was opened.
    static func describe(_ journal: Journal, in folder: StateFolder) -> String {
        let opening = journal.opening
        var line = "journal \(folder.database), epoch \(opening.epoch), \(opening.head) verdicts"
        if opening.head >= opening.unpublishedFrom {
            line += ", published once more from \(opening.unpublishedFrom)"
        }
        if !opening.openParts.isEmpty { line += ", \(opening.openParts.count) parts were open at its end" }
        return line
    }
}

extension OpenedPart {
    init(_ opening: PartAssembler.Opening) {
        self.init(
            key: PartKey(
                source: opening.source, session: opening.session, partID: opening.partID, attempt: opening.attempt),
            partType: opening.partType, captureNanoseconds: opening.captureNanoseconds,
            openedNanoseconds: SystemClock.unixNanoseconds, isSimulated: opening.isSimulated)
    }
}

extension VerdictBuilder {
    /// The result id of that verdict.
    func resultID(ofInterrupted part: OpenedPart) -> String {
        Self.resultID(
            part.key, part.captureNanoseconds, of: "interrupted", by: "", configHash: configHash)
    }

    /// The final verdict on a part within which the process ended.
    mutating func verdict(onInterrupted part: OpenedPart, resultID: String) -> Verdict {
        let reason = Reason(
            code: "interrupted",
            message: "the monitor ended within the part, without being stopped: what had come of it is lost")
        let now = SystemClock.unixNanoseconds
        return verdict(
            resultID: resultID, key: part.key, partType: part.partType, isSimulated: part.isSimulated, reason: reason,
            times: .init(
                firstCaptureNs: part.captureNanoseconds, lastCaptureNs: part.captureNanoseconds,
                receivedNs: part.openedNanoseconds, decidedNs: now))
    }
}
