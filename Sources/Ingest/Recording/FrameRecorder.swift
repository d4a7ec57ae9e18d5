public import FrameProtocol
import Synchronization
public import Threads
public import ZeroMQ

/// Records what a socket receives into captures that `scanward replay` reads: also from ipc and CURVE, where no packet
/// capture can.
///
/// Belongs to one thread. A PUSH publisher is held back while the disk is slow.
public final class FrameRecorder {
    /// What was recorded.
    public struct Report: Sendable, Equatable {
        /// Messages and their bytes, whether they are good frames or not.
        public var messages = 0, bytes = 0
        /// Messages by source; at most 256 names.
        public var sources: [String: Int] = [:]
        /// Message parts over the socket's limits, which are not in the recording.
        public var discardedParts = 0
        /// Files, and older ones that were removed to stay below the limit.
        public var files = 0, removedFiles = 0
        public var fileBytes = 0
    }

    /// Where it listens, with the port in place of 0, or what it connects to.
    public let endpoint: String
    private let socket: Socket
    private let folder: RecordingFolder
    private let watch: ConnectionWatch
    private let clock: any MonotonicClock
    private let startedAt: UInt64
    private let startedUnix: UInt64
    private var report = Report()
    private var arrays: ArrayAdapter?

    /// Opens the socket.
    ///
    /// - Parameter arrays: whose bare arrays are recorded as frames; nil records them as they are.
    public init(
        context: Context, mode: ZeroMQFrameSource.Mode, options: RecordingOptions, sockets: SocketOptions = .frames,
        arrays: ArrayAdapter.Configuration? = nil, allowInsecure: Bool = false,
        clock: any MonotonicClock = SystemClock(),
        wallClock: any WallClock = SystemWallClock(),
        onConnection: @escaping @Sendable (ConnectionEvent) -> Void = { _ in }
    ) throws {
        self.clock = clock
        startedAt = clock.now
        startedUnix = wallClock.unixNanoseconds
        self.arrays = arrays.map { ArrayAdapter($0) }
        var options = options
        switch mode {
        case .bind(let address):
            socket = try Socket(.pull, context: context, options: sockets)
            watch = try socket.watchConnections(onEvent: onConnection)
            endpoint = try socket.bind(address, allowInsecure: allowInsecure)
        case .connect(let address):
            socket = try Socket(.sub, context: context, options: sockets)
            watch = try socket.watchConnections(onEvent: onConnection)
            try socket.subscribe(FrameHeader.schema + "/")
            if arrays != nil { try socket.subscribe("{") }
            try socket.connect(address)
            endpoint = address
        }
        options.port = endpoint.split(separator: ":").last.flatMap { UInt16($0) } ?? options.port
        folder = try RecordingFolder(options, startingAt: startedUnix, clock: clock)
    }

    public var connections: ConnectionWatch.Counts { watch.snapshot }

    /// What was recorded so far.
    public var statistics: Report {
        var report = report
        report.discardedParts = socket.discarded.parts
        (report.files, report.fileBytes) = (folder.statistics.files, folder.statistics.bytes)
        report.removedFiles = folder.statistics.removed
        return report
    }

    /// The file that is being written, or was last.
    public var file: String { folder.file }

    /// Records until the signal, the deadline or so many messages, and closes the files and the socket.
    public func run(deadline: UInt64? = nil, messages: Int? = nil, unless stop: StopSignal) throws(RecordingError) {
        defer { socket.close() }
        do throws(RecordingError) {
            try record(deadline, messages, stop)
        } catch {
            // Why it ended says more than what may follow from that.
            try? folder.finish()
            throw error
        }
        try folder.finish()
    }

    private func record(_ deadline: UInt64?, _ messages: Int?, _ stop: StopSignal) throws(RecordingError) {
        var silence: UInt64?
        while messages.map({ report.messages < $0 }) ?? true {
            let received: [[UInt8]]?
            do throws(ZeroMQError) {
                received = try socket.receive(deadline: [deadline, silence].compactMap(\.self).min(), unless: stop)
            } catch {
                throw RecordingError(code: .socket, message: error.message)
            }
            // From the start on by the monotonic clock: the times of a recording never go back.
            let time = startedUnix &+ (clock.now - startedAt)
            let isSilent = received == nil && !stop.isRaised && silence.map { clock.now >= $0 } ?? false
            guard
                let parts = received.map({ frame(of: $0, at: time) })
                    ?? (isSilent ? arrays?.end(unixNanoseconds: time) : nil)
            else { return }
            let source = Self.source(of: parts)
            try folder.write(parts, from: source, at: time)
            silence = arrays?.awaitedSilence.map { clock.after($0) }
            report.messages += 1
            report.bytes += parts.reduce(0) { $0 + $1.count }
            let key = report.sources[source] != nil || report.sources.count < 256 ? source : IngestCounters.otherSources
            report.sources[key, default: 0] += 1
        }
    }

    /// A bare array as the frame that the monitor makes of it; what is refused is recorded as it came.
    private func frame(of parts: [[UInt8]], at time: UInt64) -> [[UInt8]] {
        guard arrays != nil, ArrayAdapter.isArray(parts) else { return parts }
        return (try? arrays?.message(of: parts, unixNanoseconds: time)) ?? parts
    }

    /// The source that a topic names; what is no frame is of the unknown one.
    private static func source(of parts: [[UInt8]]) -> String {
        guard let topic = parts.first, topic.count <= 128, topic.starts(with: "pcf/".utf8) else {
            return IngestCounters.unknownSource
        }
        let words = String(decoding: topic, as: UTF8.self).split(separator: "/", maxSplits: 2)
        return words.count == 3 ? String(words[2]) : IngestCounters.unknownSource
    }
}
