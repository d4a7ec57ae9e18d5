import ParallelLoops
import SeededRandom
import Testing

@testable import PointClouds

@Suite struct FeatureMatchingTests {
    private func random(_ n: Int, seed: UInt64) -> FastPointFeatureHistograms {
        var g = SplitMix64(seed: seed)
        return FastPointFeatureHistograms(count: n, values: (0..<33 * n).map { _ in Float(g.next(below: 100)) })
    }

    @Test(arguments: [(1, 1), (3, 9), (8, 8), (300, 517), (513, 40)])
    func mutualNearestAreThoseOfAllPairs(_ s: Int, _ t: Int) {
        let (source, target) = (random(s, seed: 1), random(t, seed: 2))
        func squared(_ a: Int, _ b: Int) -> Float {
            zip(source.row(a), target.row(b)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        let forth = (0..<s).map { a in (0..<t).min { (squared(a, $0), $0) < (squared(a, $1), $1) }! }
        let back = (0..<t).map { b in (0..<s).min { (squared($0, b), $0) < (squared($1, b), $1) }! }
        let expected = (0..<s).filter { back[forth[$0]] == $0 }.map {
            FeatureMatching.Match(source: Int32($0), target: Int32(forth[$0]))
        }
        #expect(FeatureMatching.mutualNearest(source: source, target: target) == expected)
        #expect(FeatureMatching.mutualNearest(source: source, target: target, workers: .one) == expected)
    }

    @Test func nothingMatchesNothing() {
        #expect(FeatureMatching.mutualNearest(source: random(0, seed: 1), target: random(5, seed: 1)).isEmpty)
        #expect(FeatureMatching.mutualNearest(source: random(5, seed: 1), target: random(0, seed: 1)).isEmpty)
        let same = random(40, seed: 3)
        let some = FeatureMatching.mutualNearest(source: same, rows: [3, 17], target: same)
        #expect(some == [.init(source: 3, target: 3), .init(source: 17, target: 17)])
    }

    @Test func rigidFitsAreExactOnExactPairs() throws {
        let points: [SIMD3<Double>] = [SIMD3(1, 2, 3), SIMD3(-4, 0, 9), SIMD3(7, 7, -2), SIMD3(0, 5, 5)]
        for degrees in [0.0, 30, 180] {
            let motion = RigidTransform(axis: SIMD3(1, -2, 0.5), degrees: degrees, translation: SIMD3(10, 20, -5))
            let fit = try #require(RigidFit.leastSquares(points, points.map { motion.apply($0) }))
            for p in points { #expect(length(fit.apply(p) - motion.apply(p)) < 1e-9) }
            let f = points.map { SIMD3<Float>($0) }
            let m = f.map { motion.apply($0) }
            let triangle = try #require(RigidFit.triangles((f[0], f[1], f[2]), (m[0], m[1], m[2])))
            #expect(length(triangle.apply(points[3]) - motion.apply(points[3])) < 1e-4)
        }
        #expect(RigidFit.leastSquares([.zero, .zero], [.zero, .zero]) == nil)
        #expect(RigidFit.triangles((.zero, .one, .one * 2), (.zero, .one, .one * 2)) == nil)
    }

    @Test func eigenvectorsOfSmallMatrices() {
        var g = SplitMix64(seed: 5)
        for n in [1, 2, 3, 4, 6] {
            var a = [Double](repeating: 0, count: n * n)
            for i in 0..<n {
                for j in 0...i {
                    a[n * i + j] = Double(g.normal())
                    a[n * j + i] = a[n * i + j]
                }
            }
            let eigen = JacobiEigen(a, size: n)
            #expect(eigen.values == eigen.values.sorted())
            for k in 0..<n {
                for i in 0..<n {
                    let product = (0..<n).reduce(0.0) { $0 + a[n * i + $1] * eigen.vectors[k][$1] }
                    #expect(abs(product - eigen.values[k] * eigen.vectors[k][i]) < 1e-12)
                }
            }
        }
        #expect(JacobiEigen([.nan, 0, 0, 1], size: 2).values == [0, 0])
    }
}
