import Foundation
import IMRNet
import NeuralNetwork
import ParallelLoops
import PointClouds
import Testing

@testable import Inspection

/// A part that is only ever scanned from one side: where the sensor stood is told by the scan, and what four views cover is judged.
@Suite(.serialized) struct PartialScanTests {
    /// Where the sensor stands, around z and 25 degrees up, mm.
    private static func eye(_ degrees: Double, elevation: Double = 25) -> SIMD3<Float> {
        let up = elevation * .pi / 180
        return SIMD3<Float>(
            RigidTransform(axis: SIMD3(0, 0, 1), degrees: degrees).apply(SIMD3<Double>(cos(up), 0, sin(up)) * 200))
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
        from eye: SIMD3<Float>, seed: UInt64, defect: @escaping (SIMD3<Float>) -> Float = { _ in 0 },
        hole: SIMD3<Float>? = nil
    ) -> [SIMD3<Float>] {
        var part = SyntheticPart(points: 6000)
        part.defect = { direction in features.reduce(defect(direction)) { $0 + $1(direction) } }
        part.isMissing = { direction in hole.map { (direction * $0).sum() > 0.985 } ?? false }
        return part.scan(from: eye, seed: seed)
    }

    /// How each taught view came to lie: none in the frame of another.
    private static let motions = [
        RigidTransform.identity,
        RigidTransform(axis: SIMD3(1, 2, 0.5), degrees: 8, translation: SIMD3(3, -2, 4)),
        RigidTransform(axis: SIMD3(-1, 0.4, 2), degrees: 65, translation: SIMD3(20, 5, -30)),
        RigidTransform(axis: SIMD3(0.3, 1, -0.7), degrees: 120, translation: SIMD3(-10, 40, 8)),
    ]

    private static let clouds = (0..<4).map { number in
        motions[number].apply(view(from: eye(90 * Double(number)), seed: UInt64(number) + 1))
    }

    private static let taught: Teaching.Result = {
        var options = TeachingOptions()
        options.steps = 0
        options.resamplings = 1
        do {
            return try PartialTeaching.teach(
                "egg", from: clouds, backbone: ReconstructionNetwork(NetworkConfiguration(.small), seed: 1),
                options: options, workers: .all, progress: { _ in })
        } catch {
            fatalError("\(error)")
        }
    }()

    private static func scan(_ cloud: [SIMD3<Float>]) throws -> PartialScan {
        let part = try #require(PreparedPart(cloud, minimum: 1000, workers: .all))
        return PartialScan(part, spacing: part.spacing, workers: .all)
    }

    @Test(arguments: 0..<4) func aScanTellsWhereItsSensorStood(number: Int) throws {
        let scan = try Self.scan(Self.clouds[number])
        let place = try #require(scan.side.sensor)
        let truth = Self.motions[number].apply(Self.eye(90 * Double(number)))
        let center = SIMD3<Float>(scan.side.surface.centroid)
        let (found, expected) = (place.eye - center, truth - center)
        #expect((found * expected).sum() / (found.norm * expected.norm) > cos(4 * .pi / 180))
        #expect(abs(found.norm / expected.norm - 1) < 0.25, "\(found.norm) for \(expected.norm) mm")
        // Whatever the shape says of its outside, what was seen faces the sensor.
        #expect(zip(scan.part.points, scan.normals).allSatisfy { (($0 * -1 + place.eye) * $1).sum() >= 0 })
    }

    @Test func anEvenCloudTellsNoSensor() throws {
        var part = SyntheticPart(points: 6000)
        let eye = Self.eye(0) / Self.eye(0).norm
        part.isMissing = { ($0 * eye).sum() < 0.05 }
        let scan = try Self.scan(part.scan(seed: 8))
        #expect(scan.side.sensor == nil)
        #expect((scan.side.eye * eye).sum() > 0, "seen from its outside all the same")
    }

    @Test func scansFromOneSideAreToldFromWholeOnes() {
        let sensor = Self.motions[2].rotate(Self.eye(180)) / 200
        let found = ViewDirection(of: Self.clouds[2], spacing: 1.3)
        #expect(found.isOneSided, "\(found.hiddenShare)")
        #expect(abs((found.axis * sensor).sum()) > 0.7)
        let whole = ViewDirection(of: SyntheticPart().scan(seed: 9), spacing: 1.3)
        #expect(!whole.isOneSided, "\(whole.hiddenShare)")
    }

    private static func placement(_ from: Int, on to: Int, lying: Double, off: RigidTransform = .identity)
        -> TaughtViews.Placement
    {
        TaughtViews.Placement(
            view: to, pose: off * motions[to] * motions[from].inverse,
            fit: OverlapFit(lying: lying, conflicting: 0, agreement: 1))
    }

    /// A tree over what is said twice, then by how much lies on each other; who lies on nobody stays as it came.
    @Test func viewsAreLaidSideBySide() {
        let wrong = RigidTransform(axis: SIMD3(0, 0, 1), degrees: 90)
        let placements = [
            [Self.placement(0, on: 1, lying: 0.3), Self.placement(0, on: 2, lying: 0.6, off: wrong)],
            [Self.placement(1, on: 0, lying: 0.3), Self.placement(1, on: 2, lying: 0.25)],
            [Self.placement(2, on: 1, lying: 0.3)], [],
        ]
        let joining = ViewJoining(placements)
        #expect(joining.unconfirmed == [3])
        #expect(joining.poses[3] == .identity)
        for view in 0..<3 {
            let error = (joining.poses[0] * Self.motions[0]).inverse * joining.poses[view] * Self.motions[view]
            #expect(error.angle < 1e-6, "view \(view): \(error.angle) degrees")
        }
    }

    @Test func placementsThatContradictEachOtherAreDropped() {
        let wrong = RigidTransform(axis: SIMD3(0, 0, 1), degrees: 5)
        let placements = [
            [Self.placement(0, on: 1, lying: 0.3), Self.placement(0, on: 2, lying: 0.3, off: wrong)],
            [Self.placement(1, on: 0, lying: 0.3)],
            [Self.placement(2, on: 0, lying: 0.3), Self.placement(2, on: 1, lying: 0.4)],
        ]
        let kept = ViewJoining.agreeing(placements, middles: [SIMD3](repeating: .zero, count: 3), distance: 2)
        #expect(kept.map { $0.map(\.view) } == [[1], [0], [1]])
    }

    /// Wherever a scan is believed to lie on a view, it does; and no other place is believed.
    @Test(arguments: [45.0, 135, 200, 300]) func onlyRightPosesAreBelieved(degrees: Double) throws {
        let scans = try Self.clouds.map(Self.scan)
        let views = TaughtViews(scans.map(\.side), workers: .all)
        let motion = RigidTransform(axis: SIMD3(2, -1, 1), degrees: 100, translation: SIMD3(15, 0, -20))
        let placements = views.placements(
            of: try Self.scan(motion.apply(Self.view(from: Self.eye(degrees, elevation: 15), seed: 40))))
        #expect(!placements.isEmpty)
        for placement in placements {
            let error = placement.pose * motion * Self.motions[placement.view].inverse
            let center = SIMD3<Double>(scans[placement.view].side.surface.centroid)
            let shift = error.apply(center) - center
            #expect(error.angle < 1, "view \(placement.view): \(error.angle) degrees")
            #expect((shift * shift).sum().squareRoot() < 1, "view \(placement.view): \(shift)")
        }
    }

    @Test func aGoodViewFromBetweenPassesAndADentAndAHoleAreFound() throws {
        let scorer = PartScorer(model: Self.taught.model)
        let motion = RigidTransform(axis: SIMD3(2, -1, 1), degrees: 100, translation: SIMD3(15, 0, -20))
        let eye = Self.eye(45), place = eye / eye.norm
        let good = scorer.inspect(motion.apply(Self.view(from: eye, seed: 50)))
        #expect(good.evaluation == .ok, "\(good.reasons) \(good.score ?? 0) over \(good.threshold)")
        let dent = scorer.inspect(
            motion.apply(Self.view(from: eye, seed: 51, defect: SyntheticPart.bump(-2.5, at: place))))
        #expect(dent.evaluation == .notOK, "\(dent.reasons) \(dent.score ?? 0) over \(dent.threshold)")
        let offset = try #require(dent.regions.first).centroid - motion.apply(place * SyntheticPart.radius(place))
        #expect((offset * offset).sum().squareRoot() < 8)
        let hole = scorer.inspect(motion.apply(Self.view(from: eye, seed: 52, hole: place)))
        #expect(hole.evaluation == .notOK, "\(hole.reasons) \(hole.score ?? 0) over \(hole.threshold)")
        #expect(try #require(hole.regions.first).kind == .missing)
    }

    /// From below nearly all is surface that no view has seen.
    @Test func uncoveredPointsAreNotJudgedAndSaySo() throws {
        let inspection = PartScorer(model: Self.taught.model).inspect(
            Self.view(from: SIMD3(60, 0, -190), seed: 60))
        #expect(inspection.evaluation != .notOK)
        #expect(inspection.reasons.contains { ["partly_judged", "not_taught", "not_registered"].contains($0.code) })
    }

    @Test func aModelFileKeepsItsSensors() throws {
        let model = Self.taught.model
        #expect(Self.taught.report.unconfirmedViews == [])
        #expect(model.template.sensors.count { $0 != nil } == 4)
        let read = try PartModel(
            partType: "egg", threshold: model.calibration.threshold, files: try model.files())
        #expect(read.template.sensors == model.template.sensors)
        let cloud = Self.view(from: Self.eye(45), seed: 53)
        #expect(PartScorer(model: read).inspect(cloud).score == PartScorer(model: model).inspect(cloud).score)
    }

    @Test func threadsDoNotChangeABit() {
        let eye = Self.eye(45)
        let cloud = Self.view(from: eye, seed: 51, defect: SyntheticPart.bump(-2.5, at: eye / eye.norm))
        let one = PartScorer(model: Self.taught.model, workers: .one).inspect(cloud)
        let two = PartScorer(model: Self.taught.model, workers: Workers(count: 2)).inspect(cloud)
        #expect(one.score == two.score && one.map?.fused == two.map?.fused)
    }
}
