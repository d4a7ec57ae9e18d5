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
        let playback: CapturePlayback
        var pacer: CapturePacer
        var hasEnded = false
    }

    private struct Due: Sendable {
        let item: CapturePlayback.Item
        let instant: UInt64?
    }

    private let gate: StartGate?

    /// Opens a capture; `-` is standard input, a directory all captures in it.
    ///
    /// - Parameter gate: holds the first frame back until it is opened.
    public init(
        path: String, limits: FrameLimits = FrameLimits(), captureLimits: CaptureLimits = CaptureLimits(),
        options: PlaybackOptions = PlaybackOptions(), following: CaptureFollowing? = nil, gate: StartGate? = nil,
        clock: any MonotonicClock = SystemClock()
    ) throws(CaptureError) {
        self.gate = gate
        name = path == "-" ? "capture on standard input" : "capture \(path)"
        decoder = FrameDecoder(limits: limits)
        self.clock = clock
        state = Mutex(
            State(
                playback: try CapturePlayback(
                    path: path, limits: captureLimits, options: options, following: following, clock: clock,
                    unless: stopSignal),
                pacer: CapturePacer(options.pacing, maximumGap: options.maximumGap)))
    }

    public var counters: IngestCounters { shared.counters }

    public var failure: String? { shared.failure }

    /// What the capture held so far, packets and connections included.
    public var statistics: CaptureStatistics { state.withLock { $0.playback.statistics } }

    /// What to say of a file that breaks off within a packet, once its end is reached.
    public var truncation: String? { state.withLock { $0.playback.truncation } }

    /// What is to be said of single files of a directory.
    public var notes: [String] { state.withLock { $0.playback.notes } }

    /// Throws why the capture, now at its end, gave no frame; does nothing if it gave one.
    public func requireFrames() throws(CaptureError) {
        let total = shared.counters.total
        guard total.frames == 0 else { return }
        guard total.messages > 0 else { throw state.withLock { $0.playback.noFrames } }
        let reasons = total.refused.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { "\($0.key.rawValue) \($0.value)" }
        throw CaptureError(
            code: .noFrames,
            message: "\(name): every one of the \(total.messages) frames was refused: "
                + "\(reasons.joined(separator: ", "))")
    }

    public func next(deadline: UInt64?) -> QueueDelivery<FrameEvent> {
        if let gate, !gate.wait(unless: stopSignal) { return .closed }
        guard !stopSignal.isRaised, let due = takeNext() else { return .closed }
        if let instant = due.instant, !clock.wait(until: instant, unless: stopSignal) { return .closed }
        let event = FrameEvent(
            parts: due.item.message.parts, decoder: decoder, time: due.item.time, unixNanoseconds: due.item.time)
        shared.record(event)
        return .element(event)
    }

    public func stop() { stopSignal.raise() }

    private func takeNext() -> Due? {
        state.withLock { state in
            guard !state.hasEnded else { return nil }
            do throws(CaptureError) {
                if let item = try state.playback.next() {
                    return Due(item: item, instant: state.pacer.due(item.time, now: clock.now))
                }
            } catch {
                shared.fail(error.message)
            }
            state.hasEnded = true
            if let damage = state.playback.damage { shared.fail(damage.message) }
            shared.recordForeign(state.playback.foreignMessages)
            return nil
        }
    }
}
