import Fleet
import Foundation
import Inspection
import Journal
import MonitorConfiguration
import NATSTransport
import Threads

/// `run --role hub`: takes what all lines journalled into one journal, whose numbers are its own.
final class HubFeed: Sendable {
    struct State: Sendable {
        /// In the journal, and not yet acknowledged.
        var stored: [Delivery] = []
        /// How many are in the journal since the start.
        var storedCount = 0
    }

    let link: FleetLink
    let journal: Journal
    /// Where clouds of parts are kept to be looked at; nil for a hub without a dashboard.
    private let pictures: PartPictureWriter?
    let state = Monitor(State())
    let stop = StopSignal()
    private let ended = [StopSignal(), StopSignal()]
    let progress = ThreadProgress("hub")

    init(_ settings: FleetSettings, journal: Journal, pictures: PartPictureWriter?) throws {
        self.journal = journal
        self.pictures = pictures
        link = try FleetLink(settings, name: "scanward hub")
    }

    /// - Parameter take: takes a verdict over, and may wait.
    func start(take: @escaping @Sendable (VerdictDesk.Item, ThreadProgress) -> Void) {
        _ = JoinableThread(name: "hub") { [self] in
            let teller = RefusalTeller()
            var isPrepared = false
            while !stop.isRaised {
                progress.step()
                do throws(NATSError) {
                    guard link.streams.isConnected else { throw NATSError(.unreachable, "") }
                    if !isPrepared {
                        try link.streams.ensure(
                            ConsumerConfiguration(
                                name: FleetNames.hub, subject: "scanward.verdict.*", lease: .seconds(10)),
                            of: FleetNames.verdicts)
                        isPrepared = true
                    }
                    let delivery = try progress.excusing { () throws(NATSError) in
                        try link.streams.next(FleetNames.hub, of: FleetNames.verdicts, patience: .milliseconds(500))
                    }
                    if let delivery { self.take(delivery, take) }
                    acknowledge()
                    teller.recovered()
                } catch {
                    isPrepared = false
                    teller.tell(error)
                    stop.wait(until: SystemClock().after(.milliseconds(250)))
                }
            }
            progress.end()
            ended[0].raise()
        }
        // None of the threads that a verdict passes through.
        guard let pictures else { return ended[1].raise() }
        _ = JoinableThread(name: "hub clouds") { [self] in
            takeClouds(for: pictures)
            ended[1].raise()
        }
    }

    private func take(_ delivery: Delivery, _ take: (VerdictDesk.Item, ThreadProgress) -> Void) {
        do {
            let verdict = try JSONDecoder().decode(Verdict.self, from: Data(delivery.payload))
            guard verdict.schema == Verdict.schemaName else { throw FleetError("its schema is \(verdict.schema)") }
            take(
                VerdictDesk.Item(verdict: verdict) { [state] in
                    state.withLock { state in
                        state.stored.append(delivery)
                        state.storedCount += 1
                    }
                }, progress)
        } catch {
            Terminal.error("scanward: a verdict for the hub is refused: \(printable("\(error)"))")
            try? link.streams.acknowledge(delivery)
        }
    }

    private func acknowledge() {
        let stored = state.withLock { state in
            defer { state.stored = [] }
            return state.stored
        }
        for delivery in stored { try? link.streams.acknowledge(delivery) }
    }

    /// Ends once nothing more is taken.
    func finish() {
        stop.raise()
        for end in ended { end.wait(until: nil) }
    }

    /// After the journal has told of its last verdict.
    func close() {
        acknowledge()
        link.connection.close()
    }
}
