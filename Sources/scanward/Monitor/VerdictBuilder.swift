import Foundation
import Ingest
import Inspection
import Journal
import Threads

/// Turns parts and what was found on them into numbered verdicts.
struct VerdictBuilder {
    /// Within which `seq` is gapless: the journal's, or without one this process's.
    let epoch: String
    let line: String
    let station: String
    /// Changes with the models.
    var configHash: String
    private(set) var headSeq: UInt64

    /// - Parameters:
    ///   - epoch: the journal's; nil draws one.
    ///   - head: the last number that was given out in it.
    init(line: String, station: String, configHash: String, epoch: String? = nil, head: UInt64 = 0) {
        self.line = line
        self.station = station
        self.configHash = configHash
        self.epoch = epoch ?? UUID().uuidString.lowercased()
        headSeq = head
    }

    /// The verdict on `part`, with the next number.
    ///
    /// - Parameters:
    ///   - resultID: `resultID(part, entry)`.
    ///   - partType: the type that it was judged as.
    ///   - inspection: `nil` where nothing was scored.
    ///   - reasons: why nothing was scored; they come before the inspection's own.
    ///   - arrivedAt, startedAt: monotonic ns at which the part's last frame came and its scoring began.
    mutating func verdict(
        on part: AssembledPart, resultID: String, of partType: String?, by entry: ModelCatalog.Entry?,
        inspection: PartInspection?, evaluation: Evaluation, reasons: [Reason], arrivedAt: UInt64, startedAt: UInt64,
        now: UInt64
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
            epoch: epoch, seq: headSeq, resultID: resultID, line: line, station: station,
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
            durationsMs: durations, user: Self.value(ofUser: part.user))
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

    /// The key by which results are told apart: who and when, what the frames held, whether that was all, and what judged.
    func resultID(_ part: AssembledPart, _ entry: ModelCatalog.Entry?) -> String {
        let frames = part.checksums.map { "\($0.index):\($0.crc32)" }.joined(separator: " ")
        return Self.resultID(
            part.key, part.captureTimes?.lowerBound ?? 0, of: part.isPartial ? "part of it \(frames)" : frames,
            by: entry?.identity.id ?? "", configHash: configHash)
    }

    /// 128 bits of SHA-256 over what makes a result the same one. None of it holds a control character.
    static func resultID(
        _ key: PartKey, _ captureNanoseconds: UInt64, of content: String, by judge: String, configHash: String
    ) -> String {
        let fields = [
            key.source, key.session, key.partID, String(key.attempt), String(captureNanoseconds), content, judge,
            configHash,
        ]
        return String(sha256([UInt8](fields.joined(separator: "\u{1F}").utf8)).prefix(32))
    }

    /// A verdict on a part of which nothing is known but that it was begun, with the next number.
    mutating func verdict(
        resultID: String, key: PartKey, partType: String?, isSimulated: Bool, reason: Reason, times: Verdict.Times
    ) -> Verdict {
        headSeq += 1
        return Verdict(
            epoch: epoch, seq: headSeq, resultID: resultID, line: line, station: station, source: key.source,
            session: key.session, partID: key.partID, partType: partType, attempt: key.attempt, isPartial: true,
            isSimulated: isSimulated, evaluation: .notDecidable, reasons: [reason], configHash: configHash,
            frames: .init(received: 0, expected: nil, missed: 0, rejected: 0), points: .init(received: 0, used: 0),
            times: times, durationsMs: .init(), user: nil)
    }

    /// A scanner's own data, as it goes through to the verdict.
    static func value(ofUser json: String?) -> JSONValue? {
        json.flatMap { try? JSONDecoder().decode(JSONValue.self, from: Data($0.utf8)) }
    }

    private func milliseconds(_ nanoseconds: UInt64) -> Double { rounded(Double(nanoseconds) / 1e6) }

    private func rounded(_ milliseconds: Double) -> Double { (milliseconds * 1000).rounded() / 1000 }
}
