import Fleet
import Foundation
import HeatMaps
import Inspection
import NATSTransport
import Threads

/// The thread "pool clouds": takes what workers send to be looked at. Nothing waits for it, and nothing is lost with it but pictures.
extension PartPool {
    /// A verdict came, and its worker says whether a cloud follows.
    func expectCloud(of verdict: Verdict, _ ticket: PartTicket, isSent: Bool) {
        guard let wish = ticket.cloud else { return }
        pictures?.expect(verdict, wish: wish, isSent: isSent)
    }

    func takeClouds(for pictures: PartPictureWriter) {
        let name = FleetNames.consumer(of: line)
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
                take(delivery, for: pictures)
                try link.streams.acknowledge(delivery)
                try link.streams.delete(delivery.sequence, from: FleetNames.clouds)
            } catch {
                // Told by who takes answers; a fleet of an older version has no clouds.
                stop.wait(until: SystemClock().after(.seconds(1)))
            }
        }
    }

    private func take(_ delivery: Delivery, for pictures: PartPictureWriter) {
        let received: CloudMessage.Received
        do throws(FleetError) {
            received = try CloudMessage.Received(delivery.payload)
        } catch {
            pictures.noteMissing(resultID: "")
            return tell("cloud", "a cloud of the fleet is refused: \(error.message)")
        }
        let id = received.resultID
        defer {
            if received.pieces > 0 {
                try? link.streams.purge(FleetNames.clouds, subject: FleetNames.cloudPieces(of: id, line: line))
            }
        }
        guard let verdict = verdict(id) else { return pictures.noteMissing(resultID: id) }
        do {
            let pieces = try link.streams.pieces(received.pieces, called: "piece", in: FleetNames.clouds) { index in
                FleetNames.cloudPiece(index, of: id, line: line)
            }
            let cloud = try received.message(pieces: pieces).cloud
            let header = try PartCloud(reading: cloud).header
            guard header.model == verdict.model?.id else { throw FleetError("it is of another model") }
            pictures.offer(cloud, of: verdict)
        } catch {
            pictures.noteMissing(resultID: id)
            tell("cloud", "what is to be seen of part \(verdict.partID) is refused: \(error)")
        }
    }

    /// The verdict that a cloud belongs to, once it is in the journal; nil where none is to be expected.
    private func verdict(_ id: String) -> Verdict? {
        for _ in 0..<100 where !stop.isRaised {
            let isHeld = state.withLock { $0.held[id] != nil }
            if let stored = try? journal.reader.verdict(resultID: id) {
                return try? JSONDecoder().decode(Verdict.self, from: Data(stored.json))
            }
            guard isHeld else { return nil }
            stop.wait(until: SystemClock().after(.milliseconds(50)))
        }
        return nil
    }
}
