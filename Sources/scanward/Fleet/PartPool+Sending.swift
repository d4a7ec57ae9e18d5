import Fleet
import Foundation
import Inspection
import NATSTransport
import Threads

/// The thread "pool": publishes, looks after what was published, gives up, and clears away.
extension PartPool {
    private enum Work {
        case tidy
        case act(Outbox.Action)
        case end
    }

    func send(noting progress: ThreadProgress, answer: @Sendable (VerdictDesk.Item, ThreadProgress) -> Void) {
        while true {
            progress.step()
            let wake = min(
                SystemClock().after(ThreadProgress.longestWait),
                state.withLock { $0.outbox.wake(isConnected: $0.takesParts) } ?? .max)
            let work = state.wait(until: max(wake, SystemClock().after(.milliseconds(5)))) { state -> Work? in
                if !state.settled.isEmpty { return .tidy }
                if state.isClosing { return .end }
                return state.outbox.next(now: SystemClock().now, isConnected: state.takesParts).map(Work.act)
            }
            switch work {
            case nil: continue
            case .end?: return
            case .tidy?: progress.excused { tidy() }
            case .act(.send(let id, let round))?: progress.excused { publish(id, round: round) }
            case .act(.look(let id, let sequence))?:
                guard progress.excused({ isLost(id, sequence) }), !sendAgain(id) else { continue }
                giveUp(
                    id,
                    Reason(code: "pool_failed", message: "the fleet's server lost this part again and again"),
                    noting: progress, answer: answer)
            case .act(.expire(let id))?:
                giveUp(
                    id,
                    Reason(
                        code: "pool_deadline",
                        message: "the pool gave no verdict within \(patience.components.seconds) s (fleet.deadline_s)"),
                    noting: progress, answer: answer)
            }
        }
    }

    private func publish(_ id: String, round: Int) {
        do {
            let sequence = try published(id, round: round)
            state.withLock { $0.outbox.noteSent(id, sequence: sequence, now: SystemClock().now) }
            teller.recovered("publish")
        } catch {
            let sentence = (error as? NATSError).map(FleetStreams.sentence) ?? "\(error)"
            teller.tell("publish", "part \(id) cannot be handed to the fleet, and is tried again: \(sentence)")
            state.withLock { $0.outbox.noteFailed(id, now: SystemClock().now) }
        }
    }

    private func published(_ id: String, round: Int) throws -> UInt64 {
        let bytes = try spool.read(id)
        let message = try PartMessage(whole: bytes)
        try keepModel(message.ticket.model.id)
        let limit = link.streams.maximumPayload
        let (head, chunks) =
            bytes.count <= limit - PartMessage.margin ? (bytes, []) : try message.encoded(limit: limit)
        for (index, chunk) in chunks.enumerated() {
            _ = try link.streams.publish(FleetNames.chunk(index, of: id, line: line), chunk, id: nil)
        }
        let sequence = try link.streams.publish(
            FleetNames.part(of: line), head, id: "\(FleetNames.message(id, of: line)).\(round)"
        ).sequence
        // One that is lost is made good by the workers' next round.
        try? link.connection.publish(FleetNames.call, [])
        return sequence
    }

    /// Has the model with the fleet before a part that needs it.
    private func keepModel(_ id: String) throws {
        let (isStored, folder) = state.withLock { ($0.stored.contains(id), $0.models[id]) }
        guard !isStored else { return }
        if let folder {
            try depot.store(id, from: folder)
        } else if try !depot.contains(id) {
            throw Failure("the model \(id.prefix(12)) is neither in use here any more nor in the fleet's store")
        }
        state.withLock { _ = $0.stored.insert(id) }
    }

    /// Whether the server has no more what it took: its acknowledgement may have come before its disk had it.
    private func isLost(_ id: String, _ sequence: UInt64) -> Bool {
        do throws(NATSError) {
            let stored = try link.streams.message(sequence, in: FleetNames.parts)
            let isThere = stored?.messageID.map { $0.hasPrefix(id + ".") } ?? false
            guard isThere, try isGivenOut(sequence) else { return true }
        } catch {
            // It is looked for again a little later.
        }
        state.withLock { $0.outbox.noteFound(id, now: SystemClock().now) }
        return false
    }

    /// Whether what lies in the queue is somebody's, or will be: after a crash of the server a part may lie there of which its
    /// consumer knows nothing any more. That one goes.
    private func isGivenOut(_ sequence: UInt64) throws(NATSError) -> Bool {
        let consumer = try link.streams.consumer(FleetNames.consumer(of: line), of: FleetNames.parts)
        guard consumer.outstanding == 0 else { return true }
        try link.streams.delete(sequence, from: FleetNames.parts)
        return false
    }

    /// Sends a part anew that was returned or lost.
    ///
    /// - Returns: false where that was done too often.
    func sendAgain(_ id: String) -> Bool {
        state.withLock { state in
            // The store may have lost the model as well.
            if let model = state.held[id]?.ticket.model.id { state.stored.remove(model) }
            switch state.outbox.noteReturned(id, now: SystemClock().now) {
            case .sentAgain:
                state.counts.sentAgain += 1
                return true
            case .unknown: return true
            case .exhausted: return false
            }
        }
    }

    /// Says of a part that it was not scored.
    func giveUp(
        _ id: String, _ reason: Reason, to delivery: Delivery? = nil, noting progress: ThreadProgress,
        answer: @Sendable (VerdictDesk.Item, ThreadProgress) -> Void
    ) {
        guard let held = beginSettling(id) else { return }
        state.withLock { $0.counts.undecided += 1 }
        settle(held.ticket.undecided(reason, builder: builder), held, delivery, noting: progress, answer: answer)
    }

    /// The part, if this is its first verdict.
    func beginSettling(_ id: String) -> Held? {
        state.withLock { state in
            guard let held = state.held[id], state.outbox.beginSettling(id) else { return nil }
            return held
        }
    }

    /// Hands a verdict to the desk, and clears away after it once it is in the journal.
    func settle(
        _ verdict: Verdict, _ held: Held, _ delivery: Delivery?, noting progress: ThreadProgress,
        answer: @Sendable (VerdictDesk.Item, ThreadProgress) -> Void
    ) {
        var verdict = verdict
        let now = SystemClock().now, wall = SystemClock.unixNanoseconds
        verdict.times.decidedNs = wall
        let scored = verdict.durationsMs.sample + verdict.durationsMs.infer + verdict.durationsMs.localize
        let total = held.arrivedAt.map { now &- $0 } ?? (wall - min(held.ticket.receivedNs, wall))
        verdict.durationsMs.total = Double(total / 1000) / 1000
        verdict.durationsMs.queue = max(0, ((verdict.durationsMs.total - scored) * 1000).rounded() / 1000)
        let id = held.ticket.resultID
        answer(
            VerdictDesk.Item(verdict: verdict) { [state] in
                state.withLock { state in
                    state.outbox.settle(id)
                    state.held[id] = nil
                    state.settled.append(Settled(resultID: id, answer: delivery))
                }
            }, progress)
    }

    /// Removes what is settled: from the spool first, as that is what a restart goes by.
    func tidy() {
        let settled = state.withLock { state in
            defer { state.settled = [] }
            return state.settled
        }
        let limit = link.streams.maximumPayload - PartMessage.margin
        for part in settled {
            let size =
                (try? FileManager.default.attributesOfItem(atPath: spool.path(part.resultID))[.size] as? Int) ?? 0
            spool.remove(part.resultID)
            if let answer = part.answer { try? link.streams.acknowledge(answer) }
            // What is not removed now goes with its age.
            try? link.streams.purge(FleetNames.began, subject: FleetNames.began(part.resultID, of: line))
            if size > limit {
                try? link.streams.purge(FleetNames.chunks, subject: FleetNames.chunks(of: part.resultID, line: line))
            }
        }
    }
}
