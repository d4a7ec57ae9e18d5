/// Sine and cosine from additions and products alone: the same bits on every machine, which no C library promises.
enum SeriesTrigonometry {
    /// Within 1e-12 of the sine for |x| < 1000. NaN where `x` is not finite.
    static func sine(_ x: Double) -> Double {
        // To [-pi, pi], then by symmetry to [-pi/2, pi/2].
        var r = x - 2 * Double.pi * (x / (2 * .pi)).rounded()
        if r > .pi / 2 { r = .pi - r }
        if r < -.pi / 2 { r = -.pi - r }
        // Taylor's series to r^19; at pi/2 the first term left out is 2.6e-16.
        let square = r * r
        var term = r
        var sum = r
        for k in stride(from: 2.0, through: 18, by: 2) {
            term *= -square / (k * (k + 1))
            sum += term
        }
        return sum
    }

    static func cosine(_ x: Double) -> Double { sine(x + .pi / 2) }
}
