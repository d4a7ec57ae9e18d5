import FrameProtocol
public import Threads

/// The parts of a source, one after the other: a source and an assembler, and the clock between them.
///
/// Belongs to one thread. Deadlines of a live source run on the monotonic clock, which stands still while its consumer
/// holds it back: a scanner that is not let in is not late. Those of a recording run on the recording's own time: so a
/// replay gives the same parts at any speed.
public final class PartStream {
    private let source: any FrameSource
    private let clock: any MonotonicClock
    private let observe: (FrameEvent) -> Void
    private let newLimits: () -> AssemblyLimits?
    private let progress: ThreadProgress?
    private let didOpen: (PartAssembler.Opening) -> Void
    private var assembler: PartAssembler
    private var ready: [AssembledPart] = []
    private var hasEnded = false

    /// - Parameters:
    ///   - closedBefore: parts that were closed by an earlier process, oldest first.
    ///   - newLimits: is asked before each event is assembled; what it returns holds from that event on. The parts that
    ///     `next()` returns until it is asked again were closed under these limits.
    ///   - didOpen: is called with each part of which a first frame was seen, before any part that this closes is returned.
    ///   - progress: moves on with each event, and while there is none.
    ///   - observe: is called with each event before it is assembled, to log or to count it.
    public init(
        source: any FrameSource, limits: AssemblyLimits = AssemblyLimits(), clock: any MonotonicClock = SystemClock(),
        progress: ThreadProgress? = nil,
        observe: @escaping (FrameEvent) -> Void = { _ in }, closedBefore: [PartAssembler.Opening] = [],
        newLimits: @escaping () -> AssemblyLimits? = { nil },
        didOpen: @escaping (PartAssembler.Opening) -> Void = { _ in }
    ) {
        self.source = source
        self.clock = clock
        self.progress = progress
        self.observe = observe
        self.newLimits = newLimits
        self.didOpen = didOpen
        assembler = PartAssembler(limits: limits)
        for part in closedBefore { assembler.remember(part) }
    }

    /// What became of frames and parts so far.
    public var statistics: PartAssembler.Statistics { assembler.statistics }

    /// The next part that was closed, waiting until there is one; nil after the last.
    ///
    /// When the source has ended, the parts still open come as partial ones: `interrupted` or `captureEnded`.
    public func next() -> AssembledPart? {
        while ready.isEmpty {
            if hasEnded { return nil }
            step()
        }
        return ready.removeFirst()
    }

    private func step() {
        let heldBack = source.heldBack
        let delivery = nextEvent(heldBack: heldBack)
        if let limits = newLimits() { assembler.use(limits) }
        switch delivery {
        case .element(let event):
            observe(event)
            switch event.content {
            case .frame(let frame):
                add(
                    assembler.receive(frame, at: event.time, unixTime: event.unixNanoseconds),
                    heldBack: event.heldBack)
            case .refused(let refusal):
                add(
                    assembler.refuse(refusal, at: event.time, unixTime: event.unixNanoseconds),
                    heldBack: event.heldBack)
            }
            for var opening in assembler.takeOpenings() {
                opening.isSimulated = isSimulated(opening.session)
                didOpen(opening)
            }
        case .timedOut:
            let heldBack = source.heldBack
            add(assembler.expire(at: clock.now &- heldBack), heldBack: heldBack)
        case .closed:
            hasEnded = true
            add(assembler.closeAll(source.isSimulated ? .captureEnded : .interrupted), heldBack: heldBack)
        }
    }

    private func nextEvent(heldBack: UInt64) -> QueueDelivery<FrameEvent> {
        guard !source.isSimulated else {
            // Its own pace may let minutes pass.
            return progress?.excused { source.next(deadline: nil) } ?? source.next(deadline: nil)
        }
        var deadline = assembler.nextDeadline.map { $0 &+ heldBack }
        if let progress {
            progress.step()
            deadline = min(deadline ?? .max, clock.after(ThreadProgress.longestWait))
        }
        return source.next(deadline: deadline)
    }

    private func add(_ parts: [AssembledPart], heldBack: UInt64) {
        for var part in parts {
            part.lastFrameAt &+= heldBack
            part.isSimulated = isSimulated(part.session)
            ready.append(part)
        }
    }

    /// Whether frames of a session come from a recording: read here, or replayed by another program.
    private func isSimulated(_ session: String) -> Bool {
        source.isSimulated || session.hasPrefix(FrameHeader.replayMark)
    }
}
