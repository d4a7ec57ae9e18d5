/// Scores in descending order with their ties: what every metric over thresholds walks along.
struct RankedScores {
    /// Indices of the scores, the highest first; of equal scores the lower index first. Shape [N].
    let order: [UInt32]
    /// Places in `order` at which a run of equal scores begins, and N at the end. Shape [levels + 1].
    let levels: [Int]

    /// - Parameter scores: finite. -0 and 0 are equal.
    /// - Complexity: O(N): a radix sort of the scores' bits.
    init(_ scores: [Float]) {
        precondition(scores.count < Int(UInt32.max), "too many scores for one ranking")
        var keys = scores.enumerated().map { index, score in
            precondition(score.isFinite, "a score that is not finite cannot be ranked")
            return UInt64(Self.descending(score)) << 32 | UInt64(index)
        }
        var spare = [UInt64](repeating: 0, count: keys.count)
        for shift in [32, 43, 54] { Self.pass(&keys, &spare, shift: UInt64(shift)) }
        order = keys.map { UInt32(truncatingIfNeeded: $0) }
        levels =
            keys.indices.filter { $0 == 0 || keys[$0] >> 32 != keys[$0 - 1] >> 32 } + (keys.isEmpty ? [] : [keys.count])
    }

    /// Bits that ascend where the score descends.
    private static func descending(_ score: Float) -> UInt32 {
        let bits = (score + 0).bitPattern
        return ~(bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000)
    }

    /// Orders by 11 bits, and keeps the order within equal ones.
    private static func pass(_ keys: inout [UInt64], _ spare: inout [UInt64], shift: UInt64) {
        var starts = [Int](repeating: 0, count: 2049)
        for key in keys { starts[Int(key >> shift & 2047) + 1] += 1 }
        for digit in 0..<2048 { starts[digit + 1] += starts[digit] }
        for key in keys {
            let digit = Int(key >> shift & 2047)
            spare[starts[digit]] = key
            starts[digit] += 1
        }
        swap(&keys, &spare)
    }
}
