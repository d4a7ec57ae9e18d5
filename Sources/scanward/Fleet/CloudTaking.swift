import Fleet
import Foundation
import HeatMaps
import Inspection
import NATSTransport

/// What workers send to be looked at, as it is taken by the dashboards of a line and of the hub. Nothing is lost with it but
/// pictures.
struct CloudTaking: Sendable {
    let streams: JetStream
    let pictures: PartPictureWriter
    let teller: RefusalTeller

    /// nil for one that is none; that is counted, and told.
    func received(_ delivery: Delivery) -> CloudMessage.Received? {
        do throws(FleetError) {
            return try CloudMessage.Received(delivery.payload)
        } catch {
            pictures.noteMissing(resultID: "")
            teller.tell("cloud", "a cloud of the fleet is refused: \(error.message)")
            return nil
        }
    }

    /// Fetches its pieces, and hands it on to be kept.
    ///
    /// - Parameter verdict: that it belongs to, of whichever line.
    func keep(_ received: CloudMessage.Received, of verdict: Verdict) {
        let id = received.resultID
        do {
            let pieces = try streams.pieces(received.pieces, called: "piece", in: FleetNames.clouds) { index in
                FleetNames.cloudPiece(index, of: id, line: verdict.line)
            }
            let cloud = try received.message(pieces: pieces).cloud
            let header = try PartCloud(reading: cloud).header
            guard let model = verdict.model?.id, header.model == model else {
                throw FleetError("it is of another model")
            }
            // It becomes part of a file's name, and at the hub comes with the verdict from elsewhere.
            guard model.utf8.count == 64, model.allSatisfy(\.isHexDigit) else {
                throw FleetError("expected a model by its SHA-256, found \"\(model.prefix(80))\"")
            }
            pictures.offer(cloud, of: verdict)
        } catch {
            pictures.noteMissing(resultID: id)
            teller.tell("cloud", "what is to be seen of part \(verdict.partID) is refused: \(error)")
        }
    }
}
