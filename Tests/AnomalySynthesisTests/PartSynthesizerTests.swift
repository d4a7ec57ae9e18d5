import ParallelLoops
import PointClouds
import Testing

@testable import AnomalySynthesis

@Suite struct PartSynthesizerTests {
    @Test(arguments: ScannerStyle.allCases)
    func sharesAreWithinTheStatedRange(_ scanner: ScannerStyle) throws {
        let synthesizer = try TestParts.synthesizer { $0.scanner = scanner }
        #expect(synthesizer.plans.count { $0.isTraining } == 4)
        #expect(Set(synthesizer.plans.compactMap(\.kind)) == Set(DefectKind.allCases))
        for plan in synthesizer.plans where plan.kind != nil || plan.number == 0 {
            let sample = try synthesizer.sample(plan)
            #expect((4850...5150).contains(sample.points.count))
            #expect(sample.record.anomalousPoints == sample.isAnomalous.count { $0 })
            let share = Double(sample.record.anomalousPoints) / Double(sample.points.count)
            if plan.kind == nil { #expect(share == 0) } else { #expect((0.01...0.10).contains(share)) }
            #expect(sample.points.allSatisfy { $0.isAllFinite })
        }
    }

    @Test func theSameOnAnyThreadsAndFromTheSameSeedOnly() throws {
        var options = SynthesisOptions()
        options.points = 2000...3000
        options.pose = .any
        func make(_ workers: Workers, _ seed: UInt64) throws -> [SynthesizedSample] {
            options.seed = seed
            let synthesizer = try PartSynthesizer(TestParts.block, name: "a0", options: options, workers: workers)
            return try synthesizer.plans.filter { $0.isTraining || $0.number == 0 }.map { try synthesizer.sample($0) }
        }
        let one = try make(.one, 4)
        #expect(one == (try make(Workers(count: 2), 4)))
        #expect(one.first?.points != (try make(.one, 5)).first?.points)
    }

    @Test func aSingleViewSeesOneSide() throws {
        let synthesizer = try TestParts.synthesizer { $0.scanner = .singleView }
        let training = try synthesizer.sample(synthesizer.plans[0])
        // The sensor stands at azimuth 0, above: the far end and the underside are hidden.
        #expect(training.points.allSatisfy { $0.x > -50 || $0.z > 10 })
        #expect(training.points.contains { $0.x > 45 })
    }

    @Test func flatAndEmptyMeshesAreRefused() throws {
        let flat = TestParts.box([50, 40, 0])
        let empty = try TriangleMesh(vertices: [], triangles: [])
        for mesh in [flat, empty] {
            let error = #expect(throws: SynthesisError.self) { try TestParts.synthesizer(mesh) }
            #expect(error?.message.contains("expected") == true)
        }
    }
}
