import FrameProtocol
import Ingest
import Inspection
import ParallelLoops
import PointClouds
import Threads

/// Decides on assembled parts: which model, whether to score at all, and what to say where it cannot.
struct PartJudge {
    /// Models, and types of parts whose frames name none.
    private(set) var scoring: ScoringConfiguration
    var builder: VerdictBuilder

    /// Judges by another configuration from now on.
    mutating func use(_ scoring: ScoringConfiguration) {
        self.scoring = scoring
        builder.configHash = scoring.hash
    }

    struct Judgement: Sendable {
        var verdict: Verdict
        var map: ScoreMap?
        var regions: [Region]
        var channelScores: [Channel: Float]
        /// To be added to the coordinates of map and regions, in mm.
        var coordinateOrigin = SIMD3<Double>.zero
        /// From the part's frame to the taught one, and what scored it.
        var registration: Registration?
        var entry: ModelCatalog.Entry?
    }

    /// The result id that the verdict on `part` would have.
    func resultID(of part: AssembledPart) -> String {
        builder.resultID(part, scoring.catalog.entry(for: scoring.partType(of: part)))
    }

    /// - Parameters:
    ///   - resultID: `resultID(of: part)`.
    ///   - arrivedAt: monotonic ns at which its last frame came.
    mutating func judge(_ part: AssembledPart, resultID: String, arrivedAt: UInt64) -> Judgement {
        let clock = SystemClock()
        let startedAt = clock.now
        let partType = scoring.partType(of: part)
        let entry = scoring.catalog.entry(for: partType)
        var inspection: PartInspection?
        var reasons = (part.reasons + part.remarks).map { Reason(code: $0.code, message: $0.description) }
        let evaluation: Evaluation
        if part.isPartial {
            evaluation = .notDecidable
        } else if let entry {
            inspection = entry.scorer.inspect(part.points)
            evaluation = inspection?.evaluation ?? .notDecidable
            if evaluation == .notDecidable, let unit = entry.scorer.unitReason(for: part.points) {
                inspection?.reasons.append(unit)
            }
        } else {
            evaluation = .undefined
            reasons.append(noModel(for: partType))
        }
        let verdict = builder.verdict(
            on: part, resultID: resultID, of: entry?.partType ?? partType, by: entry, inspection: inspection,
            evaluation: evaluation, reasons: reasons, arrivedAt: arrivedAt, startedAt: startedAt, now: clock.now)
        return Judgement(
            verdict: verdict, map: inspection?.map, regions: inspection?.regions ?? [],
            channelScores: inspection?.channelScores ?? [:], registration: inspection?.registration, entry: entry)
    }

    private func noModel(for partType: String?) -> Reason {
        let known = scoring.catalog.partTypes.joined(separator: ", ")
        let asked = partType.map { "type \"\(printable($0))\"" } ?? "a part without part_type"
        return Reason(
            code: "no_model",
            message: "expected a model for \(asked), found models for: \(known): teach the type with `scanward teach`, "
                + "or have the scanner send part_type")
    }
}
