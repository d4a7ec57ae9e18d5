import Fleet
import SeededRandom

/// A ticket of a part with two frames.
func ticket(_ id: String = "0123456789abcdef0123456789abcdef") -> PartTicket {
    PartTicket(
        resultID: id, line: "line1", station: "station1", source: "scanner-a", session: "s1", partID: "part 7",
        partType: nil, judgedAs: "mug", attempt: 1, isSimulated: false,
        model: .init(
            id: String(repeating: "ab", count: 32), name: "mug", version: "1", profile: "default", threshold: 3.5),
        configHash: "0123456789abcdef", points: 0, droppedPoints: 2,
        frames: [.init(index: 0, crc32: 7), .init(index: 1, crc32: 4_294_967_295)], framesReceived: 2,
        framesExpected: 2,
        framesMissed: 0, framesRejected: 0, firstCaptureNs: 1_000, lastCaptureNs: 2_000, receivedNs: 3_000,
        acquisitionNs: 1_000, user: #"{"order":"7/3"}"#, remarks: [.init(code: "frame_refused", message: "one")],
        handedOverNs: 4_000, deadlineNs: 600_000_004_000)
}

/// Points whose bits are all drawn, but for those of no number.
func noise(_ count: Int) -> [SIMD3<Float>] {
    var random = SplitMix64(seed: 9)
    func value() -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: random.next()) & 0xBFFF_FFFF) }
    return (0..<count).map { _ in SIMD3(value(), value(), value()) }
}

/// Points of a bowl, a little noisy.
func bowl(_ count: Int, seed: UInt64 = 1) -> [SIMD3<Float>] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { index in
        let x = Float(index % 200) * 0.5, y = Float(index / 200) * 0.5
        return SIMD3(x, y, 0.01 * (x * x + y * y) + Float(random.next() % 1000) * 1e-4)
    }
}
