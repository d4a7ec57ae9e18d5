import Fleet
import Foundation
import Inspection
import NATSTransport
import Threads

/// The thread "pool clouds": takes what workers send to be looked at. Nothing waits for it, and nothing is lost with it but pictures.
extension PartPool {
    /// Of which parts the cloud is wanted: as this line's dashboard says, or of those that are not ok for the hub's.
    var cloudWish: PartTicket.Cloud? {
        if let pictures { return pictures.wish() }
        return isHubWatching ? .failed : nil
    }

    /// Whether a hub has a dashboard, as of some seconds ago: then what was sent stays for it, up to the stream's limits.
    private var isHubWatching: Bool { state.withLock { $0.isHubWatching } }

    /// Asks whether a hub has a dashboard.
    func lookForHub() {
        // A fleet of an older version has no clouds; of one that does not answer nothing is known.
        guard let consumers = try? link.streams.consumers(of: FleetNames.clouds) else { return }
        let isWatching = consumers.contains { $0.name == FleetNames.hub }
        state.withLock { $0.isHubWatching = isWatching }
    }

    /// A verdict came, and its worker says whether a cloud follows.
    func expectCloud(of verdict: Verdict, _ ticket: PartTicket, isSent: Bool) {
        guard let wish = ticket.cloud else { return }
        pictures?.expect(verdict, wish: wish, isSent: isSent)
    }

    func takeClouds(for pictures: PartPictureWriter) {
        let name = FleetNames.consumer(of: line)
        let taking = CloudTaking(streams: link.streams, pictures: pictures, teller: teller)
        while !stop.isRaised {
            pictures.dropLate()
            guard state.withLock({ $0.takesParts }) else {
                stop.wait(until: SystemClock().after(.milliseconds(500)))
                continue
            }
            do throws(NATSError) {
                guard
                    let delivery = try link.streams.next(name, of: FleetNames.clouds, patience: .milliseconds(500))
                else { continue }
                let received = taking.received(delivery)
                if let received { take(received, taking) }
                try link.streams.acknowledge(delivery)
                if !isHubWatching { try remove(delivery, received) }
            } catch {
                // Told by who takes answers; a fleet of an older version has no clouds.
                stop.wait(until: SystemClock().after(.seconds(1)))
            }
        }
    }

    private func take(_ received: CloudMessage.Received, _ taking: CloudTaking) {
        guard let verdict = verdict(received.resultID) else {
            return taking.pictures.noteMissing(resultID: received.resultID)
        }
        taking.keep(received, of: verdict)
    }

    private func remove(_ delivery: Delivery, _ received: CloudMessage.Received?) throws(NATSError) {
        if let received, received.pieces > 0 {
            try link.streams.purge(
                FleetNames.clouds, subject: FleetNames.cloudPieces(of: received.resultID, line: line))
        }
        try link.streams.delete(delivery.sequence, from: FleetNames.clouds)
    }

    /// The verdict that a cloud belongs to, once it is in the journal; nil where none is to be expected.
    private func verdict(_ id: String) -> Verdict? {
        // What is in the journal is held no more.
        _ = state.wait(until: SystemClock().after(.seconds(5))) { state in
            state.held[id] == nil || state.isClosing ? true : nil
        }
        guard let stored = try? journal.reader.verdict(resultID: id) else { return nil }
        return try? JSONDecoder().decode(Verdict.self, from: Data(stored.json))
    }
}
