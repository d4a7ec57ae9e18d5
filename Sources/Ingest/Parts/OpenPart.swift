import FrameProtocol

/// A part whose frames are coming in.
struct OpenPart: Sendable {
    let session: String
    let attempt: Int
    let openedAt: UInt64
    private(set) var lastAt: UInt64
    /// Highest `seq` of the part's frames, refused ones included.
    private(set) var highestSequence: UInt64?
    private(set) var pointCount = 0

    private var lastUnix: UInt64 = 0
    private var frames: [UInt32: HeldFrame] = [:]
    private var highestIndex: UInt32 = 0
    private var end: UInt32?
    private var total: UInt32?
    private var partType: String?
    private var user: (index: UInt32, text: String)?
    private var counts = AssembledPart.FrameCounts()
    private var firstRefusal = ""
    private var doubts: [PartReason] = []

    /// What is kept of a frame. Not its whole header: 64 KiB of it could be the sender's own.
    private struct HeldFrame: Sendable {
        let index: UInt32
        let sequence: UInt64
        let captureNanoseconds: UInt64
        let crc32: UInt32
        let points: [SIMD3<Float>]
        let intensities: [Float]?
        let droppedPoints: Int
    }

    init(session: String, attempt: Int, at time: UInt64) {
        self.session = session
        self.attempt = attempt
        openedAt = time
        lastAt = time
    }

    /// Whether the end of the part was seen.
    var isEnded: Bool { end != nil }

    /// Whether nothing more is to be waited for: each index up to the end, or as many frames as were said to be, came
    /// or were refused.
    var isSettled: Bool {
        let present = frames.count + counts.rejected
        if let end { return present > Int(end) }
        if let total { return present >= Int(total) }
        return false
    }

    /// The `seq` of the frame at `index`, if it came.
    func sequence(at index: UInt32) -> UInt64? { frames[index]?.sequence }

    mutating func touch(at time: UInt64, unix: UInt64, sequence: UInt64?) {
        lastAt = max(lastAt, time)
        lastUnix = max(lastUnix, unix)
        if let sequence { highestSequence = max(highestSequence ?? 0, sequence) }
    }

    /// - Complexity: O(1); the points are shared with `frame`, not copied.
    mutating func add(_ frame: Frame) {
        let header = frame.header
        let index = header.frameIndex
        if let present = frames[index] {
            counts.repeated += 1
            if present.sequence != header.seq { doubt(.frameRepeated(index: index)) }
            return
        }
        frames[index] = HeldFrame(
            index: index, sequence: header.seq, captureNanoseconds: header.captureNanoseconds, crc32: header.crc32,
            points: frame.points, intensities: frame.intensities, droppedPoints: frame.droppedNonFinite)
        pointCount += frame.points.count
        if let text = header.user, user.map({ $0.index < index }) ?? true { user = (index, text) }
        if let named = header.partType {
            if let partType, partType != named { doubt(.partTypeContradicted(partType, named)) }
            partType = partType ?? named
        }
        noteExtent(of: header)
    }

    mutating func refuse(_ refusal: FrameRefusal) {
        if counts.rejected == 0 { firstRefusal = refusal.reason.rawValue }
        counts.rejected += 1
    }

    /// The part as it is now, with `reasons` before those found in its frames.
    ///
    /// - Parameter toleratedRefusals: refused frames that are remarked upon and are no reason yet.
    /// - Complexity: O(points + frames log frames); the points of a part of one frame are not copied.
    func assembled(
        source: String, partID: String, reasons: [PartReason], toleratedRefusals: Int
    ) -> AssembledPart {
        let ordered = frames.values.sorted { $0.index < $1.index }
        var counts = counts
        counts.received = ordered.count
        let known = max(total.map(Int.init) ?? 0, end.map { Int($0) + 1 } ?? 0)
        if end != nil || total != nil { counts.expected = known }
        let reached = max(known, ordered.last.map { Int($0.index) + 1 } ?? 0)
        counts.missed = max(0, reached - counts.received - counts.rejected)

        var found = reasons + doubts
        var remarks: [PartReason] = []
        if counts.rejected > 0 {
            let refused = PartReason.refusedFrame(count: counts.rejected, reason: firstRefusal)
            // With nothing that came there is nothing to be judged.
            if counts.rejected > toleratedRefusals || ordered.isEmpty {
                found.append(refused)
            } else {
                remarks.append(refused)
            }
        }
        if counts.missed > 0 {
            let gap = ordered.indices.first { ordered[$0].index != UInt32(truncatingIfNeeded: $0) }
            found.append(.framesMissing(count: counts.missed, first: UInt32(clamping: gap ?? ordered.count)))
        }
        if end == nil { found.append(.endMissing) }

        let times = ordered.map(\.captureNanoseconds)
        var captureTimes: ClosedRange<UInt64>?
        if let first = times.min(), let last = times.max() { captureTimes = first...last }
        return AssembledPart(
            source: source, session: session, partID: partID, partType: partType, attempt: attempt,
            points: points(of: ordered), intensities: intensities(of: ordered),
            droppedPoints: ordered.reduce(0) { $0 + $1.droppedPoints }, frames: counts, captureTimes: captureTimes,
            receivedUnixNanoseconds: lastUnix, acquisitionNanoseconds: lastAt - openedAt, user: user?.text,
            reasons: found, remarks: remarks, checksums: ordered.map { .init(index: $0.index, crc32: $0.crc32) },
            lastFrameAt: lastAt)
    }

    private mutating func noteExtent(of header: FrameHeader) {
        if let said = header.framesTotal {
            if let total, total != said { contradict(total, said) }
            total = max(total ?? 0, said)
        }
        if header.endOfPart {
            if let end, end != header.frameIndex { contradict(end &+ 1, header.frameIndex &+ 1) }
            end = max(end ?? 0, header.frameIndex)
        }
        highestIndex = max(highestIndex, header.frameIndex)
        if let end, highestIndex > end { contradict(end &+ 1, highestIndex &+ 1) }
        if let total, let end, total != end &+ 1 { contradict(total, end &+ 1) }
    }

    private mutating func contradict(_ expected: UInt32, _ found: UInt32) {
        doubt(.totalContradicted(expected: expected, found: found))
    }

    private mutating func doubt(_ reason: PartReason) {
        // One of a kind tells enough, and a hostile sender cannot fill memory with more.
        if !doubts.contains(where: { $0.code == reason.code }) { doubts.append(reason) }
    }

    private func points(of ordered: [HeldFrame]) -> [SIMD3<Float>] {
        if ordered.count == 1 { return ordered[0].points }
        var points: [SIMD3<Float>] = []
        points.reserveCapacity(pointCount)
        for frame in ordered { points += frame.points }
        return points
    }

    private func intensities(of ordered: [HeldFrame]) -> [Float]? {
        var intensities: [Float] = []
        for frame in ordered where !frame.points.isEmpty {
            guard let values = frame.intensities, values.count == frame.points.count else { return nil }
            intensities += values
        }
        return intensities.isEmpty ? nil : intensities
    }
}
