import Synchronization
import Threads
import ZeroMQ

/// Joins what the connections' thread and the frames' thread see of a scanner.
final class SourcePresence: Sendable {
    private let tracker: Mutex<SourceTracker>
    private let wallClock: any WallClock
    private let onConnection: @Sendable (ConnectionEvent) -> Void
    private let onAlert: @Sendable (SourceAlert) -> Void

    init(_ configuration: ZeroMQFrameSource.Configuration) {
        var endpoint: String?
        if case .connect(let address) = configuration.mode { endpoint = address }
        tracker = Mutex(SourceTracker(endpoint: endpoint))
        wallClock = configuration.wallClock
        onConnection = configuration.onConnection
        onAlert = configuration.onAlert
    }

    var sources: [String: SourceTracker.Source] { tracker.withLock { $0.sources } }

    func note(_ event: ConnectionEvent) {
        onConnection(event)
        let unixTime = wallClock.unixNanoseconds
        tracker.withLock { $0.connection(event, at: SystemClock().now, unixTime: unixTime) }.forEach(onAlert)
    }

    func note(_ event: FrameEvent, over connection: Int32, at time: UInt64) {
        // Whoever sends what is no frame is not known by the name that it gives itself.
        guard case .frame(let frame) = event.content else { return }
        let alert = tracker.withLock {
            $0.frame(of: frame.header.source, over: connection, at: time, unixTime: event.unixNanoseconds)
        }
        if let alert { onAlert(alert) }
    }
}

/// For how long the frames' threads could not hand on what they had: as long as any of them could not.
final class BackPressure: Sendable {
    private let state = Mutex((total: UInt64(0), since: UInt64(0), waiting: 0))

    /// Runs `body`, and counts the time that it takes.
    func measure<Value>(_ body: () -> Value) -> Value {
        let start = SystemClock().now
        state.withLock { state in
            if state.waiting == 0 { state.since = start }
            state.waiting += 1
        }
        let value = body()
        let end = SystemClock().now
        state.withLock { state in
            state.waiting -= 1
            if state.waiting == 0 { state.total &+= end &- min(state.since, end) }
        }
        return value
    }

    /// All of it up to `now`, ns.
    func total(at now: UInt64) -> UInt64 {
        state.withLock { state in
            state.total &+ (state.waiting > 0 && now > state.since ? now &- state.since : 0)
        }
    }
}
