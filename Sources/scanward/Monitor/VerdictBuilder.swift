import Foundation
import Ingest
import Inspection
import Threads

/// Turns parts and what was found on them into numbered verdicts.
struct VerdictBuilder {
    /// Names the run within which `seq` is gapless; a journal's, once there is one.
    let epoch: String
    let line: String
    let station: String
    let configHash: String
    private(set) var headSeq: UInt64 = 0

    init(line: String, station: String, configHash: String) {
        self.line = line
        self.station = station
        self.configHash = configHash
        epoch = UUID().uuidString.lowercased()
    }

    /// The verdict on `part`, with the next number.
    ///
    /// - Parameters:
    ///   - partType: the type that it was judged as.
    ///   - inspection: `nil` where nothing was scored.
    ///   - reasons: why nothing was scored; they come before the inspection's own.
    ///   - arrivedAt, startedAt: monotonic ns at which the part's last frame came and its scoring began.
    mutating func verdict(
        on part: AssembledPart, of partType: String?, by entry: ModelCatalog.Entry?, inspection: PartInspection?,
        evaluation: Evaluation,
        reasons: [Reason], arrivedAt: UInt64, startedAt: UInt64, now: UInt64
    ) -> Verdict {
        headSeq += 1
        var durations = Verdict.Durations()
        durations.acquisition = milliseconds(part.acquisitionNanoseconds)
        durations.queue = milliseconds(startedAt &- arrivedAt)
        durations.total = milliseconds(now &- arrivedAt)
        if let stages = inspection?.durations {
            durations.sample = rounded(stages.sample)
            durations.infer = rounded(stages.infer)
            durations.localize = rounded(stages.localize)
        }
        var verdict = Verdict(
            epoch: epoch, seq: headSeq, resultID: resultID(part, entry), line: line, station: station,
            source: part.source, session: part.session, partID: part.partID, partType: partType,
            attempt: part.attempt, isPartial: part.isPartial, isSimulated: part.isSimulated, evaluation: evaluation,
            reasons: reasons + (inspection?.reasons ?? []), configHash: configHash,
            frames: .init(
                received: part.frames.received, expected: part.frames.expected, missed: part.frames.missed,
                rejected: part.frames.rejected),
            points: .init(received: part.points.count + part.droppedPoints, used: inspection?.usedPoints ?? 0),
            times: .init(
                firstCaptureNs: part.captureTimes?.lowerBound ?? 0, lastCaptureNs: part.captureTimes?.upperBound ?? 0,
                receivedNs: part.receivedUnixNanoseconds, decidedNs: SystemClock.unixNanoseconds),
            durationsMs: durations,
            user: part.user.flatMap { try? JSONDecoder().decode(JSONValue.self, from: Data($0.utf8)) })
        verdict.model = entry?.identity
        verdict.calibrationID = entry?.calibrationID
        if let inspection { add(inspection, from: part, to: &verdict) }
        return verdict
    }

    private func add(_ inspection: PartInspection, from part: AssembledPart, to verdict: inout Verdict) {
        verdict.threshold = Inspection.rounded(inspection.threshold, 4)
        verdict.regions = inspection.regions.map { VerdictRegion($0, frameID: part.source) }
        guard let score = inspection.score else { return }
        verdict.score = Inspection.rounded(score, 4)
        verdict.margin = Inspection.rounded(inspection.threshold - score, 4)
        verdict.scoreNormalized = Inspection.rounded(score / (score + inspection.threshold), 6)
        verdict.channels = Dictionary(
            uniqueKeysWithValues: inspection.channelScores.map { ($0.key.rawValue, Inspection.rounded($0.value, 4)) })
    }

    /// 128 bits of SHA-256 over what makes a result the same one. The capture time tells a part that was scanned anew
    /// after its id was forgotten.
    private func resultID(_ part: AssembledPart, _ entry: ModelCatalog.Entry?) -> String {
        let key = [
            part.source, part.session, part.partID, String(part.attempt),
            String(part.captureTimes?.lowerBound ?? 0), entry?.identity.id ?? "", configHash,
        ].joined(separator: "\u{1F}")
        return String(sha256([UInt8](key.utf8)).prefix(32))
    }

    private func milliseconds(_ nanoseconds: UInt64) -> Double { rounded(Double(nanoseconds) / 1e6) }

    private func rounded(_ milliseconds: Double) -> Double { (milliseconds * 1000).rounded() / 1000 }
}
