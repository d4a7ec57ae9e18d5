import Fleet
import Foundation
import Inspection
import NATSTransport
import Threads

/// The thread "answers": takes what workers say of this line's parts.
extension PartPool {
    func receive(noting progress: ThreadProgress, answer: @Sendable (VerdictDesk.Item, ThreadProgress) -> Void) {
        let name = FleetNames.consumer(of: line)
        var isPrepared = false, claimDue: UInt64 = 0
        let noAnswers = "the fleet's answers cannot be had, and are asked for again: "
        while !stop.isRaised {
            progress.step()
            do throws(NATSError) {
                guard link.streams.isConnected else { throw NATSError(.unreachable, "no NATS server is reached") }
                try progress.excusing { () throws(NATSError) in try claim(&claimDue) }
                if !isPrepared { try progress.excusing { () throws(NATSError) in try prepare(name) } }
                if !isPrepared { state.withLock { $0.isPrepared = true } }
                isPrepared = true
                let delivery = try progress.excusing { () throws(NATSError) in
                    try link.streams.next(name, of: FleetNames.answers, patience: .milliseconds(500))
                }
                teller.recovered(noAnswers)
                if let delivery { take(delivery, noting: progress, answer: answer) }
            } catch {
                teller.tell(error, after: noAnswers)
                // A server that lost its consumers, or a new one in its place.
                isPrepared = false
                state.withLock { $0.isPrepared = false }
                claimDue = 0
                stop.wait(until: SystemClock().after(.milliseconds(250)))
            }
        }
    }

    /// Consumers of this line's parts and of the answers on them.
    private func prepare(_ name: String) throws(NATSError) {
        try link.streams.ensure(
            ConsumerConfiguration(name: name, subject: FleetNames.part(of: line), lease: lease), of: FleetNames.parts)
        // A verdict may wait longer for the disk; then its answer comes once more, and is known.
        try link.streams.ensure(
            ConsumerConfiguration(name: name, subject: FleetNames.answer(to: line), lease: .seconds(10)),
            of: FleetNames.answers)
        // A fleet whose streams an older version made has none: then nothing is to be seen.
        if pictures != nil {
            try? link.streams.ensure(
                ConsumerConfiguration(name: name, subject: FleetNames.cloud(of: line), lease: .seconds(30)),
                of: FleetNames.clouds)
        }
        try sweep()
    }

    /// Removes what lies in the queue and needs no verdict any more. A server that was killed may have kept a part of which it
    /// knows that it was acknowledged: no worker would ever get it.
    private func sweep() throws(NATSError) {
        var next: UInt64 = 1
        while !stop.isRaised,
            let message = try link.streams.first(of: FleetNames.part(of: line), from: next, in: FleetNames.parts),
            let sequence = message.sequence
        {
            let id = (message.messageID ?? "").split(separator: ".").first.map(String.init) ?? ""
            if !state.withLock({ $0.outbox.contains(id) }) { try link.streams.delete(sequence, from: FleetNames.parts) }
            next = sequence + 1
        }
    }

    private func take(
        _ delivery: Delivery, noting progress: ThreadProgress,
        answer: @Sendable (VerdictDesk.Item, ThreadProgress) -> Void
    ) {
        state.withLock { $0.lastSign = SystemClock().now }
        let message: FleetAnswer
        do throws(FleetError) {
            message = try FleetAnswer(delivery.payload)
        } catch {
            state.withLock { $0.counts.refused += 1 }
            teller.tell("answer", "an answer of the fleet is refused: \(error.message)")
            return discard(delivery)
        }
        guard let held = state.withLock({ $0.held[message.resultID] }) else {
            // Scored twice, or given up before.
            state.withLock { $0.counts.repeated += 1 }
            return discard(delivery)
        }
        switch message.content {
        case .verdict(let json):
            do throws(FleetError) {
                let verdict = try Self.verdict(json, on: held.ticket)
                guard beginSettling(message.resultID) != nil else {
                    state.withLock { $0.counts.repeated += 1 }
                    return discard(delivery)
                }
                state.withLock { $0.counts.answered += 1 }
                expectCloud(of: verdict, held.ticket, isSent: message.hasCloud)
                settle(verdict, held, delivery, noting: progress, answer: answer)
            } catch {
                state.withLock { $0.counts.refused += 1 }
                teller.tell("answer", "an answer of worker \(message.worker) is refused: \(error.message)")
                again(message.resultID, error.message, delivery, noting: progress, answer: answer)
            }
        case .returned(let why):
            teller.tell("returned", "worker \(message.worker) returned part \(held.ticket.partID): \(why)")
            again(message.resultID, why, delivery, noting: progress, answer: answer)
        case .abandoned(let deaths):
            giveUp(
                message.resultID,
                Reason(
                    code: "pool_abandoned",
                    message:
                        "\(deaths) workers that were scoring this part died, and it is given to no further one; "
                        + "it lies in the stream \(FleetNames.dead)"),
                to: delivery, noting: progress, answer: answer)
        }
    }

    private func again(
        _ id: String, _ why: String, _ delivery: Delivery, noting progress: ThreadProgress,
        answer: @Sendable (VerdictDesk.Item, ThreadProgress) -> Void
    ) {
        guard !sendAgain(id) else { return discard(delivery) }
        giveUp(
            id, Reason(code: "pool_failed", message: "no worker could score this part; the last one says: \(why)"),
            to: delivery, noting: progress, answer: answer)
    }

    private func discard(_ delivery: Delivery) { try? link.streams.acknowledge(delivery) }

    /// A worker's verdict as this line's, if it is one on what the line asked.
    static func verdict(_ json: [UInt8], on ticket: PartTicket) throws(FleetError) -> Verdict {
        var verdict: Verdict
        do {
            verdict = try JSONDecoder().decode(Verdict.self, from: Data(json))
        } catch {
            throw FleetError("expected a verdict/1, found JSON that is none: \(error)")
        }
        func require(_ name: String, _ expected: String, _ found: String?) throws(FleetError) {
            guard expected == found else {
                throw FleetError("expected a verdict with the \(name) \(expected), found \(found ?? "none")")
            }
        }
        try require("schema", Verdict.schemaName, verdict.schema)
        try require("result_id", ticket.resultID, verdict.resultID)
        try require("source", ticket.source, verdict.source)
        try require("session", ticket.session, verdict.session)
        try require("part_id", ticket.partID, verdict.partID)
        try require("attempt", "\(ticket.attempt)", "\(verdict.attempt)")
        try require("model", ticket.model.id, verdict.model?.id)
        try require("config_hash", ticket.configHash, verdict.configHash)
        guard verdict.evaluation != .undefined, verdict.evaluationCode == verdict.evaluation.code else {
            throw FleetError("expected ok, not_ok or not_decidable, found \(verdict.evaluation.rawValue)")
        }
        // An ok is a score below the threshold that the line asked for; anything else that says ok is none.
        if let score = verdict.score, let threshold = verdict.threshold {
            guard abs(threshold - ticket.model.threshold) <= 1e-3 * max(1, ticket.model.threshold) else {
                throw FleetError("expected the threshold \(ticket.model.threshold), found \(threshold)")
            }
            guard verdict.evaluation != .ok || score <= threshold else {
                throw FleetError("expected a score below the threshold \(threshold) of an ok, found \(score)")
            }
        } else if verdict.evaluation == .ok {
            throw FleetError("expected a score and a threshold of an ok, found none")
        }
        (verdict.line, verdict.station) = (ticket.line, ticket.station)
        verdict.reasons = ticket.remarks.map { Reason($0) } + verdict.reasons
        return verdict
    }
}
