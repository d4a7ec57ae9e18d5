/// SplitMix64 (Steele et al. 2014): the same numbers from the same seed on every machine and version.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Uniform in 0..<bound, without bias worth mentioning (multiply and shift). - Precondition: `bound > 0`.
    public mutating func next(below bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

    /// Uniform in [0, 1), 24 bits.
    public mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }
}
