/// Writes `pcf/1` messages.
public struct FrameEncoder: Sendable {
    public let limits: FrameLimits

    public init(limits: FrameLimits = FrameLimits()) { self.limits = limits }

    /// The three parts of a message whose records the header already describes; `crc32` is computed here.
    ///
    /// - Throws: the refusal that a decoder of the same limits would answer with.
    public func encode(_ header: FrameHeader, records: [UInt8]) throws(FrameRefusal) -> [[UInt8]] {
        var header = header
        header.crc32 = Checksum.crc32(records)
        try header.validate()
        let parts = [Array(header.topic.utf8), Array(header.json.utf8), records]
        // Everything but the points themselves is checked by reading it back: a frame without records is cheap.
        var probe = header
        probe.points = 0
        (probe.height, probe.width) = (nil, nil)
        probe.crc32 = 0
        _ = try FrameDecoder(limits: limits).decode(parts: [parts[0], Array(probe.json.utf8), []])
        try checkSize(header, parts)
        return parts
    }

    /// The three parts of a message of `points` (in the header's unit, before its pose), as packed `<f4` records.
    ///
    /// Fills in `points`, `point_step`, `fields` and `crc32`.
    /// - Parameter intensities: as many as points, or nil.
    public func encode(
        _ header: FrameHeader, points: [SIMD3<Float>], intensities: [Float]? = nil
    ) throws(FrameRefusal) -> [[UInt8]] {
        precondition(intensities.map { $0.count == points.count } ?? true, "as many intensities as points")
        let names = ["x", "y", "z"] + (intensities == nil ? [] : ["intensity"])
        guard let count = UInt32(exactly: points.count) else {
            throw FrameRefusal(
                .tooManyPoints, in: "points", expected: "at most \(limits.points)", found: "\(points.count)",
                advice: "split the scan into several frames of one part")
        }
        var header = header
        header.points = count
        header.pointStep = UInt32(names.count * 4)
        header.fields = FrameField.packed(names, as: .float32)
        var values: [Float] = []
        values.reserveCapacity(points.count * names.count)
        for index in points.indices {
            values.append(points[index].x)
            values.append(points[index].y)
            values.append(points[index].z)
            if let intensities { values.append(intensities[index]) }
        }
        return try encode(header, records: values.withUnsafeBytes { Array($0) })
    }

    private func checkSize(_ header: FrameHeader, _ parts: [[UInt8]]) throws(FrameRefusal) {
        let announced = UInt64(header.points) * UInt64(header.pointStep)
        let bytes = parts.reduce(0) { $0 + $1.count }
        guard announced == UInt64(parts[2].count) else {
            throw FrameRefusal(
                .sizeMismatch, in: "records", expected: "points * point_step = \(announced) bytes",
                found: "\(parts[2].count)", advice: "make the header describe the records")
        }
        guard Int(header.points) <= limits.points else {
            throw FrameRefusal(
                .tooManyPoints, in: "records", expected: "at most \(limits.points)", found: "\(header.points)",
                advice: "split the scan into several frames of one part")
        }
        guard bytes <= limits.frameBytes else {
            throw FrameRefusal(
                .frameTooLarge, in: "message", expected: "at most \(limits.frameBytes) bytes", found: "\(bytes)",
                advice: "split the scan into several frames of one part")
        }
        guard parts[1].count <= limits.headerBytes else {
            throw FrameRefusal(
                .headerTooLarge, in: "header", expected: "at most \(limits.headerBytes) bytes",
                found: "\(parts[1].count)", advice: "shorten \"user\"")
        }
    }
}
