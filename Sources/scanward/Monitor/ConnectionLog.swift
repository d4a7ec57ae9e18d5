import Ingest
import Synchronization
import ZeroMQ

/// Prints what happens to connections and frames: each kind the first few times, all are counted elsewhere.
final class ConnectionLog: Sendable {
    private let printed = Mutex<[String: Int]>([:])
    /// Times that one kind is printed.
    private static let maximum = 5

    func note(_ event: ConnectionEvent) {
        switch event.kind {
        case .opened, .greeted: break
        case .refused(let refusal): tell("\(refusal)", "the peer at \(event.peer) \(refusal)")
        case .closed(.byPeer): tell("hung up", "the peer at \(event.peer) hung up")
        case .closed(let end): tell("\(end)", "the peer at \(event.peer) \(end)")
        case .silent: tell("silent", "the peer at \(event.peer) is silent")
        case .heard: tell("heard", "the peer at \(event.peer) is heard again")
        case .retried: tell("retried", "no connection to \(event.peer); it is tried again")
        case .acceptFailed(let reason): tell("accept", "a connection to \(event.peer) failed: \(reason)")
        case .bindFailed(let reason): tell("bind", "\(event.peer) cannot be listened at: \(reason)")
        }
    }

    /// Most keys that are told of: they come from outside.
    private static let maximumKeys = 64

    /// Prints once for each key that a frame's header has and this version does not know.
    func note(unknownKeys keys: [String], source: String) {
        for key in keys {
            let isNew = printed.withLock { printed in
                guard printed["key \(key)"] == nil, printed.count < 2 * Self.maximumKeys else { return false }
                printed["key \(key)"] = 1
                return true
            }
            guard isNew else { continue }
            let name = printable(String(key.prefix(64)))
            Terminal.error(
                "scanward: \(source): the header's key \"\(name)\" is unknown and ignored, here and from now on")
        }
    }

    /// Prints `text`, unless enough of its kind was printed.
    func tell(_ kind: String, _ text: String) {
        let count = printed.withLock { printed in
            printed[kind, default: 0] += 1
            return printed[kind, default: 0]
        }
        guard count <= Self.maximum else { return }
        let more = count == Self.maximum ? " (further ones of this kind are only counted)" : ""
        Terminal.error("scanward: \(printable(text))\(more)")
    }
}

extension ConnectionWatch.Counts {
    /// What happened to connections, for a summary; refusals by reason below it.
    var lines: [String] {
        var lines = ["connections: \(opened) opened, \(greeted) greeted, \(refusedTotal) refused, \(closed) ended"]
        if retried > 0 { lines[0] += ", \(retried) attempts failed" }
        if silences > 0 { lines[0] += ", \(silences) times one was silent" }
        if acceptsFailed > 0 { lines[0] += ", \(acceptsFailed) could not be taken in" }
        let reasons = refused.map { ("refused, as the peer \($0.key)", $0.value) }
        let ends = ended.filter { $0.key != .byPeer }.map { ("ended, as the peer \($0.key)", $0.value) }
        for (text, count) in (reasons + ends).sorted(by: { ($1.1, $0.0) < ($0.1, $1.0) }) {
            lines.append("    \(count)  \(text)")
        }
        return lines
    }
}
