import Fleet
import Foundation
import Ingest
import Inspection
import NATSTransport
import Threads

/// One part: from the queue to its answer.
extension ScoringWorker {
    func score(_ delivery: Delivery, of line: String, lease time: Duration, _ watch: PartWatch) {
        lease.begin(delivery, of: line, lease: time)
        let received: PartMessage.Received
        do throws(FleetError) {
            received = try PartMessage.Received(delivery.payload)
        } catch {
            // Nobody can be answered: the line sends it again, once it finds that it is gone.
            Terminal.error("scanward: a part of \(printable(line)) is refused: \(printable(error.message))")
            lease.note(.returned)
            bury(delivery, of: line, as: "unreadable.\(delivery.sequence)")
            try? link.streams.acknowledge(delivery)
            return lease.end(delivery)
        }
        let ticket = received.ticket
        let mark: Errand<Publication, NATSError>
        do throws(NATSError) {
            guard try decide(ticket, delivery) == .score else { return abandon(ticket, delivery, of: line, watch) }
            // Known before it can kill us; meanwhile its points are unpacked.
            mark = Errand("mark") { [streams = link.streams] () throws(NATSError) in
                try streams.publish(FleetNames.began(ticket.resultID, of: line), [], id: nil)
            }
        } catch {
            return letGo(delivery, error)
        }
        do {
            let (part, judge) = try opened(received)
            do throws(NATSError) {
                _ = try mark.wait()
            } catch {
                return letGo(delivery, error)
            }
            try judged(part, judge, ticket, delivery, watch)
        } catch {
            _ = try? mark.wait()
            let sentence = (error as? NATSError).map(FleetStreams.sentence) ?? "\(error)"
            Terminal.error(
                "scanward: part \(printable(ticket.partID)) of \(printable(line)) is returned: \(printable(sentence))")
            lease.note(.returned)
            answers.send(
                .init(
                    content: .returned(sentence), ticket: ticket, delivery: delivery,
                    id: "\(ticket.resultID).returned.\(delivery.sequence)", watch: watch))
        }
    }

    /// The link is cut: once the lease has run out the part is whose who has one.
    private func letGo(_ delivery: Delivery, _ error: NATSError) {
        lease.end(delivery)
        Terminal.error("scanward: a part is let go: \(printable(FleetStreams.sentence(error)))")
    }

    private func decide(_ ticket: PartTicket, _ delivery: Delivery) throws(NATSError) -> RedeliveryRule.Decision {
        guard delivery.deliveries > rule.workers else { return .score }
        let subject = FleetNames.began(ticket.resultID, of: ticket.line)
        let began = try link.streams.info(FleetNames.began, subjects: subject).state.subjects?[subject] ?? 0
        return rule.decide(deliveries: delivery.deliveries, began: { Int(began) })
    }

    private func abandon(_ ticket: PartTicket, _ delivery: Delivery, of line: String, _ watch: PartWatch) {
        Terminal.error(
            "scanward: part \(printable(ticket.partID)) of \(printable(line)) is given up: \(rule.workers) workers died of it"
        )
        lease.note(.abandoned)
        bury(delivery, of: line, as: ticket.resultID)
        answers.send(
            .init(
                content: .abandoned(deaths: rule.workers), ticket: ticket, delivery: delivery,
                id: "\(ticket.resultID).abandoned", watch: watch))
    }

    /// The part as its line assembled it, and what judges it.
    private func opened(_ received: PartMessage.Received) throws -> (AssembledPart, PartJudge) {
        let ticket = received.ticket
        let chunks = try link.streams.pieces(received.chunks, called: "chunk", in: FleetNames.chunks) { index in
            FleetNames.chunk(index, of: ticket.resultID, line: ticket.line)
        }
        let part = ticket.part(points: try received.message(chunks: chunks).points())
        let judge = try models.judge(for: ticket)
        let resultID = judge.resultID(of: part)
        guard resultID == ticket.resultID else {
            throw Failure("expected a part with the result_id \(ticket.resultID), found \(resultID) of what arrived")
        }
        return (part, judge)
    }

    private func judged(
        _ part: AssembledPart, _ judge: PartJudge, _ ticket: PartTicket, _ delivery: Delivery, _ watch: PartWatch
    ) throws {
        var judge = judge, watch = watch
        watch.beginScoring()
        let judgement = judge.judge(part, resultID: ticket.resultID, arrivedAt: SystemClock().now)
        watch.endScoring()
        let json = try judgement.verdict.json()
        var answer = AnswerSender.Answer(
            content: .verdict(json), ticket: ticket, delivery: delivery, id: ticket.resultID, watch: watch)
        if judgement.map != nil, ticket.cloud?.isWanted(ofOK: judgement.verdict.evaluation == .ok) ?? false {
            // The verdict is on its way first.
            answer.hasCloud = clouds.hasRoom
            if answer.hasCloud {
                answer.then = { [clouds] in clouds.offer(judgement, of: ticket.line) }
            } else {
                lease.note(.cloudDropped)
            }
        }
        answer.models = models.ids
        answers.send(answer)
    }

    private func bury(_ delivery: Delivery, of line: String, as id: String) {
        do throws(NATSError) {
            _ = try link.streams.publish(
                FleetNames.dead(of: line), delivery.payload, id: FleetNames.message(id, of: line))
        } catch {
            Terminal.error(
                "scanward: a part does not reach \(FleetNames.dead): \(printable(FleetStreams.sentence(error)))")
        }
    }
}
