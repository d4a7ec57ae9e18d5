import Foundation
import SeededRandom

/// Clouds that a scanner, or a broken file, may give: where assumptions fail.
enum EdgeCloud: String, CaseIterable, Sendable {
    case empty, one, two, few, equal, someNotFinite, noneFinite, farFromOrigin, huge, greatest, denormal, tinySquares
    case twoClusters, clustersTooFarForFloat, collinear, coplanar, lattice, oneStray

    var points: [SIMD3<Float>] {
        var g = SplitMix64(seed: 12)
        func unit() -> SIMD3<Float> { SIMD3(g.uniform(), g.uniform(), g.uniform()) }
        switch self {
        case .empty: return []
        case .one: return [SIMD3(3, -2, 7)]
        case .two: return [SIMD3(3, -2, 7), SIMD3(4, 2, -1)]
        case .few: return Clouds.surface(63, seed: 2)
        case .equal: return [SIMD3<Float>](repeating: SIMD3(12.5, -3, 40), count: 10_000)
        case .someNotFinite:
            return Clouds.surface(2000, seed: 3).enumerated().map { i, point in
                var p = point
                if i % 50 == 7 { p[i % 3] = [.nan, .infinity, -.infinity][i / 50 % 3] }
                return p
            }
        case .noneFinite:
            let pair: [SIMD3<Float>] = [SIMD3(.nan, 0, 0), SIMD3(1, .infinity, -.infinity)]
            return (0..<100).map { pair[$0 % 2] }
        case .farFromOrigin:
            // Detail of 0.1 mm, where Float resolves 0.0625: many points fall together.
            return (0..<3000).map { i -> SIMD3<Float> in
                let (x, y) = (Float(i % 60) * 0.1, Float(i / 60) * 0.1)
                return SIMD3(1e6 + x, y - 1e6, 1e6)
            }
        case .huge: return (0..<800).map { _ -> SIMD3<Float> in (unit() - 0.5) * 2e30 }
        case .greatest: return (0..<300).map { _ -> SIMD3<Float> in (unit() * 2 - 1) * 3e38 }
        case .denormal: return (0..<300).map { _ in unit() * (1000 * Float.leastNonzeroMagnitude) }
        case .tinySquares:
            // Distances whose squares vanish, beside some whose do not.
            return (0..<400).map { i -> SIMD3<Float> in unit() * Float(i < 200 ? 1e-25 : 1e-21) }
        case .twoClusters: return clusters(1000, [0, 1e7])
        case .clustersTooFarForFloat: return clusters(400, [-1e25, 1e25])
        case .collinear:
            let (start, along): (SIMD3<Float>, SIMD3<Float>) = (SIMD3(17, -5, 3), SIMD3(60, 110, -35))
            return (0..<700).map { _ in start + along * g.uniform() }
        case .coplanar: return (0..<1500).map { _ -> SIMD3<Float> in SIMD3(g.uniform() * 60, g.uniform() * 40, 12.5) }
        case .lattice:
            return (0..<1728).map { i -> SIMD3<Float> in
                let (x, y, z) = (i % 12, i / 12 % 12, i / 144)
                return SIMD3(Float(x), Float(y), Float(z))
            }
        case .oneStray: return Clouds.surface(1500, seed: 5) + [SIMD3(3e38, -3e38, 3e38)]
        }
    }

    private func clusters(_ n: Int, _ places: [Float]) -> [SIMD3<Float>] {
        Clouds.make(.uniform, n).enumerated().map { i, point in
            let place = places[i % places.count]
            return point * 0.05 + place
        }
    }
}
