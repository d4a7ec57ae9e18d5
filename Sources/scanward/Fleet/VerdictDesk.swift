import Inspection
import Journal
import Threads

/// Numbers verdicts that come from several threads, and hands them on in the order of their numbers.
///
/// Verdicts of the pool come in the order in which parts are done; those on parts that need no scoring overtake them. The journal
/// wants its numbers without gaps, so one thread gives them out.
final class VerdictDesk: Sendable {
    struct Item: Sendable {
        var verdict: Verdict
        /// Is called once the verdict is in the journal, also where one of the same result was there before; on a thread that must
        /// not wait.
        var stored: @Sendable () -> Void = {}
    }

    private let queue = BoundedQueue<Item>(capacity: 16)
    private let delivery: VerdictDelivery
    private let journal: Journal
    private let epoch: String
    private let head: UInt64
    let progress = ThreadProgress("desk")
    private let done = StopSignal()

    init(delivery: VerdictDelivery, journal: Journal) {
        self.delivery = delivery
        self.journal = journal
        epoch = journal.opening.epoch
        head = journal.opening.head
    }

    /// - Parameter first: runs on the desk's thread before the first verdict.
    func start() {
        _ = JoinableThread(name: "desk") { [self] in
            var head = head
            while case .element(let item) = queue.receive(noting: progress) {
                do throws(JournalError) {
                    if try journal.contains(resultID: item.verdict.resultID) {
                        delivery.repeatVerdict(resultID: item.verdict.resultID, on: item.verdict.key, noting: progress)
                        // One on its way to the disk is not there yet: whoever brought it brings it again.
                        if try journal.reader.verdict(resultID: item.verdict.resultID) != nil { item.stored() }
                        continue
                    }
                } catch {
                    delivery.stop(because: "the journal cannot be read: \(error.message)")
                    continue
                }
                var verdict = item.verdict
                head += 1
                (verdict.epoch, verdict.seq) = (epoch, head)
                delivery.deliver(verdict, noting: progress, then: item.stored)
            }
            progress.end()
            done.raise()
        }
    }

    /// Takes a verdict over; its number is given here.
    func submit(_ item: Item, noting progress: ThreadProgress) { queue.send(item, noting: progress) }

    /// Ends once everything that was taken over is with the journal.
    func close() {
        queue.close()
        done.wait(until: nil)
    }
}

extension Verdict {
    var key: PartKey { PartKey(source: source, session: session, partID: partID, attempt: attempt) }
}
