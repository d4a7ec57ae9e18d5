public import FrameProtocol
public import Threads
public import ZeroMQ

/// Sends the frames of a capture to a PULL socket, as the scanner did.
public struct CaptureReplayer: Sendable {
    /// The capture's path; `-` is standard input, a directory all captures in it.
    public var path: String
    /// Where a monitor listens.
    public var endpoint: String
    public var options = PlaybackOptions()
    /// Holds the first frame back until it is opened.
    public var gate: StartGate?
    /// How the socket is protected.
    public var security = SocketSecurity.none
    /// Put before the sessions of all frames, so that a monitor that has seen them takes them for new ones; nil sends the
    /// frames byte for byte as recorded.
    public var sessionMark: String?
    public var limits = CaptureLimits()
    /// Goes on at the end of the file, as another program writes on.
    public var following: CaptureFollowing?
    /// How long to wait for somebody to take the first frame.
    public var connectTimeout = Duration.seconds(10)
    /// How long the last frames may take to be delivered after they were sent.
    public var linger = Duration.seconds(60)

    public init(path: String, endpoint: String) {
        self.path = path
        self.endpoint = endpoint
    }

    /// What a replay did.
    public struct Report: Sendable, Equatable {
        /// Messages sent, and their bytes.
        public var frames = 0, bytes = 0
        /// Times that the stretch was played, the last one perhaps in part.
        public var passes = 1
        /// Messages that are no frames, and were not sent.
        public var foreignMessages = 0
        /// From the first frame to the last, as recorded, in ns.
        public var recordedNanoseconds: UInt64 = 0
        /// From the first frame to the last, as sent, in ns.
        public var elapsedNanoseconds: UInt64 = 0
        /// The most that a frame was sent after it was due, in ns; back-pressure included.
        public var greatestDelayNanoseconds: UInt64 = 0
        /// The file breaks off within a packet: what to say of it.
        public var truncation: String?
        /// Why a file could not be read to its end.
        public var damage: CaptureError?
        /// What is to be said of single files of a directory.
        public var notes: [String] = []
        /// Whether the signal ended it.
        public var wasStopped = false
        public var statistics = CaptureStatistics()
    }

    /// Replays the capture, and returns when its last frame was given to the socket.
    ///
    /// What the socket still holds then goes on for `linger`: call `Context.terminate()` before the process ends.
    /// - Parameter progress: is told after each frame how many frames and bytes were sent.
    /// - Throws: `noFrames`, with what the capture held, if it held none.
    public func run(
        context: Context, clock: any MonotonicClock = SystemClock(), unless stop: StopSignal = StopSignal(),
        progress: ((_ frames: Int, _ bytes: Int) -> Void)? = nil
    ) throws(CaptureError) -> Report {
        let playback = try CapturePlayback(
            path: path, limits: limits, options: options, following: following, clock: clock, unless: stop)
        let (socket, watch) = try connected(context)
        defer { socket.close() }
        var pacer = CapturePacer(options.pacing, maximumGap: options.maximumGap)
        var report = Report()
        if let gate, !gate.wait(unless: stop) {
            report.wasStopped = true
            return report
        }
        var recorded: (first: UInt64, last: UInt64)?
        var started: UInt64 = 0
        while let item = try playback.next() {
            let time = item.time
            let message = sessionMark.map { item.message.marked($0) } ?? item.message
            let due = pacer.due(time, now: clock.now)
            if let due, !clock.wait(until: due, unless: stop) {
                report.wasStopped = true
                break
            }
            guard try send(message, on: socket, watch, isFirst: report.frames == 0, unless: stop) else {
                report.wasStopped = true
                break
            }
            let now = clock.now
            // The wait for a listener is not part of the replay: it begins with the first frame that was taken.
            if report.frames == 0 {
                started = now
                pacer.restart(time, now: now)
            } else if let due, now > due {
                report.greatestDelayNanoseconds = max(report.greatestDelayNanoseconds, now - due)
            }
            report.frames += 1
            report.bytes += message.byteCount
            report.elapsedNanoseconds = now - started
            progress?(report.frames, report.bytes)
            recorded = (min(recorded?.first ?? time, time), max(recorded?.last ?? time, time))
        }
        if stop.isRaised { report.wasStopped = true }
        if report.frames == 0 && !report.wasStopped { throw playback.noFrames }
        report.damage = playback.damage
        report.notes = playback.notes
        report.foreignMessages = playback.foreignMessages
        report.passes = playback.pass
        if let recorded { report.recordedNanoseconds = recorded.last - recorded.first }
        report.truncation = playback.truncation
        report.statistics = playback.statistics
        return report
    }

    private func connected(_ context: Context) throws(CaptureError) -> (Socket, ConnectionWatch) {
        var options = SocketOptions.frames
        options.linger = linger
        options.security = security
        do throws(ZeroMQError) {
            let socket = try Socket(.push, context: context, options: options)
            let watch = try socket.watchConnections()
            try socket.connect(endpoint)
            return (socket, watch)
        } catch {
            throw CaptureError(code: .notDelivered, message: error.message)
        }
    }

    private func send(
        _ message: CaptureMessage, on socket: Socket, _ watch: ConnectionWatch, isFirst: Bool, unless stop: StopSignal
    ) throws(CaptureError) -> Bool {
        let deadline = isFirst ? SystemClock().after(connectTimeout) : nil
        do throws(ZeroMQError) {
            if try socket.send(message.parts, deadline: deadline, unless: stop) { return true }
        } catch {
            throw CaptureError(code: .notDelivered, message: error.message)
        }
        if stop.isRaised { return false }
        if let refusal = watch.snapshot.lastRefusal {
            throw CaptureError(
                code: .notDelivered,
                message:
                    "nobody took a frame at \(endpoint) within \(connectTimeout): the connection came to nothing, as one side "
                    + "\(refusal); see docs/security.md")
        }
        throw CaptureError(
            code: .notDelivered,
            message: "nobody took a frame at \(endpoint) within \(connectTimeout): is a monitor listening there "
                + "(`scanward run --bind \(endpoint)`, `scanward record FOLDER --bind \(endpoint)`)?")
    }
}
