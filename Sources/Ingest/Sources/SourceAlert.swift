/// A scanner that cannot be heard any more, or can be again.
public struct SourceAlert: Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// Its connection is gone: how it ended.
        case disconnected(String)
        /// Its connection stands, and nothing was heard of it for two heartbeats.
        case silent
        /// Nobody listens where the monitor connects to.
        case unreachable
        /// It is heard again, after so many ns.
        case up(after: UInt64)
    }

    public let kind: Kind
    /// The scanner's id, or the endpoint that the monitor connects to.
    public let source: String
    /// The address that it was heard from last.
    public let peer: String
    /// By the wall clock.
    public let unixNanoseconds: UInt64

    /// Whether the source is down from now on.
    public var isDown: Bool {
        if case .up = kind { return false }
        return true
    }

    /// The alert's name: `source_down` or `source_up`.
    public var code: String { isDown ? "source_down" : "source_up" }

    public var description: String {
        let place = peer == source || peer.isEmpty ? source : "\(source) (\(peer))"
        switch kind {
        case .disconnected(let how): return "source-down: \(place): its connection \(how)"
        case .silent: return "source-down: \(place): no sign of it for two heartbeats, its connection still stands"
        case .unreachable: return "source-down: \(place): nobody listens there; the attempts go on"
        case .up(let nanoseconds):
            return "source-up: \(place): heard again after \(Double(nanoseconds / 1_000_000) / 1000) s"
        }
    }
}
