internal import PointClouds
internal import SeededRandom

/// Draws in Double that depend on no C library: the same on every machine.
extension SplitMix64 {
    mutating func uniform(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }

    /// Mostly from the lower part of the range: by the square of a uniform draw.
    mutating func skewed(in range: ClosedRange<Double>) -> Double {
        let u = unit()
        return range.lowerBound + (range.upperBound - range.lowerBound) * u * u
    }

    /// Nearly standard normal: the sum of twelve uniform draws less 6 (Irwin and Hall), within 6 standard deviations.
    mutating func nearlyNormal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += unit() }
        return sum
    }

    /// Uniform over the unit sphere, by rejection.
    mutating func direction() -> SIMD3<Double> {
        while true {
            let p = SIMD3(unit(), unit(), unit()) * 2 - 1
            let square = (p * p).sum()
            if square <= 1, square > 1e-4 { return p / square.squareRoot() }
        }
    }

    /// Uniform over all rotations: a unit quaternion by rejection.
    mutating func rotation() -> RigidTransform {
        while true {
            let q = SIMD4(unit(), unit(), unit(), unit()) * 2 - 1
            let square = (q * q).sum()
            if square <= 1, square > 1e-4 { return RigidTransform(quaternion: q) }
        }
    }

    /// A turn by at most `degrees` about any axis.
    mutating func tilt(degrees: Double) -> RigidTransform {
        let half = uniform(in: -1...1) * degrees * .pi / 360
        let axis = direction() * SeriesTrigonometry.sine(half)
        return RigidTransform(quaternion: SIMD4(axis, SeriesTrigonometry.cosine(half)))
    }

    /// Fisher and Yates.
    mutating func shuffle<T>(_ values: inout [T]) {
        for i in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(i, next(below: i + 1)) }
    }
}
