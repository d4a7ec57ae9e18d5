public import FrameProtocol
import Synchronization
public import Threads

/// Frames straight from a capture file, without a socket: lossless, and the same at any speed.
///
/// It reads on the thread that asks. The time of its events is the recording's, so that deadlines are too.
public final class CaptureFrameSource: FrameSource {
    public let name: String
    public let isSimulated = true

    private let state: Mutex<State>
    private let shared = SharedCounters()
    private let stopSignal = StopSignal()
    private let clock: any MonotonicClock
    private let decoder: FrameDecoder

    private struct State {
        let frames: CaptureFrames
        var pacer: CapturePacer
        /// Latest recorded time: time does not go backwards downstream.
        var time: UInt64 = 0
        var hasEnded = false
    }

    private struct Due: Sendable {
        let message: CaptureMessage
        let time: UInt64
        let instant: UInt64?
    }

    /// Opens a capture; `-` is standard input, a directory all captures in it.
    public init(
        path: String, limits: FrameLimits = FrameLimits(), captureLimits: CaptureLimits = CaptureLimits(),
        pacing: Pacing = .topSpeed, following: CaptureFollowing? = nil, clock: any MonotonicClock = SystemClock()
    ) throws(CaptureError) {
        name = path == "-" ? "capture on standard input" : "capture \(path)"
        decoder = FrameDecoder(limits: limits)
        self.clock = clock
        state = Mutex(
            State(
                frames: try CaptureFrames(
                    path: path, limits: captureLimits, following: following, clock: clock, unless: stopSignal),
                pacer: CapturePacer(pacing)))
    }

    public var counters: IngestCounters { shared.counters }

    public var failure: String? { shared.failure }

    /// What the capture held so far, packets and connections included.
    public var statistics: CaptureStatistics { state.withLock { $0.frames.statistics } }

    /// What to say of a file that breaks off within a packet, once its end is reached.
    public var truncation: String? { state.withLock { $0.frames.truncation } }

    /// What is to be said of single files of a directory.
    public var notes: [String] { state.withLock { $0.frames.notes } }

    /// Throws why the capture, now at its end, gave no frame; does nothing if it gave one.
    public func requireFrames() throws(CaptureError) {
        let total = shared.counters.total
        guard total.frames == 0 else { return }
        guard total.messages > 0 else { throw state.withLock { $0.frames.noFrames } }
        let reasons = total.refused.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { "\($0.key.rawValue) \($0.value)" }
        throw CaptureError(
            code: .noFrames,
            message: "\(name): every one of the \(total.messages) frames was refused: "
                + "\(reasons.joined(separator: ", "))")
    }

    public func next(deadline: UInt64?) -> QueueDelivery<FrameEvent> {
        guard !stopSignal.isRaised, let due = takeNext() else { return .closed }
        if let instant = due.instant, !clock.wait(until: instant, unless: stopSignal) { return .closed }
        let event = FrameEvent(
            parts: due.message.parts, decoder: decoder, time: due.time,
            unixNanoseconds: due.message.unixNanoseconds)
        shared.record(event)
        return .element(event)
    }

    public func stop() { stopSignal.raise() }

    private func takeNext() -> Due? {
        state.withLock { state in
            guard !state.hasEnded else { return nil }
            do throws(CaptureError) {
                if let message = try state.frames.next() {
                    state.time = max(state.time, message.unixNanoseconds)
                    let instant = state.pacer.due(message.unixNanoseconds, now: clock.now)
                    return Due(message: message, time: state.time, instant: instant)
                }
            } catch {
                shared.fail(error.message)
            }
            state.hasEnded = true
            if let damage = state.frames.damage { shared.fail(damage.message) }
            shared.recordForeign(state.frames.foreignMessages)
            return nil
        }
    }
}
