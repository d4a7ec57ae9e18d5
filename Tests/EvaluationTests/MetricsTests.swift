import Foundation
import ParallelLoops
import SeededRandom
import Testing

@testable import Evaluation

@Suite struct MetricsTests {
    private struct Reference: Decodable {
        struct Case: Decodable {
            var scores: [Float]
            var labels: [Int]
            var auroc: Double
            var averagePrecision: Double
        }
        var libraries: String
        var cases: [Case]
    }

    private func reference() throws -> Reference {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/metrics", withExtension: "json"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Reference.self, from: Data(contentsOf: url))
    }

    @Test func `AUROC and average precision are scikit-learn's, ties too`() throws {
        let reference = try reference()
        #expect(reference.libraries.hasPrefix("scikit-learn 1.") && reference.cases.count == 40)
        for (number, known) in reference.cases.enumerated() {
            let own = try #require(RankingMetrics(scores: known.scores, labels: known.labels.map { $0 == 1 }))
            #expect(abs(own.auroc - known.auroc) < 1e-9, "case \(number)")
            #expect(abs(own.averagePrecision - known.averagePrecision) < 1e-9, "case \(number)")
        }
    }

    @Test func `One class alone has no metrics`() {
        #expect(RankingMetrics(scores: [1, 2], labels: [true, true]) == nil)
        #expect(RankingMetrics(scores: [], labels: []) == nil)
    }

    /// Points of parts, with regions of several sizes; scores with ties.
    private func parts(_ count: Int, seed: UInt64) -> (scores: [[Float]], parts: [LabelledPoints]) {
        var generator = SplitMix64(seed: seed)
        var scores: [[Float]] = [], parts: [LabelledPoints] = []
        for part in 0..<count {
            let n = 60 + generator.next(below: 60)
            let regions: [Int32] = (0..<n).map { part % 2 == 0 || $0 > 24 ? -1 : ($0 < 5 ? 0 : 1) }
            scores.append(regions.map { region in ((generator.normal() + (region < 0 ? 0 : 1)) * 4).rounded() / 4 })
            parts.append(LabelledPoints(labels: regions.map { $0 >= 0 }, regions: regions))
        }
        return (scores, parts)
    }

    /// AUPRO as it is defined: for every threshold the mean over regions of what is covered, and the rate of normal points
    /// above it.
    private func plainOverlap(_ scores: [[Float]], _ parts: [LabelledPoints]) -> Double {
        var curve: [(rate: Double, overlap: Double)] = [(0, 0)]
        for threshold in Set(scores.joined()).sorted(by: >) {
            var covered: [Double] = [], above = 0.0, normals = 0.0
            for (scores, part) in zip(scores, parts) {
                for region in Set(part.regions).filter({ $0 >= 0 }) {
                    let members = part.regions.indices.filter { part.regions[$0] == region }
                    covered.append(Double(members.count { scores[$0] >= threshold }) / Double(members.count))
                }
                above += Double(part.labels.indices.count { !part.labels[$0] && scores[$0] >= threshold })
                normals += Double(part.labels.count { !$0 })
            }
            curve.append((above / normals, covered.reduce(0, +) / Double(covered.count)))
        }
        var area = 0.0
        for (a, b) in zip(curve, curve.dropFirst()) where a.rate < 0.3 {
            let end = min(b.rate, 0.3)
            guard b.rate > a.rate else { continue }
            area += (end - a.rate) * (a.overlap + (b.overlap - a.overlap) * (end - a.rate) / (b.rate - a.rate) / 2)
        }
        return area / 0.3
    }

    @Test func `Region overlap is what brute force finds`() throws {
        for seed in UInt64(1)...12 {
            let (scores, points) = parts(6, seed: seed)
            let own = try #require(PointMetrics(scores: scores, parts: points, draws: []))
            #expect(abs(own.aupro - plainOverlap(scores, points)) < 1e-9)
        }
    }

    @Test func `Pooled points are ranked as one list, and each part once is the value itself`() throws {
        let (scores, points) = parts(8, seed: 5)
        let once = [Double](repeating: 1, count: 8)
        let own = try #require(PointMetrics(scores: scores, parts: points, draws: [once]))
        let pooled = try #require(
            RankingMetrics(scores: Array(scores.joined()), labels: Array(points.map(\.labels).joined())))
        #expect(own.ranking == pooled)
        // So few points have a bin of their own for each level.
        let replicate = try #require(own.replicates[0])
        #expect(abs(replicate.ranking.auroc - pooled.auroc) < 1e-12)
        #expect(abs(replicate.ranking.averagePrecision - pooled.averagePrecision) < 1e-12)
        #expect(abs(replicate.aupro - own.aupro) < 1e-12)
    }

    @Test func `A part that a draw takes twice counts twice`() throws {
        let (scores, points) = parts(4, seed: 9)
        let weights = [2.0, 0, 1, 1]
        let own = try #require(PointMetrics(scores: scores, parts: points, draws: [weights])?.replicates[0])
        let chosen = [0, 0, 2, 3]
        let doubled = try #require(
            PointMetrics(scores: chosen.map { scores[$0] }, parts: chosen.map { points[$0] }, draws: []))
        #expect(abs(own.ranking.auroc - doubled.ranking.auroc) < 1e-12)
        #expect(abs(own.ranking.averagePrecision - doubled.ranking.averagePrecision) < 1e-12)
        #expect(abs(own.aupro - doubled.aupro) < 1e-12)
    }

    @Test func `The bootstrap's error of an AUROC is Hanley and McNeil's`() {
        var generator = SplitMix64(seed: 3)
        let isBad = (0..<80).map { $0 >= 40 }
        let scores = isBad.map { generator.normal() + ($0 ? 1 : 0) }
        let draws = PartDraws.weights(partClass: "cup0", isBad: isBad, count: 400)
        #expect(draws.allSatisfy { $0[..<40].reduce(0, +) == 40 && $0[40...].reduce(0, +) == 40 })
        let spread = standardDeviation(
            PartDraws.partMetrics(scores: scores, isBad: isBad, draws: draws).compactMap { $0?.auroc })
        // 0.049 at an AUROC of 0.76, 40 and 40.
        #expect((0.03...0.07).contains(spread))
        #expect(draws == PartDraws.weights(partClass: "cup0", isBad: isBad, count: 400))
        #expect(draws != PartDraws.weights(partClass: "cup1", isBad: isBad, count: 400))
    }

    @Test func `Wilson's interval`() throws {
        // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        for (successes, trials, lower, upper) in [
            (81.0, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
        ] {
            let interval = try #require(BinomialInterval(successes: successes, trials: trials))
            #expect(abs(interval.lower - lower) < 5e-5 && abs(interval.upper - upper) < 5e-5)
        }
        #expect(BinomialInterval(successes: 0, trials: 0) == nil)
    }
}
