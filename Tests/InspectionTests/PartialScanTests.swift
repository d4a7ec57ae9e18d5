import Foundation
import IMRNet
import NeuralNetwork
import ParallelLoops
import PointClouds
import Testing

@testable import Inspection

/// A part that is only ever scanned from one side: four views join, and what they cover is judged.
@Suite(.serialized) struct PartialScanTests {
    /// From where the sensor stands, around z and 25 degrees up.
    private static func sensor(_ degrees: Double) -> SIMD3<Float> {
        let turned = RigidTransform(axis: SIMD3(0, 0, 1), degrees: degrees).apply(SIMD3<Double>(0.906, 0, 0.423))
        return SIMD3<Float>(turned)
    }

    /// Knobs and hollows all around: an egg alone slides in its overlaps.
    private static let features: [@Sendable (SIMD3<Float>) -> Float] = (0..<14).map { number in
        let z = 0.9 - 1.5 * Double(number) / 13
        let flat = (1 - z * z).squareRoot()
        let place = RigidTransform(axis: SIMD3(0, 0, 1), degrees: 137.5 * Double(number)).apply(SIMD3(flat, 0, z))
        let unit = SIMD3<Float>(place), height: Float = [4, -3, 5, 3, -4][number % 5]
        return { direction in height * exp(-40 * (1 - (direction * unit).sum())) }
    }

    private static func view(
        _ degrees: Double, seed: UInt64, defect: @escaping (SIMD3<Float>) -> Float = { _ in 0 },
        hole: SIMD3<Float>? = nil, isKnobbed: Bool = false
    ) -> [SIMD3<Float>] {
        let eye = sensor(degrees)
        var part = SyntheticPart(points: 6000)
        part.defect = { direction in isKnobbed ? features.reduce(0) { $0 + $1(direction) } : defect(direction) }
        part.isMissing = { direction in
            (direction * eye).sum() < 0.05 || hole.map { (direction * $0).sum() > 0.985 } ?? false
        }
        return part.scan(seed: seed)
    }

    /// How each taught view came to lie: none in the frame of another.
    private static let motions = [
        RigidTransform.identity,
        RigidTransform(axis: SIMD3(1, 2, 0.5), degrees: 8, translation: SIMD3(3, -2, 4)),
        RigidTransform(axis: SIMD3(-1, 0.4, 2), degrees: 65, translation: SIMD3(20, 5, -30)),
        RigidTransform(axis: SIMD3(0.3, 1, -0.7), degrees: 120, translation: SIMD3(-10, 40, 8)),
    ]

    private static let clouds = (0..<4).map { number in
        motions[number].apply(view(90 * Double(number), seed: UInt64(number) + 1))
    }

    private static let taught: PartModel = {
        var options = TeachingOptions()
        options.steps = 0
        options.resamplings = 1
        do {
            return try PartialTeaching.teach(
                "egg", from: clouds, backbone: ReconstructionNetwork(NetworkConfiguration(.small), seed: 1),
                options: options, knownPoses: nearly, workers: .all, progress: { _ in }
            ).model
        } catch {
            fatalError("\(error)")
        }
    }()

    /// As a turntable would tell them: off by up to half a degree.
    private static let nearly = motions.enumerated().map { number, motion in
        number == 0
            ? motion.inverse : RigidTransform(axis: SIMD3(1, 1, Double(number)), degrees: 0.5) * motion.inverse
    }

    @Test(arguments: [true, false]) func fourViewsSettleThroughTheirOverlaps(isKnown: Bool) throws {
        let clouds = (0..<4).map { number in
            Self.motions[number].apply(Self.view(90 * Double(number), seed: UInt64(number) + 1, isKnobbed: true))
        }
        let parts = try clouds.map { try #require(PreparedPart($0, minimum: 1000, workers: .all)) }
        let scans = parts.map { PartialScan($0, spacing: parts[0].spacing, workers: .all) }
        let graph =
            isKnown
            ? ViewGraph(scans, at: Self.nearly, spacing: parts[0].spacing, workers: .all)
            : ViewGraph(scans, spacing: parts[0].spacing, workers: .all) { _, _ in }
        let root = Self.motions[graph.root]
        for view in 0..<4 {
            let frame = isKnown ? RigidTransform.identity : root
            let error = frame.inverse * (try #require(graph.poses[view])) * Self.motions[view]
            let shift = error.apply(SIMD3<Double>.zero)
            #expect(error.angle < 0.35, "view \(view): \(error.angle) degrees")
            #expect((shift * shift).sum().squareRoot() < 0.3, "view \(view): \(shift)")
        }
    }

    @Test func scansFromOneSideAreToldFromWholeOnes() {
        let sensor = Self.motions[2].rotate(Self.sensor(180))
        let found = ViewDirection(of: Self.clouds[2], spacing: 1.3)
        #expect(found.isOneSided, "\(found.hiddenShare)")
        #expect(abs((found.axis * sensor).sum()) > 0.9)
        let whole = ViewDirection(of: SyntheticPart().scan(seed: 9), spacing: 1.3)
        #expect(!whole.isOneSided, "\(whole.hiddenShare)")
    }

    @Test func aGoodViewFromBetweenPassesAndADentAndAHoleAreFound() throws {
        let scorer = PartScorer(model: Self.taught)
        let motion = RigidTransform(axis: SIMD3(2, -1, 1), degrees: 100, translation: SIMD3(15, 0, -20))
        let place = Self.sensor(45)
        let good = scorer.inspect(motion.apply(Self.view(45, seed: 50)))
        #expect(good.evaluation == .ok, "\(good.reasons) \(good.score ?? 0)")
        let dent = scorer.inspect(
            motion.apply(Self.view(45, seed: 51, defect: SyntheticPart.bump(-1.5, at: place))))
        #expect(dent.evaluation == .notOK)
        let offset = try #require(dent.regions.first).centroid - motion.apply(place * SyntheticPart.radius(place))
        #expect((offset * offset).sum().squareRoot() < 8)
        let hole = scorer.inspect(motion.apply(Self.view(45, seed: 52, hole: place)))
        #expect(hole.evaluation == .notOK, "\(hole.score ?? 0)")
        #expect(try #require(hole.regions.first).kind == .missing)
    }

    /// From below nearly all is surface that no view has seen.
    @Test func uncoveredPointsAreNotJudgedAndSaySo() throws {
        var part = SyntheticPart(points: 6000)
        part.isMissing = { ($0 * SIMD3<Float>(0.3, 0, -0.954)).sum() < 0.05 }
        let inspection = PartScorer(model: Self.taught).inspect(part.scan(seed: 60))
        #expect(inspection.evaluation != .notOK)
        #expect(inspection.reasons.contains { ["partly_judged", "not_taught", "not_registered"].contains($0.code) })
    }

    @Test func threadsDoNotChangeABit() {
        let cloud = Self.view(45, seed: 51, defect: SyntheticPart.bump(-1.5, at: Self.sensor(45)))
        let one = PartScorer(model: Self.taught, workers: .one).inspect(cloud)
        let two = PartScorer(model: Self.taught, workers: Workers(count: 2)).inspect(cloud)
        #expect(one.score == two.score && one.map?.fused == two.map?.fused)
    }
}
