import CKernels
import SeededRandom
import Testing

extension KernelTests {
    @Test func histogramsAreTheSame() {
        var g = SplitMix64(seed: 3)
        let n = 700
        var packed = [Float](repeating: 0, count: 8 * n)
        for i in 0..<n {
            var normal = SIMD3(g.normal(), g.normal(), g.normal())
            normal /= (normal * normal).sum().squareRoot()
            if i % 50 == 0 { normal = .zero }
            for k in 0..<3 {
                // On a lattice: many pairs are degenerate or on borders.
                packed[8 * i + k] = Float(g.next(below: 9))
                packed[8 * i + 4 + k] = i % 3 == 0 ? (k == i % 9 / 3 ? 1 : 0) : normal[k]
            }
        }
        for count in [0, 1, 7, 8, 9, 120, 600] {
            let neighbors = (0..<count).map { _ in Int32(g.next(below: n)) }
            let distances = (0..<count).map { Float($0 / 3) }
            let sizes: [Int32] = [0, 3, 8, 39, 500, 900]
            expectSame {
                var rows = [Float](repeating: -1, count: 6 * Int(feature_row))
                feature_pair_histograms(packed, 5, neighbors, Int32(count), sizes, 6, &rows, Int64(feature_row))
                return rows
            }
            let rows = (0..<n * Int(feature_row)).map { _ in g.uniform() }
            expectSame {
                var sum = [Float](repeating: 0, count: 33)
                feature_weighted_sum(rows, 9, neighbors, distances, Int32(count), &sum)
                return sum
            }
        }
    }

    @Test(arguments: [1, 2, 7]) func matchesAreTheSame(_ groups: Int) {
        var g = SplitMix64(seed: 4)
        let sources = (0..<4 * 33).map { _ in g.uniform() * 100 }
        let norms = (0..<4).map { _ in g.uniform() * 1e4 }
        let values = (0..<groups * 33 * 8).map { _ in g.uniform() * 100 }
        let targetNorms = (0..<groups * 8).map { i in i == groups * 8 - 1 ? Float.infinity : g.uniform() * 1e4 }
        expectSame {
            var best = [Float](repeating: 0, count: 4)
            var found = [Int32](repeating: 0, count: 4)
            var targetBest = [Float](repeating: .infinity, count: groups * 8)
            var answers = [Int32](repeating: -1, count: groups * 8)
            feature_match_four(
                sources, norms, 20, values, targetNorms, Int32(groups), &best, &found, &targetBest, &answers)
            return [best + targetBest, (found + answers).map { Float($0) }]
        }
    }
}
