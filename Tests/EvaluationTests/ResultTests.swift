import Foundation
import Testing

@testable import Evaluation

@Suite struct ResultTests {
    private static let rows = ["fusion", "deviation"]

    private func part(
        _ name: String, _ kind: String, _ scores: (Float, Float)?, seconds: Double = 0.1,
        defect: (center: SIMD3<Float>, size: Double, depth: Double)? = nil, regions: [DetectedRegion] = []
    ) throws -> ClassEvaluation.Part {
        let cloud = (0..<100).map { SIMD3<Float>(Float($0 % 10), Float($0 / 10), 0) }
        let isBad = kind != "good"
        let truth =
            isBad
            ? try GroundTruth(cloud, rows: cloud, values: (0..<100).map { $0 < 3 ? 1 : 0 }) : GroundTruth(good: cloud)
        let results = [scores?.0, scores?.1].map { score in
            DetectionResult(
                partScore: score, pointScores: score == nil ? [] : (0..<100).map { Float(100 - $0) }, threshold: 2)
        }
        return ClassEvaluation.Part(
            sample: .init(name: name, path: name, kind: kind, labels: nil), cloud: cloud,
            detection: PartDetection(
                rows: results, undecidable: scores == nil ? "not_registered: no" : nil, regions: regions,
                seconds: seconds),
            rows: Self.rows, truth: truth, defect: defect)
    }

    private func result(_ parts: [ClassEvaluation.Part], seed: UInt64 = 1) -> ClassResult {
        ClassEvaluation.result(partClass: "cup0", method: "scanward", seed: seed, rows: Self.rows, parts: parts)
    }

    @Test func `A part that is not decidable counts as rejected, and is listed`() throws {
        let result = result([
            try part("a_good0", "good", (1, 1)), try part("a_good1", "good", (1.5, 3)),
            try part("a_hole0", "hole", nil),
            try part("a_hole1", "hole", (5, 2.5)), try part("a_bulge0", "bulge", (1.2, 0.5)),
        ])
        let summary = EvaluationSummary([result])
        let fusion = summary.rows[0]
        // Ranked 1e30, 5, 1.5 (good), 1.2, 1 (good): 5 of 6 pairs.
        #expect(abs(try #require(fusion.mean[.partAUROC]).value - 5.0 / 6) < 1e-12)
        #expect(fusion.mean[.pointAP]!.value < 1)
        let kinds = Dictionary(uniqueKeysWithValues: fusion.kinds.map { ($0.kind, $0) })
        #expect(fusion.kinds.map(\.kind) == ["bulge", "hole", "all"])
        #expect(kinds["hole"]?.recallAtZeroFalseRejects.value == 1 && kinds["hole"]?.recallAtThreshold?.value == 1)
        #expect(kinds["bulge"]?.recallAtZeroFalseRejects.value == 0)
        #expect(fusion.falseRejects?.value == 0 && summary.rows[1].falseRejects?.value == 0.5)
        #expect(summary.undecidable.map(\.part) == ["a_hole0"] && summary.undecidable[0].reason.contains("no"))
        let text = EvaluationText(summary)
        #expect(text.markdown.contains("Not decidable, counted as rejected (1)"))
        #expect(text.csv.contains("fusion,mean,I-AUROC,0.8333"))
        #expect(text.brief.contains("| fusion: class") && !text.brief.contains("| deviation: class"))
    }

    @Test func `A good part that is not decidable leaves nothing to be found without a false reject`() throws {
        let result = result([
            try part("good0", "good", nil), try part("hole0", "hole", (5, 5)), try part("hole1", "hole", nil),
        ])
        let fusion = EvaluationSummary([result]).rows[0]
        // A tie with it is no catch, as for the independent scorer.
        #expect(fusion.kinds.last?.recallAtZeroFalseRejects.value == 0)
        #expect(fusion.falseRejects?.value == 1 && fusion.kinds.last?.recallAtThreshold?.value == 1)
    }

    @Test func `Scores that are not numbers are taken for the highest`() throws {
        let part = try part("good0", "good", (.nan, .infinity))
        #expect(part.record.scores == ["fusion": 9e29, "deviation": 9e29])
        #expect(part.record.rank(in: "fusion") < ClassResult.undecidableScore)
    }

    @Test func `Errors join the parts' and the seeds'`() throws {
        let seeds = try (1...3).map { seed in
            result(
                [
                    try part("good0", "good", (1, 1)), try part("good1", "good", (2, 1)),
                    try part("hole0", "hole", (Float(seed) - 0.5, 3)), try part("hole1", "hole", (5, 5)),
                ], seed: UInt64(seed))
        }
        let estimate = try #require(EvaluationSummary(seeds).rows[0].mean[.partAUROC])
        // 0.5, 0.75 and 1 over the seeds.
        #expect(abs(estimate.value - 0.75) < 1e-12 && abs(estimate.fromSeeds - 0.25 / 3.0.squareRoot()) < 1e-12)
        #expect(estimate.fromParts > 0)
        let squares = estimate.fromParts * estimate.fromParts + estimate.fromSeeds * estimate.fromSeeds
        #expect(abs(estimate.standardError - squares.squareRoot()) < 1e-12)
        let decoded = try JSONDecoder().decode([ClassResult].self, from: JSONEncoder().encode(seeds))
        #expect(decoded == seeds && EvaluationSummary(decoded) == EvaluationSummary(seeds))
    }

    @Test func `Regions are held to the true place, size and depth`() throws {
        let near = DetectedRegion(center: SIMD3(1, 0.5, 0), size: 4, depth: 1.5)
        let far = DetectedRegion(center: SIMD3(9, 9, 0), size: 1, depth: nil)
        let defect = (center: SIMD3<Float>(1, 0, 0), size: 5.0, depth: 1.0)
        let parts = [
            try part("good0", "good", (1, 1)),
            try part("hole0", "hole", (5, 5), defect: defect, regions: [near, far]),
            try part("hole1", "hole", (5, 5), defect: defect, regions: [far, near]),
            try part("hole2", "hole", (5, 5), defect: defect, regions: [far]),
            try part("hole3", "hole", (1, 1), defect: (defect.center, 9, 3), regions: []),
        ]
        let summary = EvaluationSummary([result(parts)])
        let regions = try #require(summary.regions["scanward"])
        #expect(regions.firstInPlace.value == 1.0 / 3 && regions.anyInPlace.value == 2.0 / 3)
        #expect(abs(regions.sizeError! - 0.2) < 1e-6 && abs(regions.depthError! - 0.5) < 1e-6)
        let holes = try #require(summary.rows[0].kinds.first)
        #expect(holes.smallestSizeFound == 5 && holes.smallestDepthFound == 1 && holes.largestDepthMissed == 3)
    }
}
