import Fleet
import Ingest
import Inspection
import Journal
import Threads

extension PartTicket {
    /// - Parameters:
    ///   - part: whole.
    ///   - entry: what is to score it.
    ///   - judgedAs: its type.
    init(
        _ part: AssembledPart, resultID: String, by entry: ModelCatalog.Entry, as judgedAs: String, line: String,
        station: String, configHash: String, patience: Duration
    ) {
        let now = SystemClock.unixNanoseconds
        self.init(
            resultID: resultID, line: line, station: station, source: part.source, session: part.session,
            partID: part.partID, partType: part.partType, judgedAs: judgedAs, attempt: part.attempt,
            isSimulated: part.isSimulated,
            model: .init(
                id: entry.identity.id, name: entry.identity.name, version: entry.identity.version,
                profile: entry.identity.profile, threshold: entry.threshold),
            configHash: configHash, points: part.points.count, droppedPoints: part.droppedPoints,
            frames: part.checksums.map { .init(index: $0.index, crc32: $0.crc32) },
            framesReceived: part.frames.received, framesExpected: part.frames.expected,
            framesMissed: part.frames.missed, framesRejected: part.frames.rejected,
            firstCaptureNs: part.captureTimes?.lowerBound, lastCaptureNs: part.captureTimes?.upperBound,
            receivedNs: part.receivedUnixNanoseconds, acquisitionNs: part.acquisitionNanoseconds, user: part.user,
            remarks: part.remarks.map { .init(code: $0.code, message: $0.description) }, handedOverNs: now,
            deadlineNs: now + patience.clampedNanoseconds)
    }

    /// What exactly one verdict is due on.
    var key: PartKey { PartKey(source: source, session: session, partID: partID, attempt: attempt) }

    /// The part as the line assembled it, but for its remarks, which are in the ticket.
    func part(points: [SIMD3<Float>]) -> AssembledPart {
        var part = AssembledPart(
            source: source, session: session, partID: partID, partType: partType, attempt: attempt, points: points,
            droppedPoints: droppedPoints,
            frames: .init(
                received: framesReceived, expected: framesExpected, missed: framesMissed, rejected: framesRejected),
            captureTimes: firstCaptureNs.flatMap { first in lastCaptureNs.map { first...$0 } },
            receivedUnixNanoseconds: receivedNs, acquisitionNanoseconds: acquisitionNs, user: user)
        part.checksums = frames.map { .init($0.index, crc32: $0.crc32) }
        part.isSimulated = isSimulated
        return part
    }

    /// The verdict on a part that was not scored.
    func undecided(_ reason: Inspection.Reason, builder: VerdictBuilder) -> Verdict {
        var builder = builder
        builder.configHash = configHash
        var verdict = builder.verdict(
            resultID: resultID, key: key, partType: judgedAs, isSimulated: isSimulated, reason: reason,
            times: .init(
                firstCaptureNs: firstCaptureNs ?? 0, lastCaptureNs: lastCaptureNs ?? 0, receivedNs: receivedNs,
                decidedNs: SystemClock.unixNanoseconds))
        verdict.isPartial = false
        verdict.reasons = remarks.map { Reason($0) } + [reason]
        verdict.frames = .init(
            received: framesReceived, expected: framesExpected, missed: framesMissed, rejected: framesRejected)
        verdict.points = .init(received: points + droppedPoints, used: 0)
        verdict.durationsMs.acquisition = Double(acquisitionNs / 1000) / 1000
        verdict.model = .init(id: model.id, name: model.name, version: model.version, profile: model.profile)
        verdict.user = VerdictBuilder.value(ofUser: user)
        return verdict
    }
}

extension Reason {
    init(_ remark: PartTicket.Remark) { self.init(code: remark.code, message: remark.message) }
}

extension OpenedPart {
    /// As the journal would have it, had it been asked in time.
    init(_ ticket: PartTicket) {
        self.init(
            key: ticket.key, partType: ticket.partType, captureNanoseconds: ticket.firstCaptureNs ?? 0,
            openedNanoseconds: ticket.receivedNs, isSimulated: ticket.isSimulated)
    }
}
