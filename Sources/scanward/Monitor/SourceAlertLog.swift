import Ingest
import Journal
import Synchronization
import Threads

/// Puts into the journal which scanners are down and up again, and not more of it than a peer that connects over and over
/// should be able to.
///
/// What it leaves out stands on the terminal and in the summary all the same.
final class SourceAlertLog: Sendable {
    private let journal: Journal
    /// Monotonic ns from which on an alert of a source is stored again.
    private let next = Mutex<[String: UInt64]>([:])
    private static let interval = Duration.seconds(10)
    private static let maximumSources = 512

    init(_ journal: Journal) { self.journal = journal }

    /// Never waits: it is called by threads that must not.
    func store(_ alert: SourceAlert) {
        let now = SystemClock().now
        let isDue = next.withLock { next in
            let key = alert.code + " " + alert.source
            guard now >= next[key] ?? 0, next[key] != nil || next.count < Self.maximumSources else { return false }
            next[key] = SystemClock().after(Self.interval)
            return true
        }
        guard isDue else { return }
        journal.append(
            .alert(.init(code: alert.code, message: alert.description, nanoseconds: alert.unixNanoseconds)),
            deadline: now)
    }
}
