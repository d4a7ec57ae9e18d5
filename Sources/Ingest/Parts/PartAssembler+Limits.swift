import FrameProtocol

/// How a `PartAssembler` keeps within its limits.
extension PartAssembler {
    /// Makes room for a source; false if all the others have parts open.
    mutating func admitSource(_ source: String, at time: UInt64) -> Bool {
        if sources[source] == nil {
            if sources.count >= max(1, limits.maximumSources) {
                let idle = sources.filter { $0.value.parts.isEmpty }
                guard let oldest = idle.min(by: { ($0.value.lastAt, $0.key) < ($1.value.lastAt, $1.key) })?.key else {
                    statistics.overSources += 1
                    return false
                }
                sources[oldest] = nil
            }
            sources[source] = SourceState(history: SourceHistory(capacity: limits.rememberedParts), lastAt: time)
        }
        sources[source]?.lastAt = time
        return true
    }

    func limitExceeded(by frame: Frame, in open: OpenPart) -> PartReason? {
        let reach = max(Int(frame.header.frameIndex) + 1, Int(frame.header.framesTotal ?? 0))
        if reach > limits.maximumFrames { return .limitExceeded(.frames, maximum: limits.maximumFrames) }
        let isRepeat = open.sequence(at: frame.header.frameIndex) != nil
        guard !isRepeat, frame.points.count > limits.maximumPoints - open.pointCount else { return nil }
        return .limitExceeded(.points, maximum: limits.maximumPoints)
    }

    /// Closes the largest part while all together are over the limit.
    mutating func closeLargest() -> [AssembledPart] {
        guard openPoints > limits.maximumOpenPoints else { return [] }
        var largest: (points: Int, source: String, partID: String)?
        for (source, state) in sources {
            for (partID, part) in state.parts {
                let candidate = (part.pointCount, source, partID)
                if largest.map({ $0 < candidate }) ?? true { largest = candidate }
            }
        }
        guard let largest else { return [] }
        let reason = PartReason.limitExceeded(.openPoints, maximum: limits.maximumOpenPoints)
        return close(largest.source, largest.partID, reasons: [reason])
    }
}
