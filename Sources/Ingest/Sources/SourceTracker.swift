public import ZeroMQ

/// Which scanner is behind which connection, and which of them are down.
///
/// A pure state machine over connection events and frames, with times passed in (monotonic and wall ns). Frames and events
/// come from different threads: a frame may come after the event that its connection has ended, so that ended connections
/// are remembered until their descriptor is used anew. Bounded: at most `maximumSources`.
public struct SourceTracker: Sendable {
    /// What is known of a scanner.
    public struct Source: Sendable, Equatable {
        /// Times that it was down, and for how long together, ns; the present time excluded.
        public var downs = 0, downNanoseconds: UInt64 = 0
        /// Since when it is down; nil while it is up.
        public var downSince: UInt64?
        var connection: Int32
        var peer: String
    }

    public private(set) var sources: [String: Source] = [:]
    private var peers: [Int32: String] = [:]
    private var ended: [Int32: String] = [:]
    /// Where the monitor connects to; nil where it listens.
    private let endpoint: String?
    private let maximumSources: Int

    public init(endpoint: String? = nil, maximumSources: Int = 256) {
        self.endpoint = endpoint
        self.maximumSources = maximumSources
    }

    /// Takes note of a frame.
    ///
    /// - Returns: an alert where it brings its scanner up, or came over a connection that has ended since.
    public mutating func frame(
        of name: String, over connection: Int32, at time: UInt64, unixTime: UInt64
    ) -> SourceAlert? {
        guard makeRoom(for: name) else { return nil }
        let peer = peers[connection] ?? sources[name]?.peer ?? ""
        var source = sources[name] ?? Source(connection: connection, peer: peer)
        defer { sources[name] = source }
        source.connection = connection
        source.peer = peer
        if let how = ended[connection] {
            return source.downSince == nil ? source.down(name, .disconnected(how), time, unixTime) : nil
        }
        return source.up(name, time, unixTime)
    }

    /// Makes room by forgetting the scanner that has been down longest: names that were made up do not keep a scanner out.
    private mutating func makeRoom(for name: String) -> Bool {
        if sources[name] != nil || sources.count < maximumSources { return true }
        let down = sources.compactMap { name, source in source.downSince.map { (since: $0, name: name) } }
        guard let oldest = down.min(by: { $0 < $1 }) else { return false }
        sources[oldest.name] = nil
        return true
    }

    /// Takes note of what happened to a connection.
    public mutating func connection(_ event: ConnectionEvent, at time: UInt64, unixTime: UInt64) -> [SourceAlert] {
        switch event.kind {
        case .opened:
            if let connection = event.connection {
                ended[connection] = nil
                peers[connection] = event.peer
            }
            return []
        case .greeted: return change(endpoint) { $0.up($1, time, unixTime) }
        case .retried: return change(endpoint) { $0.down($1, .unreachable, time, unixTime) }
        case .closed(let end):
            if let connection = event.connection {
                peers[connection] = nil
                ended[connection] = end.description
            }
            let alerts = change(over: event.connection) { $0.down($1, .disconnected(end.description), time, unixTime) }
            return change(endpoint) { $0.down($1, .disconnected(end.description), time, unixTime) } + alerts
        case .silent:
            return change(endpoint) { $0.down($1, .silent, time, unixTime) }
                + change(over: event.connection) { $0.down($1, .silent, time, unixTime) }
        case .heard:
            return change(endpoint) { $0.up($1, time, unixTime) }
                + change(over: event.connection) { $0.up($1, time, unixTime) }
        case .refused, .acceptFailed, .bindFailed: return []
        }
    }

    private mutating func change(
        over connection: Int32?, _ body: (inout Source, String) -> SourceAlert?
    ) -> [SourceAlert] {
        guard let connection else { return [] }
        return sources.filter { $0.value.connection == connection && $0.key != endpoint }.keys.sorted().flatMap {
            change($0, body)
        }
    }

    private mutating func change(_ name: String?, _ body: (inout Source, String) -> SourceAlert?) -> [SourceAlert] {
        guard let name else { return [] }
        var source = sources[name] ?? Source(connection: -1, peer: name)
        defer { sources[name] = source }
        return body(&source, name).map { [$0] } ?? []
    }
}

extension SourceTracker.Source {
    fileprivate mutating func down(
        _ name: String, _ kind: SourceAlert.Kind, _ time: UInt64, _ unixTime: UInt64
    ) -> SourceAlert? {
        guard downSince == nil else { return nil }
        downSince = time
        downs += 1
        return SourceAlert(kind: kind, source: name, peer: peer, unixNanoseconds: unixTime)
    }

    fileprivate mutating func up(_ name: String, _ time: UInt64, _ unixTime: UInt64) -> SourceAlert? {
        guard let since = downSince else { return nil }
        downSince = nil
        downNanoseconds += time - min(since, time)
        return SourceAlert(
            kind: .up(after: time - min(since, time)), source: name, peer: peer, unixNanoseconds: unixTime)
    }
}
