import Fleet
import NATSTransport
import Threads

/// The thread "answers" of a worker: brings answers to the server, and lets their parts go, while the next part is scored.
final class AnswerSender: Sendable {
    struct Answer: Sendable {
        let content: FleetAnswer.Content
        let ticket: PartTicket
        let delivery: Delivery
        /// What `Nats-Msg-Id` says beside the line.
        let id: String
        var watch: PartWatch
        var hasCloud = false
        /// Models that the worker holds.
        var models: [String] = []
        /// Is called once the server has the answer; must not wait.
        var then: @Sendable () -> Void = {}
    }

    /// A worker whose answers do not get away takes no more parts.
    private let queue = BoundedQueue<Answer>(capacity: 2)
    private let thread: JoinableThread

    init(worker: String, streams: JetStream, lease: LeaseKeeper, stop: StopSignal) {
        let queue = queue
        thread = JoinableThread(name: "answers") {
            while case .element(let answer) = queue.receive() {
                Self.bring(answer, worker, streams, lease, stop)
                lease.end(answer.delivery)
            }
        }
    }

    /// Takes an answer over, waiting while others do not get away.
    func send(_ answer: Answer) {
        var answer = answer
        answer.watch.handOver()
        queue.send(answer)
    }

    /// Ends once everything is sent, or cannot be.
    func finish() {
        queue.close()
        thread.join()
    }

    /// Answers until the server has it; the line may have waited for this one part.
    private static func bring(
        _ answer: Answer, _ worker: String, _ streams: JetStream, _ lease: LeaseKeeper, _ stop: StopSignal
    ) {
        let ticket = answer.ticket
        let bytes: [UInt8]
        do throws(FleetError) {
            bytes = try FleetAnswer(
                resultID: ticket.resultID, worker: worker, content: answer.content, hasCloud: answer.hasCloud
            ).encoded()
        } catch {
            // Every answer can be written by construction; without one the part is another worker's.
            return Terminal.error("scanward: \(error.message)")
        }
        while true {
            do throws(NATSError) {
                _ = try streams.publish(
                    FleetNames.answer(to: ticket.line), bytes, id: FleetNames.message(answer.id, of: ticket.line))
                break
            } catch {
                guard error.isTransient, !stop.isRaised else {
                    return Terminal.error("scanward: an answer is lost: \(printable(FleetStreams.sentence(error)))")
                }
                stop.wait(until: SystemClock().after(.milliseconds(250)))
            }
        }
        if case .verdict = answer.content { lease.note(.scored(answer.watch), models: answer.models) }
        answer.then()
        // Unacknowledged, the part would be scored once more, and its second verdict be dropped.
        try? streams.acknowledge(answer.delivery)
    }
}
