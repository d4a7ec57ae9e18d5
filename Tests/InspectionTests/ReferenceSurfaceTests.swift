import ParallelLoops
import PointClouds
import Testing

@testable import Inspection

@Suite struct ReferenceSurfaceTests {
    private let scans = (1...4).map { SyntheticPart().scan(seed: UInt64($0)) }
    private var surface: ReferenceSurface {
        ReferenceSurface(fitting: scans, spacing: 1.6, workers: .all)
    }

    @Test func normalsPointOutward() {
        let surface = surface
        let outward = surface.points.indices.count { (surface.points[$0] * surface.normals[$0]).sum() > 0 }
        #expect(Double(outward) > 0.999 * Double(surface.points.count))
    }

    @Test func distancesAreThoseOfTheFormWithSign() {
        let surface = surface
        for height: Float in [-2, -0.5, 0, 0.5, 2] {
            // Along the ray is not along the normal: compare with the projection.
            let queries = SyntheticPart(points: 500, noise: 0, defect: { _ in height }).scan(seed: 9)
            let projection = surface.project(queries, workers: .all)
            var error = 0.0
            for i in queries.indices {
                let normal = surface.normals[Int(projection.sites[i])]
                let direction = queries[i] / (queries[i] * queries[i]).sum().squareRoot()
                error += Double(abs(projection.values[i] - height * (direction * normal).sum()))
            }
            #expect(error / Double(queries.count) < 0.06, "height \(height)")
        }
    }

    @Test func aHoleShowsAsGapsAndADentDoesNot() {
        let surface = surface
        let sites = surface.thinned()
        func widest(_ part: SyntheticPart) -> Float {
            let points = part.scan(seed: 11)
            let projection = surface.project(points, workers: .all)
            return surface.gaps(
                at: sites, to: NeighborIndex(points), registration: .identity, projection: projection, workers: .all
            ).max() ?? 0
        }
        let whole = widest(SyntheticPart())
        let dented = widest(SyntheticPart(defect: SyntheticPart.bump(-3, at: SIMD3(0, 1, 0))))
        let holed = widest(SyntheticPart(isMissing: { $0.y > 0.97 }))
        #expect(whole < 5)
        #expect(dented < 5)
        // A cap of 14 degrees on a radius of 40 mm: 10 mm from its middle to the rim.
        #expect(holed > 8 && holed < 12)
    }

    @Test func sameBitsOnAnyNumberOfThreads() {
        let one = ReferenceSurface(fitting: scans, spacing: 1.6, workers: .one)
        let two = ReferenceSurface(fitting: scans, spacing: 1.6, workers: Workers(count: 2))
        #expect(one.points == two.points && one.normals == two.normals)
        let queries = SyntheticPart().scan(seed: 5)
        #expect(one.project(queries, workers: .one).values == two.project(queries, workers: .all).values)
    }
}
