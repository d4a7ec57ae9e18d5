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
    /// Whether its thread goes on.
    let progress = ThreadProgress("frames")
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
            // An array's header stands where others have their topic.
            if configuration.arrays != nil { try socket.subscribe("{") }
            try socket.connect(address)
            endpoint = address
            name = "SUB \(address)"
        }
        let events = EventDecoder(configuration)
        thread = JoinableThread(name: "frames", owning: socket) { [watch, progress] socket in
            var events = events, discarded = 0
            // When an open part of arrays has ended; UInt64.max while there is none.
            var silence = UInt64.max
            do throws(ZeroMQError) {
                while !shared.stopSignal.isRaised {
                    progress.step()
                    let next = min(silence, SystemClock().after(ThreadProgress.longestWait))
                    let parts = try socket.receive(deadline: next, unless: shared.stopSignal)
                    let now = SystemClock().now, heldBack = shared.pressure.total(at: now)
                    let time = (now: now &- heldBack, heldBack: heldBack)
                    let event =
                        if let parts {
                            events.event(of: parts, socket.lastDiscarded.bytes, at: time)
                        } else {
                            shared.stopSignal.isRaised || now < silence ? nil : events.silence(at: time)
                        }
                    guard let event else { continue }
                    if parts != nil {
                        watch.noteMessage(over: socket.lastOrigin.connection, at: now)
                        presence.note(event, over: socket.lastOrigin.connection, at: now)
                    }
                    shared.counters.record(event, discardedParts: socket.discarded.parts - discarded)
                    discarded = socket.discarded.parts
                    guard shared.pressure.measure({ shared.queue.send(event, noting: progress) }) == .accepted else {
                        shared.counters.recordDropped(event)
                        break
                    }
                    // From now on, not from when it came: while the monitor held it back the scanner could not send.
                    silence = events.awaitedSilence.map { SystemClock().after($0) } ?? .max
                }
            } catch {
                if error.code != .terminated { shared.counters.fail(error.message) }
            }
            progress.end()
            shared.end()
        }
    }

    /// Waits for its thread, once the stop signal is raised.
    func join() { thread.join() }
}
