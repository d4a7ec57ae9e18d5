public import FrameProtocol

/// What came in, by scanner. Bounded, whatever names are sent.
public struct IngestCounters: Sendable {
    /// What came from one scanner.
    public struct Source: Sendable {
        /// Messages, those refused included, and their bytes.
        public var messages = 0, bytes = 0
        /// Frames that were accepted, and their points.
        public var frames = 0, points = 0
        /// Points left out as they were not finite.
        public var droppedPoints = 0
        /// Messages refused, by reason.
        public var refused: [FrameRefusal.Reason: Int] = [:]
        /// Gaps, repeats and steps backwards in `seq`.
        public var sequence = SequenceTracker.Counters()
        /// Frames that were accepted and then given up, as the monitor was stopped.
        public var dropped = 0
        /// Header keys of no known meaning, by the first 64 characters of their names; at most 64 names.
        public var unknownKeys: [String: Int] = [:]
        /// Message parts after the third.
        public var ignoredParts = 0
        /// Time of arrival less the publisher's `t_send_ns`, in ns; nil without it.
        public var skew: Skew?
        /// When the last message came, in ns of `FrameEvent.time`.
        public var lastTime: UInt64 = 0

        /// Sum of `refused`.
        public var refusedTotal: Int { refused.values.reduce(0, +) }
    }

    /// Difference of two clocks, the way between them included, in ns.
    public struct Skew: Sendable, Equatable {
        public var latest: Int64, smallest: Int64, largest: Int64
    }

    /// Stands for the scanner of messages whose source could not be read.
    public static let unknownSource = "(unknown)"
    /// Stands for all scanners after the first `maximumSources`.
    public static let otherSources = "(others)"

    public private(set) var sources: [String: Source] = [:]
    /// Messages that are no frames at all: subscriptions and others' traffic in a recording.
    public internal(set) var foreignMessages = 0
    /// Parts that were thrown away by the socket as there were too many, or too many bytes.
    public internal(set) var discardedParts = 0

    private var tracker = SequenceTracker()
    private let maximumSources: Int

    public init(maximumSources: Int = 256) { self.maximumSources = max(1, maximumSources) }

    /// Counts of all scanners together; `skew` and `unknownKeys` are left out.
    public var total: Source {
        sources.values.reduce(into: Source()) { sum, source in
            sum.messages += source.messages
            sum.bytes += source.bytes
            sum.frames += source.frames
            sum.points += source.points
            sum.droppedPoints += source.droppedPoints
            sum.refused.merge(source.refused, uniquingKeysWith: +)
            sum.dropped += source.dropped
            sum.ignoredParts += source.ignoredParts
            sum.lastTime = max(sum.lastTime, source.lastTime)
            sum.sequence.add(source.sequence)
        }
    }

    /// Takes note of a message. O(1).
    ///
    /// - Returns: what its `seq` says, if it has one.
    @discardableResult
    public mutating func record(_ event: FrameEvent) -> SequenceTracker.Observation? {
        let key = key(for: event.source)
        var source = sources[key] ?? Source()
        source.messages += 1
        source.bytes += event.bytes
        source.lastTime = max(source.lastTime, event.time)
        var observation: SequenceTracker.Observation?
        switch event.content {
        case .frame(let frame):
            observation = tracker.observe(frame.header)
            source.record(frame, unixNanoseconds: event.unixNanoseconds)
        case .refused(let refusal):
            source.refused[refusal.reason, default: 0] += 1
            if let name = refusal.source, let session = refusal.session, let seq = refusal.seq {
                observation = tracker.observe(source: name, session: session, seq: seq)
            }
        }
        if let name = event.source, let counted = tracker.counters[name] { source.sequence = counted }
        sources[key] = source
        return observation
    }

    /// Takes note of a frame that was recorded before, and then given up.
    mutating func recordDropped(_ event: FrameEvent) {
        sources[key(for: event.source), default: Source()].dropped += 1
    }

    private func key(for source: String?) -> String {
        guard let source else { return Self.unknownSource }
        return sources[source] != nil || sources.count < maximumSources ? source : Self.otherSources
    }
}

extension IngestCounters.Source {
    fileprivate mutating func record(_ frame: Frame, unixNanoseconds: UInt64) {
        frames += 1
        points += frame.points.count
        droppedPoints += frame.droppedNonFinite
        ignoredParts += frame.ignoredParts
        for key in frame.unknownKeys {
            let name = String(key.prefix(64))
            if unknownKeys[name] != nil || unknownKeys.count < 64 { unknownKeys[name, default: 0] += 1 }
        }
        guard let sent = frame.header.sendNanoseconds else { return }
        let value =
            unixNanoseconds >= sent
            ? Int64(clamping: unixNanoseconds - sent) : -Int64(clamping: sent - unixNanoseconds)
        skew = IngestCounters.Skew(
            latest: value, smallest: min(skew?.smallest ?? value, value), largest: max(skew?.largest ?? value, value))
    }
}

extension SequenceTracker.Counters {
    fileprivate mutating func add(_ other: SequenceTracker.Counters) {
        received &+= other.received
        sessions &+= other.sessions
        gaps &+= other.gaps
        missing &+= other.missing
        repeats &+= other.repeats
        backwards &+= other.backwards
        restarts &+= other.restarts
    }
}
