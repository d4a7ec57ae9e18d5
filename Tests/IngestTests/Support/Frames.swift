import FrameProtocol

/// A frame with `count` points that tell which frame they are from: x = index, y = 0, 1, ...
func frame(
    _ partID: String, _ index: UInt32, seq: UInt64? = nil, end: Bool = false, total: UInt32? = nil,
    source: String = "scanner-1", session: String = "s1", type: String? = nil, user: String? = nil, count: Int = 2,
    intensities: Bool = false
) -> Frame {
    var header = FrameHeader(
        source: source, session: session, seq: seq ?? UInt64(index), partID: partID, frameIndex: index, endOfPart: end,
        captureNanoseconds: 1_000 + UInt64(index))
    header.framesTotal = total
    header.partType = type
    header.user = user
    let points = (0..<count).map { SIMD3<Float>(Float(index), Float($0), 0) }
    return Frame(header: header, points: points, intensities: intensities ? points.map(\.y) : nil)
}

/// A frame of part p1.
func frame(
    _ index: UInt32, seq: UInt64? = nil, end: Bool = false, total: UInt32? = nil, source: String = "scanner-1",
    session: String = "s1", type: String? = nil, user: String? = nil, count: Int = 2
) -> Frame {
    frame(
        "p1", index, seq: seq, end: end, total: total, source: source, session: session, type: type, user: user,
        count: count)
}

func refusal(
    _ partID: String? = "p1", seq: UInt64? = nil, source: String? = "scanner-1", session: String? = "s1",
    reason: FrameRefusal.Reason = .checksumMismatch
) -> FrameRefusal {
    FrameRefusal(reason: reason, message: "damaged", source: source, session: session, partID: partID, seq: seq)
}

/// The parts of `frame`'s message.
func encoded(_ frame: Frame) throws -> [[UInt8]] {
    try FrameEncoder().encode(frame.header, points: frame.points, intensities: frame.intensities)
}
