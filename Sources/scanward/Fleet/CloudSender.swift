import Fleet
import HeatMaps
import NATSTransport
import Synchronization
import Threads

/// The thread "clouds" of a worker: sends scored parts to their lines, to be looked at. Nobody waits for it: what it cannot take is
/// left out, and the answer says so.
final class CloudSender: Sendable {
    private static let most = 4
    private let queue = BoundedQueue<(PartJudge.Judgement, String)>(capacity: most)
    private let thread: JoinableThread

    init(streams: JetStream) {
        let queue = queue
        thread = JoinableThread(name: "clouds") {
            while case .element(let (judgement, line)) = queue.receive() {
                // What does not come is missed by its line after a while, and counted there.
                try? Self.send(judgement, to: line, streams)
            }
        }
    }

    /// Of one that answers wait for nothing is lost: there are fewer of them than places.
    var hasRoom: Bool { queue.statistics.depth < Self.most - 2 }

    /// Returns at once.
    func offer(_ judgement: PartJudge.Judgement, of line: String) { queue.send((judgement, line), deadline: 0) }

    /// Ends once everything is sent, or cannot be.
    func finish() {
        queue.close()
        thread.join()
    }

    private static func send(_ judgement: PartJudge.Judgement, to line: String, _ streams: JetStream) throws {
        guard let cloud = PartCloud(judgement) else { return }
        let resultID = judgement.verdict.resultID
        let message = CloudMessage(resultID: resultID, cloud: try cloud.bytes())
        let (head, pieces) = try message.encoded(limit: streams.maximumPayload)
        for (index, piece) in pieces.enumerated() {
            _ = try streams.publish(FleetNames.cloudPiece(index, of: resultID, line: line), piece, id: nil)
        }
        _ = try streams.publish(FleetNames.cloud(of: line), head, id: FleetNames.message(resultID, of: line))
    }
}
