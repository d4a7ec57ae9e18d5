import FrameProtocol
import Synchronization
import Threads
import ZeroMQ

/// What the sockets of a source share.
final class SharedReception: Sendable {
    let queue: BoundedQueue<FrameEvent>
    let stopSignal = StopSignal()
    let pressure = BackPressure()
    let counters = SharedCounters()
    private let open: Mutex<Int>

    init(queue: BoundedQueue<FrameEvent>, sockets: Int) {
        self.queue = queue
        open = Mutex(sockets)
    }

    /// One of them receives nothing more; after the last there is nothing to be waited for.
    func end() {
        let isLast = open.withLock { open in
            open -= 1
            return open == 0
        }
        if isLast { queue.close() }
    }
}

/// One socket of a source, and the thread that receives and decodes its frames.
final class SocketReceiver: Sendable {
    let name: String
    let endpoint: String
    let watch: ConnectionWatch
    let presence: SourcePresence
    private let thread: JoinableThread

    init(
        context: Context, configuration: ZeroMQFrameSource.Configuration, shared: SharedReception
    ) throws(ZeroMQError) {
        let socket: Socket
        let presence = SourcePresence(configuration)
        self.presence = presence
        switch configuration.mode {
        case .bind(let address):
            socket = try Socket(.pull, context: context, options: configuration.options)
            watch = try socket.watchConnections { presence.note($0) }
            endpoint = try socket.bind(address, allowInsecure: configuration.allowInsecure)
            name = "PULL \(endpoint)"
        case .connect(let address):
            socket = try Socket(.sub, context: context, options: configuration.options)
            watch = try socket.watchConnections { presence.note($0) }
            try socket.subscribe(configuration.topicPrefix)
            try socket.connect(address)
            endpoint = address
            name = "SUB \(address)"
        }
        let decoder = FrameDecoder(limits: configuration.limits)
        let wallClock = configuration.wallClock
        thread = JoinableThread(name: "frames", owning: socket) { [watch] socket in
            var discarded = 0
            do throws(ZeroMQError) {
                while let parts = try socket.receive(unless: shared.stopSignal) {
                    let now = SystemClock().now, heldBack = shared.pressure.total(at: now)
                    let event = FrameEvent(
                        parts: parts, discardedBytes: socket.lastDiscarded.bytes, decoder: decoder,
                        time: now &- heldBack, unixNanoseconds: wallClock.unixNanoseconds, heldBack: heldBack)
                    watch.noteMessage(over: socket.lastOrigin.connection, at: now)
                    presence.note(event, over: socket.lastOrigin.connection, at: now)
                    shared.counters.record(event, discardedParts: socket.discarded.parts - discarded)
                    discarded = socket.discarded.parts
                    guard shared.pressure.measure({ shared.queue.send(event) }) == .accepted else {
                        shared.counters.recordDropped(event)
                        break
                    }
                }
            } catch {
                if error.code != .terminated { shared.counters.fail(error.message) }
            }
            shared.end()
        }
    }

    /// Waits for its thread, once the stop signal is raised.
    func join() { thread.join() }
}
