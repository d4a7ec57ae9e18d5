package import FrameProtocol
import SeededRandom

/// Messages of true frames, from a seed.
package enum TrueFrames {
    /// The message of the frame of that number: four frames make a part.
    ///
    /// - Parameter count: points; 0 for a header alone.
    package static func message(
        source: String = "scanner-a", seq: UInt64, points count: Int, seed: UInt64 = 1
    ) throws(FrameRefusal) -> [[UInt8]] {
        var generator = SplitMix64(seed: SplitMix64.seed(seed, stream: seq))
        let points = (0..<count).map { _ in
            SIMD3<Float>(generator.uniform(), generator.uniform(), generator.uniform()) * 1000 - 500
        }
        let header = FrameHeader(
            source: source, session: "a1b2", seq: seq, partID: "P-\(seq / 4)", frameIndex: UInt32(seq % 4),
            endOfPart: seq % 4 == 3, captureNanoseconds: 1_763_961_234_000_000_000 + seq)
        return try FrameEncoder().encode(header, points: points)
    }
}
