import Foundation
import PointClouds
import SeededRandom

/// A cloud like a scan, for `geometry-benchmark all`, which needs no file: a box, a torus and a bumpy ball; half of the
/// points spread over the surface, half on thin scan lines. About 2 across, noise of 0.0005.
enum SyntheticCloud {
    /// Shuffled, or in the order of the scan lines.
    static func make(_ count: Int, shuffled: Bool) -> [SIMD3<Float>] {
        var generator = SplitMix64(seed: 7)
        let spacing = max(0.004, 2.6 / Double(count).squareRoot())
        let along = SIMD3(0.34, 0.55, 0.76)
        func line(_ p: SIMD3<Double>) -> Double { ((p * along).sum() + 10) / spacing }
        var points: [SIMD3<Double>] = []
        while points.count < count {
            let p = surfacePoint(&generator)
            let place = line(p)
            if points.count % 2 == 1 && place - place.rounded(.down) > 0.12 { continue }
            points.append(p + 0.0005 * SIMD3(generator.gaussian(), generator.gaussian(), generator.gaussian()))
        }
        if !shuffled {
            let across = SIMD3(0.83, -0.55, 0.03)
            points.sort { a, b in
                let (i, j) = (line(a).rounded(.down), line(b).rounded(.down))
                return i != j ? i < j : (a * across).sum() < (b * across).sum()
            }
        }
        return points.map { SIMD3<Float>($0) }
    }

    private static func surfacePoint(_ generator: inout SplitMix64) -> SIMD3<Double> {
        let (u, v) = (generator.unit() * 2 * .pi, generator.unit())
        switch generator.unit() {
        case ..<0.45:
            // A box of 1 x 0.6 x 0.4.
            let half = SIMD3(0.5, 0.3, 0.2)
            var p = (SIMD3(generator.unit(), generator.unit(), generator.unit()) * 2 - 1) * half
            let areas = [half.y * half.z, half.x * half.z, half.x * half.y]
            var pick = generator.unit() * (areas[0] + areas[1] + areas[2])
            var axis = 0
            while axis < 2 && pick > areas[axis] { (pick, axis) = (pick - areas[axis], axis + 1) }
            p[axis] = generator.unit() < 0.5 ? -half[axis] : half[axis]
            return p
        case ..<0.75:
            let w = v * 2 * .pi
            let radius = 0.35 + 0.09 * cos(w)
            return SIMD3(0.75 + radius * cos(u), radius * sin(u), 0.35 + 0.09 * sin(w))
        default:
            let z = 2 * v - 1
            let ring = (1 - z * z).squareRoot()
            let direction = SIMD3(ring * cos(u), ring * sin(u), z)
            let radius = 0.3 * (1 + 0.06 * sin(14 * direction.x) * sin(11 * direction.y))
            return SIMD3(-0.75, -0.2, 0) + direction * radius
        }
    }
}

extension SplitMix64 {
    /// 0 to 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Standard normal, in full Double (Box and Muller 1958).
    mutating func gaussian() -> Double { (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit()) }
}
