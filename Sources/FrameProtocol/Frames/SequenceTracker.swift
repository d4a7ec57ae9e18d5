/// Watches the `seq` of each (source, session): what is missing, what came twice, what went backwards.
///
/// Bounded: at most `maximumSessions` sessions are remembered, the longest silent one is forgotten first.
public struct SequenceTracker: Sendable {
    /// What a seq says about the one before it.
    public enum Observation: Sendable, Equatable {
        /// The first frame of a session. Not a fault: also a monitor that starts late sees one.
        case sessionStarted
        /// One more than the highest so far.
        case next
        /// `missing` messages between the highest so far and this one.
        case gap(missing: UInt64)
        /// Seen before, among the last 64.
        case repeated
        /// Below the highest by `steps`: a late one, or one too old to know whether it was seen.
        case backwards(steps: UInt64)
        /// The publisher started to count anew without a new session: a fault, its frames can no longer be told apart.
        case restarted
    }

    /// Sums over a source's sessions; each only grows.
    public struct Counters: Sendable, Equatable {
        public var received: UInt64 = 0
        public var sessions: UInt64 = 0
        public var gaps: UInt64 = 0
        public var missing: UInt64 = 0
        public var repeats: UInt64 = 0
        public var backwards: UInt64 = 0
        public var restarts: UInt64 = 0

        public init() {}
    }

    private struct Key: Hashable {
        var source: String
        var session: String
    }

    private struct Session {
        var highest: UInt64
        /// Bit i: highest - i was seen.
        var window: UInt64 = 1
        /// The last seq that went backwards, if it was the last seq of all: when the next follows on it, it restarted.
        var suspected: UInt64?
        var lastUse: UInt64
    }

    /// By source; at most as many as sessions were allowed, for as long as the source has one that is remembered.
    public private(set) var counters: [String: Counters] = [:]

    private let maximumSessions: Int
    private var sessions: [Key: Session] = [:]
    private var uses: UInt64 = 0

    public init(maximumSessions: Int = 4096) { self.maximumSessions = max(1, maximumSessions) }

    /// Takes note of one frame. O(1); O(sessions) when one has to be forgotten.
    public mutating func observe(source: String, session: String, seq: UInt64) -> Observation {
        uses &+= 1
        let key = Key(source: source, session: session)
        let observation: Observation
        if var known = sessions[key] {
            observation = Self.step(&known, to: seq)
            known.lastUse = uses
            sessions[key] = known
        } else {
            if sessions.count >= maximumSessions { forgetOldest() }
            sessions[key] = Session(highest: seq, lastUse: uses)
            observation = .sessionStarted
        }
        count(observation, of: source)
        return observation
    }

    /// Takes note of one frame.
    public mutating func observe(_ header: FrameHeader) -> Observation {
        observe(source: header.source, session: header.session, seq: header.seq)
    }

    private static func step(_ session: inout Session, to seq: UInt64) -> Observation {
        if seq > session.highest {
            let ahead = seq - session.highest
            session.window = ahead < 64 ? session.window << ahead | 1 : 1
            session.highest = seq
            session.suspected = nil
            return ahead == 1 ? .next : .gap(missing: ahead - 1)
        }
        let behind = session.highest - seq
        let follows = session.suspected.map { seq == $0 &+ 1 } ?? false
        // 0 again after something else can be nothing but a restart; and so is a second step on from one backwards.
        if (seq == 0 && behind > 0) || (follows && behind >= 64) {
            session = Session(highest: seq, lastUse: session.lastUse)
            return .restarted
        }
        if behind < 64 {
            let seen = session.window >> behind & 1 == 1
            session.window |= 1 << behind
            return seen ? .repeated : .backwards(steps: behind)
        }
        session.suspected = seq
        return .backwards(steps: behind)
    }

    private mutating func count(_ observation: Observation, of source: String) {
        var sums = counters[source] ?? Counters()
        sums.received &+= 1
        switch observation {
        case .sessionStarted: sums.sessions &+= 1
        case .next: break
        case .gap(let missing):
            sums.gaps &+= 1
            // A seq near the end of 64 bits can announce more than fit; the sum then stays at the largest.
            let (sum, overflow) = sums.missing.addingReportingOverflow(missing)
            sums.missing = overflow ? .max : sum
        case .repeated: sums.repeats &+= 1
        case .backwards: sums.backwards &+= 1
        case .restarted: sums.restarts &+= 1
        }
        counters[source] = sums
    }

    private mutating func forgetOldest() {
        guard let oldest = sessions.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { return }
        sessions[oldest] = nil
        if !sessions.keys.contains(where: { $0.source == oldest.source }) { counters[oldest.source] = nil }
    }
}
