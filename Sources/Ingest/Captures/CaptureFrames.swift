import FrameProtocol
import Threads

/// The messages that claim to be frames, of a capture file or of a directory of them, in the order in which they were
/// complete. A connection may go on from one file into the next.
///
/// Belongs to one thread.
final class CaptureFrames {
    /// Whole messages that are no frames.
    private(set) var foreignMessages = 0
    /// What is to be said of single files of a directory.
    private(set) var notes: [String] = []
    /// What to say of files that break off within a packet.
    private(set) var truncation: String?

    /// Why a file could not be read, or not to its end, the first of them; what can be read is given out all the same.
    private(set) var damage: CaptureError?

    private let path: String
    private let following: CaptureFollowing?
    private let clock: any MonotonicClock
    private let stop: StopSignal
    /// Files to come, the next one last.
    private var paths: [String]
    private var reader: CaptureReader?
    private var decoder: CaptureDecoder
    private var ready: [CaptureMessage] = []
    private var taken = 0
    private var hasEnded = false
    /// Ends the reading with the first packet that was captured later, ns since the Unix epoch; nil reads to the end.
    var lastTime: UInt64?

    /// Opens a file, `-` for standard input, or a directory. One that is followed is opened when it is first read.
    init(
        path: String, limits: CaptureLimits, following: CaptureFollowing? = nil,
        clock: any MonotonicClock = SystemClock(), unless stop: StopSignal = StopSignal()
    ) throws(CaptureError) {
        self.path = path == "-" ? "standard input" : path
        self.following = following
        self.clock = clock
        self.stop = stop
        decoder = CaptureDecoder(limits: limits)
        guard CaptureSeries.isDirectory(path) else {
            paths = [path]
            if following == nil { reader = try nextReader() }
            return
        }
        guard following == nil else {
            throw CaptureError(
                code: .notReadable,
                message: "\(path) is a directory: expected one file to follow; give the one that is being written")
        }
        let series = try CaptureSeries(directory: path)
        paths = series.paths.reversed()
        notes = series.notes
        damage = series.damage
    }

    var statistics: CaptureStatistics { decoder.statistics }

    /// The next message, or nil at the end.
    func next() throws(CaptureError) -> CaptureMessage? {
        while true {
            while taken < ready.count {
                let message = ready[taken]
                taken += 1
                if message.isFrame { return message }
                foreignMessages += 1
            }
            ready.removeAll(keepingCapacity: true)
            taken = 0
            guard !hasEnded else { return nil }
            if let packet = try nextPacket(), lastTime.map({ packet.unixNanoseconds <= $0 }) ?? true {
                ready = decoder.receive(packet)
            } else {
                hasEnded = true
                ready = decoder.finish()
            }
        }
    }

    private func nextReader() throws(CaptureError) -> CaptureReader? {
        guard let next = paths.popLast() else { return nil }
        do throws(CaptureError) {
            return try CaptureReader(path: next, following: following, clock: clock, unless: stop)
        } catch {
            // Told to stop before there was a header to read.
            if stop.isRaised { return nil }
            throw error
        }
    }

    private func nextPacket() throws(CaptureError) -> CapturePacket? {
        while true {
            if reader == nil { reader = try nextReader() }
            guard let reader else { return nil }
            do throws(CaptureError) {
                if let packet = try reader.next() { return packet }
            } catch {
                if damage == nil { damage = error } else { notes.append(error.message) }
            }
            if let cut = reader.truncation { truncation = truncation.map { "\($0); \(cut)" } ?? cut }
            self.reader = nil
        }
    }

    /// What to say of a capture that held no frame at all.
    var noFrames: CaptureError {
        let explanation = statistics.explanation ?? "The capture holds no frame that could be read."
        let message = [explanation, truncation, damage?.message].compactMap { $0 }.joined(separator: " ")
        return CaptureError(code: .noFrames, message: "\(path): \(message)")
    }
}

extension CapturePacket {
    fileprivate var unixNanoseconds: UInt64 { UInt64(max(0, timestampNanoseconds)) }
}

extension CaptureMessage {
    /// The time stamp as the rest of the program counts; a time before 1970 is 1970.
    var unixNanoseconds: UInt64 { UInt64(max(0, timestampNanoseconds)) }

    var byteCount: Int { parts.reduce(0) { $0 + $1.count } }
}
