import Fleet
import Foundation
import Inspection
import Journal
import NATSTransport
import Threads

/// The thread "hub clouds": takes what workers send to be looked at, for the hub's dashboard, beside the lines that the parts are of.
extension HubFeed {
    /// How long a cloud is given out anew to wait for its verdict, which may lie in its line while that is cut off.
    private static let mostDeliveries = 20

    func takeClouds(for pictures: PartPictureWriter) {
        let taking = CloudTaking(streams: link.streams, pictures: pictures, teller: RefusalTeller())
        var isPrepared = false
        while !stop.isRaised {
            do throws(NATSError) {
                guard link.streams.isConnected else { throw NATSError(.unreachable, "") }
                if !isPrepared {
                    try link.streams.ensure(
                        ConsumerConfiguration(
                            name: FleetNames.hub, subject: FleetNames.everyCloud, lease: .seconds(30)),
                        of: FleetNames.clouds)
                    isPrepared = true
                }
                guard
                    let delivery = try link.streams.next(
                        FleetNames.hub, of: FleetNames.clouds, patience: .milliseconds(500))
                else { continue }
                if take(delivery, taking) { try link.streams.acknowledge(delivery) }
            } catch {
                // Told by who takes verdicts; a fleet of an older version has no clouds.
                isPrepared = false
                stop.wait(until: SystemClock().after(.seconds(1)))
            }
        }
    }

    /// - Returns: false for one that is to come again, as its verdict is not here yet.
    private func take(_ delivery: Delivery, _ taking: CloudTaking) -> Bool {
        guard let received = taking.received(delivery) else { return true }
        if let verdict = verdict(received.resultID) {
            taking.keep(received, of: verdict)
            return true
        }
        guard delivery.deliveries >= Self.mostDeliveries else { return false }
        taking.pictures.noteMissing(resultID: received.resultID)
        return true
    }

    /// The verdict that a cloud belongs to; it comes a little later than the cloud, by way of its line's journal.
    private func verdict(_ id: String) -> Verdict? {
        let deadline = SystemClock().after(.seconds(2))
        var seen: Int?
        while !stop.isRaised, SystemClock().now < deadline {
            let before = seen
            seen = state.wait(until: deadline) { $0.storedCount == before ? nil : $0.storedCount }
            if let stored = try? journal.reader.verdict(resultID: id) {
                return try? JSONDecoder().decode(Verdict.self, from: Data(stored.json))
            }
        }
        return nil
    }
}
