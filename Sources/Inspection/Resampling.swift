import SeededRandom
import Foundation
import PointClouds

/// A good part as another scan of it might arrive: fewer points, a little noise, another pose within the promise.
struct Resampling {
    var seed: UInt64
    /// Share of the points that is kept, each by its own draw.
    var keptShare: Double
    /// Standard deviation of the added noise, mm.
    var noise: Float = 0.01
    /// Largest rotation in degrees and translation in mm.
    var maximumAngle = 8.0
    var maximumShift = 8.0

    func resample(_ points: [SIMD3<Float>]) -> [SIMD3<Float>] {
        var generator = SplitMix64(seed: seed)
        func uniform(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &generator) }
        func direction() -> SIMD3<Double> {
            let z = uniform(-1...1), angle = uniform(0...2 * .pi), r = (1 - z * z).squareRoot()
            return SIMD3(r * cos(angle), r * sin(angle), z)
        }
        let axis = direction(), angle = uniform(0...maximumAngle)
        let shift = direction() * uniform(0...maximumShift)
        var middle = SIMD3<Double>.zero
        for point in points { middle += SIMD3<Double>(point) / Double(points.count) }
        let turn = RigidTransform(axis: axis, degrees: angle)
        let move = RigidTransform(translation: middle + shift) * turn * RigidTransform(translation: -middle)
        var result: [SIMD3<Float>] = []
        result.reserveCapacity(points.count)
        for point in points where uniform(0...1) < keptShare {
            let jitter = SIMD3<Float>(normal(&generator), normal(&generator), normal(&generator)) * noise
            result.append(move.apply(point) + jitter)
        }
        return result
    }

    /// Sum of four uniform draws, scaled to unit variance: close enough to a normal for a scanner's noise, and the same
    /// bits wherever it runs.
    private func normal(_ generator: inout SplitMix64) -> Float {
        var sum: Float = 0
        for _ in 0..<4 { sum += Float.random(in: -1...1, using: &generator) }
        return sum * 0.8660254
    }
}
