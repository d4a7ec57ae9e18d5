public import FrameProtocol
import Threads

/// Puts the frames of each part together, and says of each part whether it is whole.
///
/// A pure state machine: time is passed in, in nanoseconds of a monotonic clock, and nothing is waited for. Parts are
/// told apart by source and part id. Every part of which a frame was seen is returned exactly once for each attempt,
/// by whichever of these comes first:
/// * all of `0...last` came (or were refused) and the end was seen: whole, unless the frames contradict each other;
/// * a deadline passed, a limit was exceeded, the scanner restarted, or the assembler was closed: partial.
///
/// Frames of a part may come in any order. One that comes twice is ignored and counted. A frame of a part that was
/// closed lately is late, and dropped, unless it begins the part anew (index 0 of a later message): then it is the
/// next attempt. What is held is bounded by `AssemblyLimits`, whatever is sent.
public struct PartAssembler: Sendable {
    public private(set) var limits: AssemblyLimits
    /// Counts since the assembler was made.
    public internal(set) var statistics = Statistics()

    var sources: [String: SourceState] = [:]
    var openings: [Opening] = []
    private var idleNanoseconds: UInt64
    private var totalNanoseconds: UInt64

    /// What became of frames and parts.
    public struct Statistics: Sendable, Equatable {
        /// Parts begun, closed whole, and closed partial.
        public var opened = 0, whole = 0, partial = 0
        /// Frames taken into a part, ignored as repeats, and dropped as they came after their part was closed.
        public var accepted = 0, repeated = 0, late = 0
        /// Frames dropped as they came from more sources than are allowed.
        public var overSources = 0

        public init() {}
    }

    struct SourceState: Sendable {
        var parts: [String: OpenPart] = [:]
        var history: SourceHistory
        var lastAt: UInt64
    }

    public init(limits: AssemblyLimits = AssemblyLimits()) {
        self.limits = limits
        idleNanoseconds = limits.idleDeadline.clampedNanoseconds
        totalNanoseconds = limits.totalDeadline.clampedNanoseconds
    }

    /// Holds to other limits from now on, the parts that are open now as well.
    public mutating func use(_ limits: AssemblyLimits) {
        self.limits = limits
        idleNanoseconds = limits.idleDeadline.clampedNanoseconds
        totalNanoseconds = limits.totalDeadline.clampedNanoseconds
    }

    /// Parts that are open now.
    public var openParts: Int { sources.values.reduce(0) { $0 + $1.parts.count } }

    /// Points that are held now.
    public var openPoints: Int {
        sources.values.reduce(0) { $0 + $1.parts.values.reduce(0) { $0 + $1.pointCount } }
    }

    /// When `expire(at:)` has something to close, in monotonic ns; nil while no part is open.
    ///
    /// - Complexity: O(open parts), as for everything here that is not said to be more.
    public var nextDeadline: UInt64? {
        sources.values.flatMap { $0.parts.values }.map { deadline(of: $0).time }.min()
    }

    /// Takes a frame in.
    ///
    /// - Parameters:
    ///   - time: monotonic ns; what is due by then is closed first.
    ///   - unixTime: when it came by the wall clock, only passed on.
    /// - Returns: the parts that this closed, in the order of their closing.
    public mutating func receive(_ frame: Frame, at time: UInt64, unixTime: UInt64 = 0) -> [AssembledPart] {
        let header = frame.header
        var closed = expire(at: time)
        guard admitSource(header.source, at: time) else { return closed }
        if sources[header.source]?.history.noteSession(header.session) ?? false {
            closed += close(source: header.source, reasons: [.sessionRestarted]) { $0.session != header.session }
        }
        // One that refused frames alone opened, in a session that no good frame named, keeps none out.
        if let open = part(header.source, header.partID), open.session != header.session,
            !(sources[header.source]?.history.sessions.contains(open.session) ?? true)
        {
            closed += close(header.source, header.partID, reasons: [.sessionRestarted])
        }
        if let open = part(header.source, header.partID), beginsAnew(header, within: open) {
            closed += close(header.source, header.partID, reasons: [.partRestarted])
        }
        if part(header.source, header.partID) == nil {
            guard let attempt = attempt(for: header) else {
                statistics.late += 1
                return closed
            }
            closed += open(header.source, header.partID, session: header.session, attempt: attempt, at: time)
            openings.append(
                Opening(
                    source: header.source, session: header.session, partID: header.partID, attempt: attempt,
                    partType: header.partType, captureNanoseconds: header.captureNanoseconds))
        }
        guard var open = part(header.source, header.partID), open.session == header.session else {
            statistics.late += 1
            return closed
        }
        sources[header.source]?.parts[header.partID] = nil
        open.touch(at: time, unix: unixTime, sequence: header.seq)
        let excess = limitExceeded(by: frame, in: open)
        if excess == nil {
            if open.sequence(at: header.frameIndex) == nil {
                statistics.accepted += 1
            } else {
                statistics.repeated += 1
            }
            open.add(frame)
        }
        sources[header.source]?.parts[header.partID] = open
        if let excess {
            closed += close(header.source, header.partID, reasons: [excess])
        } else if open.isSettled {
            closed += close(header.source, header.partID, reasons: [])
        }
        return closed + closeLargest()
    }

    /// Takes note of a frame that was refused. If its source and part could be read, the part is not whole any more.
    public mutating func refuse(_ refusal: FrameRefusal, at time: UInt64, unixTime: UInt64 = 0) -> [AssembledPart] {
        var closed = expire(at: time)
        guard let source = refusal.source, let partID = refusal.partID, admitSource(source, at: time) else {
            return closed
        }
        if part(source, partID) == nil {
            // Without its index, only a refused frame of a part that is new, or was ended, can be a first one.
            let previous = sources[source]?.history[partID]
            guard previous == nil || beginsAfter(previous, session: refusal.session, sequence: refusal.seq) else {
                statistics.late += 1
                return closed
            }
            let attempt = (previous?.attempt ?? 0) + 1, session = refusal.session ?? ""
            closed += open(source, partID, session: session, attempt: attempt, at: time)
            openings.append(
                Opening(
                    source: source, session: session, partID: partID, attempt: attempt, partType: nil,
                    captureNanoseconds: 0))
        }
        guard var open = part(source, partID), refusal.session == nil || open.session == refusal.session else {
            statistics.late += 1
            return closed
        }
        open.touch(at: time, unix: unixTime, sequence: refusal.seq)
        open.refuse(refusal)
        sources[source]?.parts[partID] = open
        if open.isSettled { closed += close(source, partID, reasons: []) }
        return closed
    }

    /// Closes the parts whose deadline is at or before `time`, earliest first.
    public mutating func expire(at time: UInt64) -> [AssembledPart] {
        var due: [(deadline: UInt64, source: String, partID: String, reason: PartReason)] = []
        for (source, state) in sources {
            for (partID, part) in state.parts {
                let (deadline, reason) = deadline(of: part)
                if deadline <= time { due.append((deadline, source, partID, reason)) }
            }
        }
        due.sort { ($0.deadline, $0.source, $0.partID) < ($1.deadline, $1.source, $1.partID) }
        return due.flatMap { close($0.source, $0.partID, reasons: [$0.reason]) }
    }

    /// Closes all parts, as at the end of the process or of a recording.
    public mutating func closeAll(_ reason: PartReason) -> [AssembledPart] {
        sources.keys.sorted().flatMap { close(source: $0, reasons: [reason]) { _ in true } }
    }

    // MARK: Which part a frame belongs to

    private func part(_ source: String, _ partID: String) -> OpenPart? { sources[source]?.parts[partID] }

    /// Whether a frame begins its open part a second time.
    private func beginsAnew(_ header: FrameHeader, within open: OpenPart) -> Bool {
        guard header.frameIndex == 0, header.session == open.session else { return false }
        guard open.sequence(at: 0) != nil, let highest = open.highestSequence else { return false }
        return header.seq > highest
    }

    /// The attempt that a frame of a part that is not open belongs to; nil for a late one.
    private func attempt(for header: FrameHeader) -> Int? {
        guard let previous = sources[header.source]?.history[header.partID] else { return 1 }
        let isLater = previous.session != header.session || header.seq > previous.highestSequence ?? 0
        return header.frameIndex == 0 && isLater ? previous.attempt + 1 : nil
    }

    private func beginsAfter(_ previous: SourceHistory.ClosedPart?, session: String?, sequence: UInt64?) -> Bool {
        guard let previous, previous.wasEnded, let session, let sequence else { return false }
        return session != previous.session || sequence > previous.highestSequence ?? 0
    }

    // MARK: Opening and closing

    private mutating func open(
        _ source: String, _ partID: String, session: String, attempt: Int, at time: UInt64
    ) -> [AssembledPart] {
        var closed: [AssembledPart] = []
        let parts = sources[source]?.parts ?? [:]
        if parts.count >= max(1, limits.maximumOpenParts),
            let quietest = parts.min(by: { ($0.value.lastAt, $0.key) < ($1.value.lastAt, $1.key) })?.key
        {
            let reason = PartReason.limitExceeded(.openParts, maximum: limits.maximumOpenParts)
            closed = close(source, quietest, reasons: [reason])
        }
        sources[source]?.parts[partID] = OpenPart(session: session, attempt: attempt, at: time)
        statistics.opened += 1
        return closed
    }

    mutating func close(_ source: String, _ partID: String, reasons: [PartReason]) -> [AssembledPart] {
        guard let open = sources[source]?.parts.removeValue(forKey: partID) else { return [] }
        sources[source]?.history.noteClosed(
            partID,
            SourceHistory.ClosedPart(
                attempt: open.attempt, session: open.session, highestSequence: open.highestSequence,
                wasEnded: open.isEnded))
        let part = open.assembled(
            source: source, partID: partID, reasons: reasons, toleratedRefusals: limits.toleratedRefusals)
        if part.isPartial { statistics.partial += 1 } else { statistics.whole += 1 }
        return [part]
    }

    private mutating func close(
        source: String, reasons: [PartReason], where isAffected: (OpenPart) -> Bool
    ) -> [AssembledPart] {
        let affected = (sources[source]?.parts ?? [:]).filter { isAffected($0.value) }
        let ordered = affected.sorted { ($0.value.openedAt, $0.key) < ($1.value.openedAt, $1.key) }
        return ordered.flatMap { close(source, $0.key, reasons: reasons) }
    }

    // MARK: Deadlines

    private func deadline(of part: OpenPart) -> (time: UInt64, reason: PartReason) {
        let idle = part.lastAt.addingClamped(idleNanoseconds)
        let total = part.openedAt.addingClamped(totalNanoseconds)
        return idle <= total
            ? (idle, .deadlinePassed(.idle, nanoseconds: idleNanoseconds))
            : (total, .deadlinePassed(.total, nanoseconds: totalNanoseconds))
    }
}
