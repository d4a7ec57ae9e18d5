import FrameProtocol

/// Frames of 1 MB: 87,381 packed points of three floats.
enum BenchmarkFrames {
    static let points = (1 << 20) / 12

    /// The message of a frame; four frames make a part. The points are the same in each: only the header differs.
    static func message(_ seq: UInt64, _ points: [SIMD3<Float>]) throws -> [[UInt8]] {
        let header = FrameHeader(
            source: "scanner-a", session: "s1", seq: seq, partID: "P-\(seq / 4)", frameIndex: UInt32(seq % 4),
            endOfPart: seq % 4 == 3, captureNanoseconds: 1_700_000_000_000_000_000 + seq * 10_000_000)
        return try FrameEncoder().encode(header, points: points)
    }

    static func somePoints() -> [SIMD3<Float>] {
        var state: UInt64 = 1
        func next() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) * 0x1p-14
        }
        return (0..<points).map { _ in SIMD3(next(), next(), next()) }
    }
}
