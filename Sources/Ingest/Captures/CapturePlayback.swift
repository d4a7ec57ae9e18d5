import FrameProtocol
import Threads

/// The frames of a recording as they are to be played: the stretch asked for, as often as asked for, with times that never go
/// back.
///
/// Belongs to one thread.
final class CapturePlayback {
    /// A frame to be played.
    struct Item: Sendable {
        let message: CaptureMessage
        /// When it is played by the recording's time, ns since the Unix epoch; later passes go on where the one before ended.
        let time: UInt64
        let pass: Int
    }

    /// The pass that is being read, from 1.
    private(set) var pass = 1
    /// Messages that are no frames, of all passes.
    var foreignMessages: Int { earlierForeign + frames.foreignMessages }
    /// What the capture held, and whether it breaks off: of the first pass, or of the present one while that lasts.
    var statistics: CaptureStatistics { firstStatistics ?? frames.statistics }
    private(set) var truncation: String?
    /// What is to be said of single files of a directory.
    var notes: [String] { frames.notes }
    /// Why a file could not be read to its end, the first of them.
    var damage: CaptureError? { frames.damage }

    private let clock: any MonotonicClock
    private let stop: StopSignal
    private let path: String
    private let limits: CaptureLimits
    private let options: PlaybackOptions
    private var frames: CaptureFrames
    private var firstStatistics: CaptureStatistics?
    private var earlierForeign = 0
    /// First recorded time of the capture, of the stretch, and the latest played; unshifted, ns.
    private var captureStart: UInt64?
    private var stretch: (first: UInt64, last: UInt64, count: UInt64)?
    /// Added to the recorded times of this pass, ns.
    private var shift: UInt64 = 0
    private var time: UInt64 = 0
    private var outside = 0
    private let isFollowing: Bool
    /// Of the recording's time: how far behind the stretch a capture that is followed is read on.
    private static let lag = Duration.seconds(10)

    /// Opens a capture; `-` is standard input, which can be played once.
    /// One that is followed never ends by itself, so that it is played once; its reading ends with its stretch.
    init(
        path: String, limits: CaptureLimits, options: PlaybackOptions, following: CaptureFollowing? = nil,
        clock: any MonotonicClock = SystemClock(), unless stop: StopSignal = StopSignal()
    ) throws(CaptureError) {
        guard following == nil || options.loops == 1 else {
            throw CaptureError(
                code: .notReadable,
                message: "\(path) is followed as it grows, so that it can be played once only: give --follow or --loop")
        }
        guard path != "-" || options.loops == 1 else {
            throw CaptureError(
                code: .notReadable,
                message: "standard input can be played once only: save it to a file to play it again")
        }
        self.path = path
        self.limits = limits
        self.options = options
        self.clock = clock
        self.stop = stop
        isFollowing = following != nil
        frames = try CaptureFrames(path: path, limits: limits, following: following, clock: clock, unless: stop)
    }

    /// The next frame, or nil after the last of the last pass.
    func next() throws(CaptureError) -> Item? {
        while true {
            if let message = try nextInStretch() {
                time = max(time, message.unixNanoseconds &+ shift)
                return Item(message: pass == 1 ? message : message.marked("pass\(pass):"), time: time, pass: pass)
            }
            if firstStatistics == nil { (firstStatistics, truncation) = (frames.statistics, frames.truncation) }
            guard pass < options.loops, let stretch else { return nil }
            // As long after the last frame as frames are apart on average.
            let span = stretch.last - stretch.first
            let spacing = stretch.count > 1 ? span / (stretch.count - 1) : 1_000_000
            shift &+= span &+ max(1, spacing)
            earlierForeign += frames.foreignMessages
            frames = try CaptureFrames(path: path, limits: limits, clock: clock, unless: stop)
            pass += 1
        }
    }

    /// What to say of a recording that gave no frame.
    var noFrames: CaptureError {
        guard outside > 0 else { return frames.noFrames }
        let end = options.duration.map { " and \(options.startOffset + $0)" } ?? ""
        return CaptureError(
            code: .noFrames,
            message:
                "\(path): none of its \(outside) frames was recorded between \(options.startOffset)\(end) after the first: "
                + "see --start-offset and --duration")
    }

    private func nextInStretch() throws(CaptureError) -> CaptureMessage? {
        let offset = options.startOffset.clampedNanoseconds
        while let message = try frames.next() {
            let recorded = message.unixNanoseconds
            let start = captureStart ?? recorded
            captureStart = start
            if isFollowing, let duration = options.duration {
                // Flows may be a little out of step with one another, but not by more than a segment waits for another.
                frames.lastTime = start &+ (options.startOffset + duration + Self.lag).clampedNanoseconds
            }
            let since = recorded - min(start, recorded)
            guard since >= offset else {
                if pass == 1 { outside += 1 }
                continue
            }
            if let duration = options.duration, since - offset >= duration.clampedNanoseconds {
                // Flows may be a little out of step with one another: the file is read to its end.
                if pass == 1 { outside += 1 }
                continue
            }
            if pass == 1 {
                let (first, last, count) = stretch ?? (recorded, recorded, 0)
                stretch = (min(first, recorded), max(last, recorded), count + 1)
            }
            return message
        }
        return nil
    }
}

extension CaptureMessage {
    /// The message with a mark before the session in its header.
    func marked(_ mark: String) -> CaptureMessage {
        guard parts.count > 1 else { return self }
        var message = self
        message.parts[1] = FrameHeader.marking(session: mark, in: parts[1])
        return message
    }
}
