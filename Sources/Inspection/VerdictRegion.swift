/// A region as it stands in a verdict: plain numbers, rounded to what they mean.
public struct VerdictRegion: Sendable, Codable, Equatable {
    public struct Box: Sendable, Codable, Equatable {
        public var center: [Double]
        /// Three unit vectors, one after the other.
        public var axes: [Double]
        /// Full lengths along the axes.
        public var extent: [Double]
    }

    public var id: Int
    public var centroid: [Double]
    public var obb: Box
    /// Square millimetres.
    public var area: Double
    public var points: Int
    public var peak: Double
    public var mean: Double
    /// Signed, outward positive; absent where the part was not registered or there is no surface to measure.
    public var deviation: Double?
    public var kind: Region.Kind
    public var unit: String
    public var frameID: String

    enum CodingKeys: String, CodingKey {
        case id, centroid, obb, area, points, peak, mean, deviation, kind, unit
        case frameID = "frame_id"
    }

    /// - Parameter frameID: names the coordinate system: the source whose cell it is.
    public init(_ region: Region, frameID: String) {
        id = region.id
        centroid = Self.millimetres(region.centroid)
        obb = Box(
            center: Self.millimetres(region.box.center),
            axes: region.box.axes.flatMap { [$0.x, $0.y, $0.z] }.map { rounded($0, 6) },
            extent: Self.millimetres(region.box.extent))
        area = rounded(region.area, 2)
        points = region.points
        peak = rounded(region.peak, 4)
        mean = rounded(region.mean, 4)
        deviation = region.deviation.map { rounded($0, 4) }
        kind = region.kind
        unit = "mm"
        self.frameID = frameID
    }

    /// The region of a part whose coordinates were relative to `origin`, in mm.
    public func moved(by origin: SIMD3<Double>) -> VerdictRegion {
        var moved = self
        for axis in 0..<3 {
            moved.centroid[axis] += origin[axis]
            moved.obb.center[axis] += origin[axis]
        }
        return moved
    }

    /// A tenth of a micrometre: well below any scanner's noise.
    private static func millimetres(_ v: SIMD3<Float>) -> [Double] { [v.x, v.y, v.z].map { rounded($0, 4) } }
}

/// `value` to so many decimal places, as the nearest Double, so that JSON prints no noise digits.
public func rounded(_ value: Float, _ places: Int) -> Double {
    guard value.isFinite else { return 0 }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    return (Double(value) * scale).rounded() / scale
}
