import IMRNet
import NeuralNetwork
import ParallelLoops
import PointClouds
import Testing

@testable import Inspection

/// Teaching and scoring on a form in closed form, with an untrained network: the line from good parts to regions.
@Suite(.serialized) struct TeachingTests {
    private static let taught: PartModel = {
        var options = TeachingOptions()
        options.steps = 2
        options.scoring.sampledPoints = 4096
        let backbone = ReconstructionNetwork(NetworkConfiguration(.small), seed: 1)
        do {
            return try Teaching.teach(
                "egg", from: (1...4).map { SyntheticPart().scan(seed: UInt64($0)) }, backbone: backbone,
                options: options
            ).model
        } catch {
            fatalError("\(error)")
        }
    }()

    private var scorer: PartScorer { PartScorer(model: Self.taught) }

    @Test func goodPartsPassInAnyPoseWithinThePromise() {
        for seed: UInt64 in 20..<26 {
            let cloud = Resampling(seed: seed, keptShare: 0.95).resample(SyntheticPart().scan(seed: seed))
            let inspection = scorer.inspect(cloud)
            #expect(inspection.evaluation == .ok, "seed \(seed): \(inspection.reasons)")
            #expect(inspection.regions.isEmpty)
        }
    }

    /// Thrown into a box rather than laid into a fixture.
    @Test(arguments: [(70.0, SIMD3(1.0, 2, 3)), (130, SIMD3(-2, 1, 0.5)), (180, SIMD3(0, 0.2, 1))])
    func aPartInAnyPoseIsFoundAndJudged(degrees: Double, axis: SIMD3<Double>) throws {
        let motion = RigidTransform(axis: axis, degrees: degrees, translation: SIMD3(250, -90, 400))
        let good = scorer.inspect(SyntheticPart().scan(seed: 80).map { motion.apply($0) })
        #expect(good.evaluation == .ok, "\(good.reasons)")
        let place = SIMD3<Float>(0.6, -0.8, 0)
        let bumped = SyntheticPart(defect: SyntheticPart.bump(1.5, at: place)).scan(seed: 81)
        let bad = scorer.inspect(bumped.map { motion.apply($0) })
        #expect(bad.evaluation == .notOK)
        let offset =
            try #require(bad.regions.first).centroid
            - motion.apply(place * (SyntheticPart.radius(place) + 1.5))
        #expect((offset * offset).sum().squareRoot() < 4)
    }

    @Test(arguments: [(Float(1.5), Region.Kind.excess), (-1.5, .missing)])
    func aBumpIsFoundInItsPlaceWithItsSignAndHeight(height: Float, kind: Region.Kind) throws {
        let place = SIMD3<Float>(0.6, -0.8, 0)
        let part = SyntheticPart(defect: SyntheticPart.bump(height, at: place))
        let inspection = scorer.inspect(part.scan(seed: 30))
        #expect(inspection.evaluation == .notOK)
        let region = try #require(inspection.regions.first)
        let expected = place * (SyntheticPart.radius(place) + height)
        let offset = region.centroid - expected
        #expect((offset * offset).sum().squareRoot() < 4)
        #expect(region.kind == kind)
        let deviation = try #require(region.deviation)
        #expect(deviation / height > 0.6 && deviation / height < 1.1)
    }

    @Test func aHoleIsMissingMaterialInItsMiddle() throws {
        let inspection = scorer.inspect(SyntheticPart(isMissing: { $0.y > 0.93 }).scan(seed: 31))
        #expect(inspection.evaluation == .notOK)
        let region = try #require(inspection.regions.first)
        #expect(region.kind == .missing)
        let offset = region.centroid - SIMD3(0, SyntheticPart.radius(SIMD3(0, 1, 0)), 0)
        #expect((offset * offset).sum().squareRoot() < 6)
    }

    @Test func whatCannotBeJudgedIsNotDecidable() {
        let few = scorer.inspect(Array(SyntheticPart().scan(seed: 40).prefix(300)))
        #expect(few.evaluation == .notDecidable && few.reasons.first?.code == "too_few_points")
        let half = scorer.inspect(SyntheticPart(isMissing: { $0.x + $0.z > -0.3 }).scan(seed: 41))
        #expect(half.evaluation == .notDecidable && half.score == nil)
        let other = scorer.inspect(SyntheticPart().scan(seed: 42).map { $0 * SIMD3(0.3, 2.2, 0.5) })
        #expect(other.evaluation == .notDecidable && other.reasons.first?.code == "not_registered")
    }

    @Test func strayRepeatedAndInvalidPointsChangeNothing() {
        var cloud = SyntheticPart().scan(seed: 50)
        cloud += [SIMD3(.nan, 0, 0), SIMD3(90, 90, 90), SIMD3(-80, 10, 60), cloud[7], SIMD3(0, .infinity, 0)]
        let inspection = scorer.inspect(cloud)
        #expect(inspection.evaluation == .ok)
        #expect(inspection.receivedPoints == 6005 && inspection.usedPoints <= 6000)
    }

    /// A loose, thinly scanned piece must not vanish as stray points.
    @Test func manyStrayPointsAreNotDecidable() {
        var generator = SystemLikeGenerator(state: 9)
        let loose = (0..<300).map { _ in
            SIMD3<Float>(
                Float(60 + 140 * generator.uniform()), Float(200 * generator.uniform()),
                Float(200 * generator.uniform()))
        }
        let inspection = scorer.inspect(SyntheticPart().scan(seed: 51) + loose)
        #expect(inspection.evaluation == .notDecidable)
        #expect(inspection.reasons.first?.code == "too_many_stray_points")
    }

    /// A channel that measures nothing finite must not look calm.
    @Test func aLimitThatIsNotFiniteCannotMakeAPartOK() {
        var model = Self.taught
        model.calibration.channelLimits[.deviation] = .nan
        let inspection = PartScorer(model: model).inspect(SyntheticPart().scan(seed: 52))
        #expect(inspection.evaluation == .notDecidable && inspection.reasons.first?.code == "not_finite")
    }

    @Test(arguments: 0..<12) func aModelOfWrongNumbersIsRefused(change: Int) throws {
        var model = Self.taught
        switch change {
        case 0: model.calibration.threshold.value = 1e300
        case 1: model.settings.patchSize = 32
        case 2: model.settings.sampledPoints = .max
        case 3: model.settings.iterations = -1
        case 4: model.calibration.channelLimits[.feature] = nil
        case 5: model.settings.channels = [.feature, .feature]
        case 6: model.settings.smoothedPatches = 0
        case 7: model.settings.sampling.neighborCount = 1000
        case 8: model.settings.sampling.radius = -1
        case 9: model.settings.sampling.salientShare = 1
        case 10: model.calibration.fusion.smoothedPoints = 25
        default: model.calibration.gate.minimumFitness = 1e30
        }
        let files = try model.files()
        #expect(throws: PartModelError.self) {
            try PartModel(partType: "egg", threshold: model.calibration.threshold, files: files)
        }
    }

    @Test func filesHoldTheWholeModel() throws {
        let read = try PartModel(
            partType: "egg", threshold: Self.taught.calibration.threshold, files: try Self.taught.files())
        let cloud = SyntheticPart(defect: SyntheticPart.bump(1, at: SIMD3(0, 0, 1))).scan(seed: 60)
        let before = scorer.inspect(cloud), after = PartScorer(model: read).inspect(cloud)
        #expect(before.score == after.score)
        #expect(before.map?.fused == after.map?.fused && before.regions == after.regions)
        var broken = try Self.taught.files()
        broken[PartModel.templateFile] = nil
        #expect(throws: PartModelError.self) {
            try PartModel(partType: "egg", threshold: Self.taught.calibration.threshold, files: broken)
        }
    }

    @Test func sameBitsOnAnyNumberOfThreads() {
        let cloud = SyntheticPart(defect: SyntheticPart.bump(1, at: SIMD3(1, 0, 0))).scan(seed: 70)
        let one = PartScorer(model: Self.taught, workers: .one).inspect(cloud)
        let two = PartScorer(model: Self.taught, workers: Workers(count: 2)).inspect(cloud)
        #expect(one.map?.fused == two.map?.fused && one.map?.points == two.map?.points)
        #expect(one.score == two.score && one.regions == two.regions)
    }

    @Test func partsThatAreNotAlikeAreRefused() {
        let backbone = ReconstructionNetwork(NetworkConfiguration(.small), seed: 1)
        let odd = SyntheticPart().scan(seed: 4).map { $0 * SIMD3(0.4, 2, 0.6) }
        let clouds = [SyntheticPart().scan(seed: 1), SyntheticPart().scan(seed: 2), odd]
        #expect { try Teaching.teach("egg", from: clouds, backbone: backbone) } throws: {
            ($0 as? TeachingError)?.code == .notAlike
        }
        #expect { try Teaching.teach("egg", from: [], backbone: backbone) } throws: {
            ($0 as? TeachingError)?.code == .tooFewParts
        }
        // Its halves would have too few.
        let sparse = stride(from: 0, to: clouds[0].count, by: max(1, clouds[0].count / 1200)).prefix(1500).map {
            clouds[0][$0]
        }
        #expect { try Teaching.teach("egg", from: [sparse], backbone: backbone) } throws: {
            ($0 as? TeachingError)?.code == .tooFewPoints
        }
    }

    /// Of one good part it is not known how parts differ: it says so, and finds what is far from it.
    @Test func onePartPromisesNothing() throws {
        var options = TeachingOptions()
        options.steps = 0
        options.detectionTrials = 0
        options.scoring.sampledPoints = 4096
        let backbone = ReconstructionNetwork(NetworkConfiguration(.small), seed: 1)
        let result = try Teaching.teach(
            "egg", from: [SyntheticPart().scan(seed: 1)], backbone: backbone, options: options)
        let threshold = result.model.calibration.threshold
        #expect(threshold.confidence == 0 && threshold.goodScores.count == 1)
        #expect(threshold.limits?.contains { $0.contains("One good part says nothing") } == true)
        #expect(threshold.value > (threshold.highestGoodScore ?? .infinity))
        #expect(result.report.goodParts.map(\.scores.count) == [2 * options.resamplings])
        let scorer = PartScorer(model: result.model)
        #expect(scorer.inspect(SyntheticPart().scan(seed: 2)).evaluation == .ok)
        let place = SIMD3<Float>(0.6, -0.8, 0)
        let bumped = SyntheticPart(defect: SyntheticPart.bump(1.5, at: place)).scan(seed: 30)
        // So wide a threshold lets this bump pass; that it is further from the taught part than a good one still shows.
        let good = scorer.inspect(SyntheticPart().scan(seed: 30)).score ?? .infinity
        #expect((scorer.inspect(bumped).score ?? 0) > good)
    }
}
