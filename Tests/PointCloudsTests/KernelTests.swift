import CKernels
import PointClouds
import SeededRandom
import Testing

/// Every form of the kernels that this processor has gives the bits of the baseline's.
///
/// The level is the whole process's, and other tests run meanwhile: as all forms agree, none of them can tell. Serialized,
/// so that no test here changes it under another.
@Suite(.serialized) struct KernelTests {
    /// The result of `body` at each level, the baseline's first.
    func atEachLevel<R>(_ body: () -> R) -> [R] {
        let best = geometry_level()
        defer { geometry_use_level(best) }
        return (GEOMETRY_BASELINE...Int32(best)).map { level in
            geometry_use_level(level)
            return body()
        }
    }

    func expectSame<R: Equatable>(_ body: () -> R) {
        let results = atEachLevel(body)
        for result in results { #expect(result == results[0]) }
    }

    @Test func chosenCandidatesAreTheSame() {
        for n in [0, 1, 7, 8, 9, 15, 16, 17, 100, 1003] {
            let points = Clouds.make(.uniform, n, seed: UInt64(n))
            let (x, y, z) = (points.map(\.x), points.map(\.y), points.map(\.z))
            for bound: Float in [0, 50, 900, 2500, .infinity] {
                let q: SIMD3<Float> = points.last ?? .zero
                expectSame {
                    var distances = [Float](repeating: 0, count: n + 16)
                    var places = [Int32](repeating: 0, count: n + 16)
                    let found = geometry_choose(
                        x, y, z, Int32(n), q.x, q.y, q.z, bound, &distances, &places)
                    let expected = points.indices.filter { BruteForce.squared(points[$0], q) <= bound }
                    #expect(places.prefix(Int(found)).map { Int($0) } == expected)
                    return [distances.prefix(Int(found)).map(\.bitPattern), places.prefix(Int(found)).map(UInt32.init)]
                }
            }
        }
    }

    @Test func theLeastAreKeptInTheirOrder() {
        var g = SplitMix64(seed: 3)
        for trial in 0..<400 {
            let m = 1 + g.next(below: trial % 3 == 0 ? 200 : 64)
            let k = 1 + g.next(below: m)
            // Some with many ties, zeros and infinite ones among them; some with a few far larger than the rest.
            let values = (0..<m).map { _ -> Float in
                switch trial % 4 {
                case 0: Float(g.next(below: 7))
                case 1: g.next(below: 9) == 0 ? .infinity : Float(g.uniform())
                case 2: Float(g.uniform()) * (g.next(below: 5) == 0 ? 1e6 : 1)
                default: Float(g.uniform())
                }
            }
            let bound = trial % 5 == 0 ? Float.infinity : values.max()!
            let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
            let expected = order.prefix(k).sorted()
            for (kept, places, reach) in atEachLevel({
                var kept = values + [Float](repeating: 0, count: 64)
                var places = (0..<Int32(m + 64)).map { $0 }
                let reach = geometry_keep_least(&kept, &places, Int32(m), Int32(k), bound)
                return (Array(kept.prefix(k)), Array(places.prefix(k)), reach)
            }) {
                #expect(places.map { Int($0) } == expected)
                #expect(kept == expected.map { values[$0] })
                #expect(reach >= kept.max()! && reach <= max(bound, kept.max()!))
            }
        }
    }

    @Test func ranksAreTheSame() {
        var g = SplitMix64(seed: 8)
        for m in [0, 1, 2, 7, 8, 9, 16, 33, 200] {
            // Few different values, so that many are equal; an infinite one among them.
            var values = (0..<m).map { _ in Float(g.next(below: 12)) }
            if m > 3 { values[2] = .infinity }
            let sorted = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
            for ranks in atEachLevel({
                var padded = values + [Float](repeating: 0, count: 64)
                var ranks = [Int32](repeating: 0, count: m + 64)
                geometry_rank(&padded, Int32(m), &ranks)
                return ranks
            }) {
                for (place, i) in sorted.enumerated() { #expect(ranks[i] == Int32(place)) }
            }
        }
    }

    @Test func theNearestIsTheFirstOfEqualOnes() {
        for n in [0, 1, 7, 8, 9, 40, 203] {
            // A lattice: many at the same distance.
            let points = Clouds.make(.grid, n, seed: 4)
            let (x, y, z) = (points.map(\.x), points.map(\.y), points.map(\.z))
            let q = SIMD3<Float>(1.5, 2.5, 0.5)
            let distances = points.map { BruteForce.squared($0, q) }
            let expected = distances.firstIndex(of: distances.min() ?? 0) ?? -1
            for (least, place) in atEachLevel({
                var place: Int32 = 7
                let least = geometry_least(x, y, z, Int32(n), q.x, q.y, q.z, &place)
                return (least, place)
            }) {
                #expect(Int(place) == expected && least == distances.min() ?? .infinity)
            }
        }
    }

    @Test func geometryHasTheSameBits() {
        let points = Clouds.make(.surface, 3000)
        expectSame {
            let index = NeighborIndex(points, workers: .one)
            let geometry = SurfaceGeometry(index: index, nearest: 24, workers: .one)
            // With a rest beside the four lanes of the sums.
            let odd = SurfaceGeometry(index: index, nearest: 31, workers: .one)
            let change = GeometryAwareSampling.rateOfChange(index, workers: .one)
            let farthest = FarthestPointSampling.sample(index, count: 99)
            return [
                geometry.normals.flatMap { [$0.x.bitPattern, $0.y.bitPattern, $0.z.bitPattern] },
                geometry.curvatures.map(\.bitPattern), odd.curvatures.map(\.bitPattern), change.map(\.bitPattern),
                farthest.map { UInt32($0) },
                index.curveOrder.map { UInt32($0) },
            ]
        }
    }
}
