import Ingest
import Journal
import Synchronization
import Threads
import ZeroMQ

/// Puts into the journal what was refused and why, so that `scanward doctor` and `why` can tell of it beside a running monitor:
/// each reason of each scanner once a minute.
///
/// All of it is counted in the summary all the same.
final class RefusalAlertLog: Sendable {
    private let journal: Journal
    /// Monotonic ns from which on a kind is stored again.
    private let next = Mutex<[String: UInt64]>([:])
    private static let interval = Duration.seconds(60)
    private static let maximumKinds = 256

    init(_ journal: Journal) { self.journal = journal }

    func note(_ event: FrameEvent) {
        guard case .refused(let refusal) = event.content else { return }
        store("frame_refused", "\(refusal.source ?? "") \(refusal.reason.rawValue)", "\(refusal)")
    }

    func note(_ event: ConnectionEvent) {
        guard case .refused(let refusal) = event.kind else { return }
        switch refusal {
        // Somebody whose key is not on the list is told of by the gate, with the key. Port scans are no news.
        case .notAdmitted, .hungUp, .slowGreeting: return
        case .brokeProtocol: break
        }
        store("connection_refused", "\(refusal)", "the peer at \(event.peer) \(refusal)")
    }

    /// Somebody who was not let in, in the gate's words.
    func note(refusedKey message: String) { store("key_refused", message, message) }

    /// Never waits: it is called by threads that must not.
    private func store(_ code: String, _ kind: String, _ message: String) {
        let now = SystemClock().now
        let isDue = next.withLock { next in
            let key = code + " " + kind
            guard now >= next[key] ?? 0 else { return false }
            // Strangers make up names: what is past its minute says nothing any more, and makes room.
            if next[key] == nil, next.count >= Self.maximumKinds { next = next.filter { $0.value > now } }
            guard next[key] != nil || next.count < Self.maximumKinds else { return false }
            next[key] = SystemClock().after(Self.interval)
            return true
        }
        guard isDue else { return }
        journal.append(
            .alert(.init(code: code, message: message, nanoseconds: SystemClock.unixNanoseconds)), deadline: now)
    }
}
