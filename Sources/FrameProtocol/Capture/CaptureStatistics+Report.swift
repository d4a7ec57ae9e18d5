extension CaptureStatistics {
    /// What was lost, where, and what else was not as it should be: lines for people, none for a capture without fault.
    public var report: [String] {
        var lines: [String] = []
        if lossCount > 0 {
            let causes = CaptureLoss.Cause.allCases.compactMap { cause in
                lossCounts[cause].map { "\(cause.rawValue) \($0)" }
            }
            lines.append(
                "lost in \(lossCount) \(lossCount == 1 ? "place" : "places") (\(causes.joined(separator: ", "))): "
                    + "\(total.gapBytes) bytes missing, \(total.lostMessages) messages begun and not completed")
            lines += losses.map { "  " + $0.sentence }
            if lossCount > losses.count {
                lines.append("  \(lossCount - losses.count) further ones are counted and not listed")
            }
        }
        if cutPackets > 0 {
            lines.append("\(cutPackets) packets were cut off by the snapshot length: capture with `-s 0`")
        }
        if conflictingBytes > 0 {
            lines.append("\(conflictingBytes) bytes were sent again with another value; the first ones were taken")
        }
        if fragments.received > 0 {
            lines.append(
                "\(fragments.received) IP fragments made \(fragments.datagrams) datagrams; \(fragments.repeated) came "
                    + "twice, \(fragments.incomplete) datagrams were not complete")
        }
        // Other traffic in a capture is no fault; packets that could not be read may be.
        for reason in [.headersCut, .malformed, .fragmentOverlap, .fragmentLimit] as [PacketRejection] {
            if let count = rejections[reason] { lines.append("\(count) packets refused: \(reason.rawValue)") }
        }
        return lines
    }
}
