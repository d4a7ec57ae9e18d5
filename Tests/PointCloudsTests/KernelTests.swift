import SeededRandom
import CKernels
import PointClouds
import Testing

/// The kernels as chosen for this processor give the bits of the plain ones.
@Suite struct KernelTests {
    @Test func chosenCandidatesAreTheSame() {
        for n in [0, 1, 7, 8, 9, 100, 1003] {
            let points = Clouds.make(.uniform, n, seed: UInt64(n))
            let (x, y, z) = (points.map(\.x), points.map(\.y), points.map(\.z))
            let positions = (0..<Int32(n)).map { 3 * $0 + 1 }
            for bound: Float in [0, 50, 900, 2500, .infinity] {
                var fast = [Float](repeating: 0, count: n + 8)
                var plain = fast
                var fastPositions = [Int32](repeating: 0, count: n + 8)
                var plainPositions = fastPositions
                let q: SIMD3<Float> = points.last ?? .zero
                let found = geometry_choose(
                    x, y, z, positions, Int32(n), q.x, q.y, q.z, bound, &fast, &fastPositions)
                let expected = geometry_choose_plain(
                    x, y, z, positions, Int32(n), q.x, q.y, q.z, bound, &plain, &plainPositions)
                #expect(found == expected && (n == 0 || found > 0))
                #expect(fast.prefix(Int(found)) == plain.prefix(Int(found)))
                #expect(fastPositions.prefix(Int(found)) == plainPositions.prefix(Int(found)))
            }
        }
    }

    @Test func ranksAreTheSame() {
        var g = SplitMix64(seed: 8)
        for m in [0, 1, 2, 7, 8, 9, 16, 33, 200] {
            // Few different values, so that many are equal; an infinite one among them.
            var values = (0..<m).map { _ in Float(g.next(below: 12)) }
            if m > 3 { values[2] = .infinity }
            var padded = values + [Float](repeating: 0, count: 8)
            var fast = [Int32](repeating: 0, count: m + 8)
            var plain = fast
            geometry_rank(&padded, Int32(m), &fast)
            geometry_rank_plain(values, Int32(m), &plain)
            #expect(fast.prefix(m) == plain.prefix(m))
            let sorted = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
            for (place, i) in sorted.enumerated() { #expect(plain[i] == Int32(place)) }
        }
    }
}
