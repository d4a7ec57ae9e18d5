import Fleet
import Foundation
import Inspection
import Journal
import Threads

/// Taking parts over: into the spool, or not.
extension PartPool {
    /// Takes up what a process before had handed over.
    ///
    /// - Returns: the parts that have their verdict still to come, and those whose points are lost.
    func restore() throws -> (parts: Set<PartKey>, torn: [PartTicket]) {
        var keys: Set<PartKey> = [], torn: [PartTicket] = []
        let parts = spool.parts { sentence, ticket in
            Terminal.error("scanward: \(printable(sentence))")
            if let ticket { torn.append(ticket) }
        }
        for (ticket, bytes) in parts {
            // The process ended between the journal and the spool.
            if try journal.contains(resultID: ticket.resultID) {
                spool.remove(ticket.resultID)
                continue
            }
            keys.insert(ticket.key)
            let left = Duration.nanoseconds(
                Int64(clamping: ticket.deadlineNs) - Int64(clamping: SystemClock.unixNanoseconds))
            state.withLock { state in
                state.held[ticket.resultID] = Held(ticket: ticket, arrivedAt: nil)
                state.outbox.restore(
                    ticket.resultID, bytes: bytes, now: SystemClock().now,
                    deadline: SystemClock().after(min(max(left, .zero), patience)))
            }
        }
        return (keys, try torn.filter { try !journal.contains(resultID: $0.resultID) })
    }

    /// Models that parts may be handed over with from now on.
    func use(_ catalog: ModelCatalog) {
        let folders = catalog.partTypes.compactMap { catalog.entry(for: $0) }.map { ($0.identity.id, $0.folder) }
        state.withLock { $0.models.merge(folders) { $1 } }
    }

    /// Hands a part over, waiting for room while the pool goes on: that is how a slow pool holds back a scanner.
    ///
    /// - Parameters:
    ///   - ticket: without the points.
    ///   - waits: whether to wait for room however long it takes: a recording loses nothing.
    ///   - progress: of the thread that waits.
    func submit(
        _ ticket: PartTicket, points: [SIMD3<Float>], arrivedAt: UInt64, waits: Bool, noting progress: ThreadProgress
    ) -> Admission {
        if scoresLocally, !waits, let why = absence(state.withLock { $0 }) { return .refused(why) }
        let bytes: [UInt8]
        do throws(FleetError) {
            bytes = try PartMessage(ticket: ticket, points: points).encoded()
        } catch {
            return .refused(Reason(code: "pool_unavailable", message: error.message))
        }
        while true {
            progress.step()
            let next = SystemClock().after(ThreadProgress.longestWait)
            let outcome = state.wait(until: next) { state -> Admission? in
                if state.outbox.contains(ticket.resultID) || state.outbox.hasRoom(for: bytes.count) { return .taken }
                if state.isClosing { return .refused(Self.full(state, "the line is being ended")) }
                guard !waits, let why = self.absence(state) else { return nil }
                return .refused(Self.full(state, why.message))
            }
            guard let outcome else { continue }
            guard case .taken = outcome else { return outcome }
            break
        }
        // The same part with the same frames: the verdict that is to come is this one's too.
        if state.withLock({ $0.outbox.contains(ticket.resultID) }) { return .taken }
        do throws(SystemFailure) {
            try spool.write(bytes, as: ticket.resultID)
        } catch {
            return .refused(
                Reason(code: "pool_unavailable", message: "the part cannot be written to \(spool.folder): \(error)"))
        }
        var full = ticket
        full.points = points.count
        state.withLock { state in
            let now = SystemClock().now
            if state.outbox.count == 0 { state.lastSign = now }
            state.held[ticket.resultID] = Held(ticket: full, arrivedAt: arrivedAt)
            state.outbox.restore(
                ticket.resultID, bytes: bytes.count, now: now, deadline: SystemClock().after(patience))
            state.counts.handedOver += 1
        }
        return .taken
    }

    /// Why the pool is not to be waited for now; nil if it is.
    private func absence(_ state: State) -> Reason? {
        if !state.isConnected {
            return Reason(code: "pool_unavailable", message: link.whyAway)
        }
        guard state.outbox.count > 0, SystemClock().now > state.lastSign + Self.silence.clampedNanoseconds else {
            return nil
        }
        return Reason(
            code: "pool_unavailable",
            message:
                "no worker has answered for \(Self.silence.components.seconds) s, with \(state.outbox.count) parts waiting"
        )
    }

    private static func full(_ state: State, _ why: String) -> Reason {
        Reason(
            code: "pool_unavailable",
            message:
                "the spool is full (\(state.outbox.count) parts, \(state.outbox.bytes >> 20) MiB; fleet.spool_mib): \(why)"
        )
    }
}
