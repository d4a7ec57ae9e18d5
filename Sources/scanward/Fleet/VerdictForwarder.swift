import Fleet
import Journal
import NATSTransport
import Threads

/// Sends what is in a line's journal to the hub, at least once each: a named consumer of the journal, whose cursor lies in it.
final class VerdictForwarder: Sendable {
    static let consumer = "fleet-hub"

    private let journal: Journal
    private let streams: JetStream
    private let line: String
    private let stop = StopSignal()
    private let ended = StopSignal()

    init(journal: Journal, streams: JetStream, line: String) {
        self.journal = journal
        self.streams = streams
        self.line = line
    }

    func start() {
        _ = JoinableThread(name: "forwarder") { [self] in
            var cursor = begin()
            let teller = RefusalTeller(), noHub = "verdicts do not reach the hub, and are sent once they can: "
            while !stop.isRaised {
                guard let from = cursor else {
                    stop.wait(until: SystemClock().after(.seconds(1)))
                    cursor = begin()
                    continue
                }
                do {
                    let next = try forward(from: from)
                    if next == from { stop.wait(until: SystemClock().after(.milliseconds(100))) }
                    cursor = next
                    teller.recovered(noHub)
                } catch {
                    if let error = error as? NATSError { teller.tell(error, after: noHub) }
                    stop.wait(until: SystemClock().after(.milliseconds(500)))
                }
            }
            // What the line said last, if it can be had rid of at once.
            if let from = cursor, let next = try? forward(from: from), next > from { _ = try? forward(from: next) }
            ended.raise()
        }
    }

    /// Ends, after one more attempt.
    func close() {
        stop.raise()
        ended.wait(until: nil)
    }

    /// Where to go on; a line that joins begins with what it says from then on. nil while the journal cannot tell.
    private func begin() -> UInt64? {
        do {
            if let known = try journal.reader.consumers().first(where: { $0.name == Self.consumer }) {
                return known.seq + 1
            }
            let head = journal.opening.head
            try journal.store(
                .registered(consumer: Self.consumer, seq: head), deadline: SystemClock().after(.seconds(2)))
            return head + 1
        } catch {
            return nil
        }
    }

    /// - Returns: the next number that is to be sent.
    private func forward(from seq: UInt64) throws -> UInt64 {
        guard streams.isConnected else { throw NATSError(.unreachable, "no NATS server is reached") }
        let page = try journal.reader.page(from: seq, limit: 100)
        for verdict in page.verdicts {
            _ = try streams.publish(FleetNames.verdict(of: line), verdict.json, id: verdict.resultID)
        }
        guard page.next > seq else { return seq }
        // A journal that is closing keeps the old cursor: then they are sent once more, and taken once.
        try? journal.store(
            .acknowledged(consumer: Self.consumer, seq: page.next - 1), deadline: SystemClock().after(.seconds(2)))
        return page.next
    }
}
