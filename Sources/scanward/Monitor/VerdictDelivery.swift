import Foundation
import Ingest
import Inspection
import Journal
import Publishing
import Synchronization
import Threads

/// Brings verdicts to those who want them: the journal first, and what is on the disk to PUB and the terminal.
///
/// Without a journal they go straight on. A verdict that the journal could not store is withheld: nobody sees it, and its
/// part is `not_decidable` after the next start.
final class VerdictDelivery: Sendable {
    let journal: Journal?
    let publisher: VerdictPublisher?
    private let summary: RunSummary
    private let activity: LineActivity
    private let printsJSON: Bool
    private let printer: LinePrinter
    private let hasFailed = Mutex(false)
    private let fail: @Sendable (_ reason: String) -> Void

    /// - Parameter fail: is told once why verdicts reach nobody any more.
    init(
        journal: Journal?, publisher: VerdictPublisher?, summary: RunSummary, activity: LineActivity,
        printsJSON: Bool, fail: @escaping @Sendable (String) -> Void
    ) {
        self.journal = journal
        self.publisher = publisher
        self.summary = summary
        self.activity = activity
        self.printsJSON = printsJSON
        printer = LinePrinter(waits: printsJSON)
        self.fail = fail
    }

    /// Whether the threads that what is delivered passes through go on.
    var progress: [ThreadProgress] {
        (journal.map { [$0.progress] } ?? []) + (publisher.map { [$0.progress] } ?? [])
    }

    /// Takes over a verdict, waiting while as many as fit wait for the disk.
    ///
    /// - Parameters:
    ///   - progress: of the thread that waits.
    ///   - didStore: is called once the verdict is in the journal, on the journal's thread.
    func deliver(_ verdict: Verdict, noting progress: ThreadProgress, then didStore: (@Sendable () -> Void)? = nil) {
        let json: [UInt8]
        do {
            json = try verdict.json()
        } catch {
            // Every number in a verdict is finite by construction. Should one not be, its part must not go without a
            // verdict unseen.
            return stop(
                because: "verdict \(verdict.seq) on part \(printable(verdict.partID)) cannot be written: \(error)")
        }
        guard let journal else { return hand(verdict, json) }
        let stored = JournalVerdict(
            seq: verdict.seq, resultID: verdict.resultID, line: verdict.line, station: verdict.station,
            part: PartKey(
                source: verdict.source, session: verdict.session, partID: verdict.partID, attempt: verdict.attempt),
            partType: verdict.partType, evaluation: verdict.evaluation.rawValue,
            decidedNanoseconds: verdict.times.decidedNs, json: json)
        let accepted = journal.append(.verdict(stored), noting: progress) { [self] result in
            switch result {
            case .success:
                hand(verdict, json)
                didStore?()
            case .failure: noteWithheld()
            }
        }
        if !accepted { noteWithheld() }
    }

    private func noteWithheld() {
        summary.noteWithheld()
        activity.noteWithheld()
    }

    /// Publishes a verdict that is in the journal already, as the same part was judged before by the same model.
    func repeatVerdict(resultID: String, on part: PartKey, noting progress: ThreadProgress) {
        guard let journal else { return }
        journal.append(.settled(part), noting: progress)
        summary.noteRepeated()
        activity.noteRepeated()
        // One that is still on its way to the disk is published once it is there.
        guard let stored = try? journal.reader.verdict(resultID: resultID) else { return }
        guard let verdict = try? JSONDecoder().decode(Verdict.self, from: Data(stored.json)) else { return }
        hand(verdict, stored.json)
    }

    /// Publishes once more what was stored and perhaps not published by the process before.
    func publishAgain(noting progress: ThreadProgress) {
        guard let journal, let publisher else { return }
        var next = journal.opening.unpublishedFrom
        do {
            while next <= journal.opening.head {
                progress.step()
                let page = try journal.reader.page(from: next, limit: 200)
                for verdict in page.verdicts where verdict.seq <= journal.opening.head {
                    try publisher.publish(seq: verdict.seq, evaluation: verdict.evaluation, json: verdict.json)
                }
                guard page.next > next else { break }
                next = page.next
            }
        } catch {
            Terminal.error("scanward: verdicts from \(next) on cannot be published once more: \(error)")
        }
    }

    /// Ends when everything that was taken over is stored, published and printed.
    func close() {
        journal?.close()
        publisher?.stop()
        printer.close()
        summary.noteLeftOut(printer.leftOutCount)
        guard let journal, case .failed(let error) = journal.readiness else { return }
        stop(because: error.message)
    }

    private func hand(_ verdict: Verdict, _ json: [UInt8]) {
        summary.note(verdict)
        activity.note(verdict)
        do {
            if let publisher,
                try !publisher.publish(seq: verdict.seq, evaluation: verdict.evaluation.rawValue, json: json)
            {
                stop(
                    because: "verdicts are not published any more: "
                        + (publisher.statistics.failure ?? "the socket is closed"))
            }
        } catch {
            stop(because: error.message)
        }
        if printsJSON {
            printer.print(String(decoding: json, as: UTF8.self))
        } else {
            VerdictTable.lines(verdict).forEach(printer.print)
        }
    }

    func stop(because reason: String) {
        let isFirst = hasFailed.withLock { failed in
            defer { failed = true }
            return !failed
        }
        if isFirst { fail(reason) }
    }
}

extension AssembledPart {
    /// What exactly one verdict is due on.
    var key: PartKey { PartKey(source: source, session: session, partID: partID, attempt: attempt) }
}
