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

    /// From nearer to each other, so that each pair of neighbours shares enough to be joined whatever the search draws.
    private static func closeScans(
        _ count: Int,
        view: (_ degrees: Double, _ number: Int) -> [SIMD3<Float>] = {
            Self.view(from: eye($0), seed: UInt64($1) + 1)
        }
    ) throws -> [PartialScan] {
        try (0..<count).map { try scan(motions[$0].apply(view(50 * Double($0), $0))) }
    }

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

    /// Each view's pose in its group, against how it came to lie.
    @Test func viewsAreLaidSideBySide() throws {
        let scans = try Self.closeScans(4)
        var told: [Int] = []
        let joints = ViewJoining(scans, on: TaughtViews(scans.map(\.side), workers: .all)) { view, _ in
            told.append(view)
        }
        .joints()
        #expect(told == [0, 1, 2, 3])
        #expect(joints.groups == [[0, 1, 2, 3]])
        for view in 1..<4 {
            let error =
                (joints.frames[0] * Self.motions[0]).inverse * joints.frames[view] * Self.motions[view]
            let center = Self.motions[view].inverse.apply(SIMD3<Double>(scans[view].side.surface.centroid))
            let shift = error.apply(center) - center
            #expect(error.angle < 1, "view \(view): \(error.angle) degrees")
            #expect((shift * shift).sum().squareRoot() < 1, "view \(view): \(shift)")
        }
    }

    /// A view that shows another part agrees with none.
    @Test func aViewOfSomethingElseStandsByItself() throws {
        var ball = SyntheticPart(points: 6000)
        ball.defect = { direction in 45 - SyntheticPart.radius(direction) + 3 * direction.y * direction.z }
        let scans = try Self.closeScans(3) + [Self.scan(ball.scan(from: Self.eye(270), seed: 70))]
        let joints = ViewJoining(scans, on: TaughtViews(scans.map(\.side), workers: .all)) { _, _ in }.joints()
        #expect(joints.groups == [[0, 1, 2], [3]])
        #expect(joints.unconfirmed == [3])
    }

    @Test func groupsOfViewsAreNumbered() {
        let joints = ViewJoints(
            frames: [RigidTransform](repeating: .identity, count: 5), groups: [[4, 1], [3], [2, 0]])
        #expect(joints.groups == [[0, 2], [1, 4], [3]])
        #expect(joints.numbers == [0, 1, 0, 2, 1])
        #expect(joints.unconfirmed == [3])
        #expect(ViewJoints(numbers: joints.numbers) == joints)
        #expect(ViewJoints(apart: 2).groups == [[0], [1]])
    }

    /// Two knobs tell this part from its turns; where one view shows none of them, the others know.
    @Test func aPartThatNearlyTurnsIntoItselfIsPlacedByItsKnobs() throws {
        func view(_ degrees: Double, elevation: Double = 25, seed: UInt64) -> [SIMD3<Float>] {
            var part = SyntheticPart(points: 6000)
            part.defect = { direction in
                let body = 40 + 8 * direction.z - SyntheticPart.radius(direction)
                return [SIMD3<Float>(0.8, 0.5, 0.2), SIMD3(-0.2, 0.9, -0.3)].reduce(body) { sum, place in
                    sum + SyntheticPart.bump(6, at: place)(direction)
                }
            }
            return part.scan(from: Self.eye(degrees, elevation: elevation), seed: seed)
        }
        let scans = try Self.closeScans(4) { view($0, seed: 80 + UInt64($1)) }
        let apart = TaughtViews(scans.map(\.side), workers: .all)
        let joints = ViewJoining(scans, on: apart) { _, _ in }.joints()
        let views = TaughtViews(apart, joints: joints)
        let motion = RigidTransform(axis: SIMD3(2, -1, 1), degrees: 100, translation: SIMD3(15, 0, -20))
        let scan = try Self.scan(motion.apply(view(75, elevation: 15, seed: 90)))
        let placements = views.placements(of: scan)
        #expect(joints.groups.first?.count == 4 && placements.count >= 2)
        for placement in placements {
            let error = placement.pose * motion * Self.motions[placement.view].inverse
            #expect(error.angle < 2, "view \(placement.view): \(error.angle) degrees")
        }
    }

    /// Wherever a scan is believed to lie on a view, it does; and no other place is believed.
    @Test(arguments: [45.0, 135, 200, 300]) func onlyRightPosesAreBelieved(degrees: Double) throws {
        let scans = try Self.clouds.map(Self.scan)
        let views = TaughtViews(scans.map(\.side), workers: .all)
        #expect(views.joints == ViewJoints(apart: 4))
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
        // Neighbours of the four share a quarter only: not every one need find another.
        #expect(Self.taught.report.unconfirmedViews.count < 3)
        #expect(model.template.sensors.count { $0 != nil } == 4)
        let read = try PartModel(
            partType: "egg", threshold: model.calibration.threshold, files: try model.files())
        #expect(read.template.sensors == model.template.sensors)
        #expect(model.template.viewGroups.count == 4)
        #expect(read.template.viewGroups == model.template.viewGroups)
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
