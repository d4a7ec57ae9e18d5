import Foundation
import IMRNet
import ParallelLoops
import PointClouds
import SeededRandom
import Testing

@testable import Evaluation

@Suite struct RivalTests {
    /// Small and untrained: what is new to it still looks different.
    private static let backbone = ReconstructionNetwork(
        NetworkConfiguration(width: 24, heads: 2, encoderDepth: 1, decoderDepth: 1, tokenizerWidths: [16, 32, 32]),
        seed: 3)

    private static func method(_ rival: Rival) -> any DetectionMethod {
        rival.method { PretrainedBackbone(network: Self.backbone, digest: "untrained") }
    }

    private static let bump = SIMD3<Float>(0.6, 0.64, -0.48)

    /// A lump that no turn maps onto itself, some 60 mm long; points drawn anew for each seed.
    ///
    /// - Returns: its points, and whether each lies on the bump that grows on it if asked for.
    private static func lump(_ seed: UInt64, count: Int = 4000, height: Float = 0) -> ([SIMD3<Float>], [Bool]) {
        var random = SplitMix64(seed: seed), points: [SIMD3<Float>] = [], isBump: [Bool] = []
        for _ in 0..<count {
            let v = SIMD3(random.normal(), random.normal(), random.normal())
            let d = v / (v * v).sum().squareRoot()
            let off = acos(min(1, (d * bump).sum()))
            let radius = 30 + 7 * d.x + 5 * sin(3 * d.y) + 5 * d.x * d.z + height * exp(-off * off / 0.05)
            points.append(d * radius * SIMD3(1, 0.8, 0.65))
            isBump.append(off < 0.25)
        }
        return (points, isBump)
    }

    @Test(arguments: Rival.allCases)
    func `A bump scores higher than what is as it should be`(rival: Rival) throws {
        let detector = try Self.method(rival).taught(
            "lump", from: (1...3).map { Self.lump($0).0 }, seed: 1, workers: .one, progress: { _ in true })
        #expect(detector.rows == [rival.rawValue])
        let followsTurns = rival != .btfRaw && rival != .m3dmPoint
        let pose = RigidTransform(
            axis: SIMD3(1, 2, -1), degrees: followsTurns ? 40 : 0, translation: SIMD3(20, -10, 5))
        let good = detector.score(pose.apply(Self.lump(11).0))
        let (points, isBump) = Self.lump(12, height: 6)
        let bad = detector.score(pose.apply(points))
        let scores = bad.rows[0].pointScores
        try #require(scores.count == points.count && bad.undecidable == nil)
        func mean(_ on: Bool) -> Float {
            let some = zip(scores, isBump).filter { $0.1 == on }.map(\.0)
            return some.reduce(0, +) / Float(some.count)
        }
        #expect(mean(true) > 1.4 * mean(false), "\(mean(true)), \(mean(false))")
        let goodScore = try #require(good.rows[0].partScore), badScore = try #require(bad.rows[0].partScore)
        #expect(badScore > goodScore)
    }

    @Test(arguments: Rival.allCases)
    func `The same bits on one thread and on two, and another seed's banks differ`(rival: Rival) throws {
        let clouds = [Self.lump(1, count: 1500).0, Self.lump(2, count: 1500).0]
        let part = Self.lump(3, count: 1500, height: 4).0
        let results = try [(1, 1), (2, 1), (1, 9)].map { threads, seed in
            try Self.method(rival).taught(
                "lump", from: clouds, seed: UInt64(seed), workers: Workers(count: threads), progress: { _ in true }
            ).score(part).rows[0]
        }
        #expect(results[0].pointScores == results[1].pointScores && results[0].partScore == results[1].partScore)
        // Only coresets and registration draw anything.
        let draws = rival != .btfRaw && rival != .btfHistograms
        #expect((results[0].pointScores != results[2].pointScores) == draws)
    }

    @Test(arguments: Rival.allCases)
    func `What cannot be scored is told, and a point that is not finite scores 0`(rival: Rival) throws {
        let method = Self.method(rival)
        #expect(throws: RivalRefusal.self) {
            try method.taught("lump", from: [], seed: 1, workers: .one, progress: { _ in true })
        }
        let refusal = #expect(throws: RivalRefusal.self) {
            try method.taught(
                "lump", from: [Self.lump(1, count: 800).0, []], seed: 1, workers: .one, progress: { _ in true })
        }
        #expect(refusal?.description.hasPrefix("training part 2 of 2: expected ") == true)
        let detector = try method.taught(
            "lump", from: [Self.lump(1, count: 800).0], seed: 1, workers: .one, progress: { _ in true })
        let few = detector.score([SIMD3(.nan, 0, 0)])
        #expect(few.rows.count == 1 && few.rows[0].partScore == nil && few.rows[0].pointScores.isEmpty)
        #expect(few.undecidable?.contains("found 0") == true)
        let part = Self.lump(2, count: 800).0
        let whole = detector.score(part).rows[0], odd = detector.score(part + [SIMD3(0, .infinity, 0)]).rows[0]
        #expect(odd.pointScores == whole.pointScores + [0] && odd.partScore == whole.partScore)
    }

    @Test func `Teaching ends early where nobody wants to go on`() throws {
        var calls = 0
        _ = try Self.method(.btfHistograms).taught(
            "lump", from: (1...4).map { Self.lump($0, count: 800).0 }, seed: 1, workers: .one,
            progress: { _ in
                calls += 1
                return calls < 2
            })
        #expect(calls == 2)
    }

    @Test func `Methods that need an image network say so`() {
        for name in ["cpmf", "regad"] {
            #expect(Rival.refusal(of: name)?.contains("ImageNet") == true && Rival(rawValue: name) == nil)
        }
        #expect(Rival.allCases.allSatisfy { Rival.refusal(of: $0.rawValue) == nil })
        #expect(Set(Rival.allCases.map { Self.method($0).fingerprint }).count == Rival.allCases.count)
        #expect(Rival.allCases.map { Self.method($0).name } == Rival.allCases.map(\.rawValue))
    }
}
