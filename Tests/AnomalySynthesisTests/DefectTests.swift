import ParallelLoops
import PointClouds
import SeededRandom
import Testing

@testable import AnomalySynthesis

/// Each kind of defect, held to what it promises by looking at all triangles.
@Suite struct DefectTests {
    private func carve(
        _ kind: DefectKind, _ synthesizer: PartSynthesizer, seed: UInt64 = 3, boost: Double = 1
    ) throws -> (DefectivePart, DefectCarver) {
        var random = SplitMix64(seed: seed)
        var carver = synthesizer.carver(synthesizer.base, eyes: nil)
        carver.boost = boost
        for _ in 0..<PartSynthesizer.tries {
            if let part = carver.carve(kind, &random) { return (part, carver) }
        }
        throw SynthesisError(message: "no \(kind)")
    }

    @Test(arguments: [DefectKind.bulge, .concavity, .crack, .scratch, .bending])
    func movesSurfaceByNoMoreThanItsDepthAndLeavesTheRest(_ kind: DefectKind) throws {
        for synthesizer in [try TestParts.standard.get(), try TestParts.hard.get()] {
            let (part, carver) = try carve(kind, synthesizer)
            let allowed =
                kind == .crack
                ? carver.ranges.crackDepth
                : kind == .scratch ? carver.ranges.scratchDepth : carver.ranges.depth
            // Vertices need not lie in the very middle, where the surface moves most.
            #expect(part.depth > 0.6 * allowed.lowerBound * 120 && part.depth <= allowed.upperBound * 120 * 1.0001)
            #expect(TestParts.openEdges(part.mesh) == 0)
            #expect((part.good.area - synthesizer.area).magnitude < 1e-6 * synthesizer.area)
            #expect(part.good.triangles == part.mesh.triangles)
            // A bend begins gently: its place is where it can be seen.
            let box = part.place.bounds.grown(by: (kind == .bending ? 0.3 : 0.1) * 120)
            for (old, new) in zip(part.good.vertices, part.mesh.vertices) where old != new {
                #expect(all(old .>= box.low) && all(old .<= box.high))
            }
        }
    }

    @Test(arguments: [DefectKind.bulge, .concavity, .crack, .scratch])
    func leavesTheOtherSideOfAThinWallAlone(_ kind: DefectKind) throws {
        let synthesizer = try TestParts.thin.get()
        var seen = 0
        for seed in 1...8 {
            // Small, so that most do not reach the plate's edge.
            let (part, _) = try carve(kind, synthesizer, seed: UInt64(seed), boost: 0.2)
            let corner = part.good.bounds.high
            var sides = Set<Double>()
            var isAtEdge = false
            for (old, new) in zip(part.good.vertices, part.mesh.vertices) where old != new {
                sides.insert(old.z.sign == .minus ? -1 : 1)
                if max(old.x.magnitude - corner.x, old.y.magnitude - corner.y) > -1e-6 { isAtEdge = true }
            }
            // A defect may run around the plate's edge; one that does not must be on one side.
            if !isAtEdge {
                #expect(sides.count == 1)
                seen += 1
            }
        }
        #expect(seen > 0)
    }

    @Test(arguments: DefectKind.allCases)
    func labelsAreThoseOfTheRule(_ kind: DefectKind) throws {
        let synthesizer = try TestParts.sparse.get()
        let (part, _) = try carve(kind, synthesizer, seed: 9)
        var random = SplitMix64(seed: 2)
        let scan = try #require(synthesizer.scan(part.mesh, eyes: [], count: 1500, noise: 0.05, &random))
        let labels = synthesizer.labels(scan, of: part)
        for i in stride(from: 0, to: scan.places.count, by: 7) {
            let p = scan.places[i]
            let away = TestParts.distance(p, part.good)
            let rim = part.border.reduce(Double.infinity) { best, edge in
                min(best, SurfaceDistance.squaredDistance(p, edge.0, edge.1, edge.1))
            }.squareRoot()
            // Samples are rounded to Float.
            guard (away - synthesizer.labelDistance).magnitude > 1e-4, (rim - synthesizer.rimWidth).magnitude > 1e-4
            else { continue }
            #expect(labels[i] == (away > synthesizer.labelDistance || rim < synthesizer.rimWidth))
        }
    }

    @Test func holesTakeSurfaceAndBreaksShowANewOne() throws {
        let synthesizer = try TestParts.standard.get()
        let (hole, _) = try carve(.hole, synthesizer)
        #expect(hole.mesh.area < synthesizer.area * 0.995)
        #expect((hole.mesh.area + hole.place.area - synthesizer.area).magnitude < 1e-6 * synthesizer.area)
        let (broken, _) = try carve(.broken, synthesizer)
        let new = broken.mesh.triangles.indices.filter { broken.isChanged[$0] }
        let fresh = new.reduce(0.0) { $0 + broken.mesh.area($1) }
        #expect(fresh > 0 && broken.place.area > 0)
        // A block is solid: what the break shows closes what it opened, but for the grid's edges.
        let normal = new.reduce(SIMD3<Double>.zero) { $0 + broken.mesh.halfCross(broken.mesh.triangles[$1]) }
        let lost = broken.place.triangles.reduce(SIMD3<Double>.zero) { $0 + broken.place.halfCross($1) }
        #expect(length(normal - lost) < 0.05 * length(lost))
    }
}
