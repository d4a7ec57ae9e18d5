import Foundation

/// The likeliest fault of an integration: coordinates in another unit than the header says.
extension PartScorer {
    /// Says so of a part that could not be judged and is larger or smaller than the taught one by about what two units differ
    /// by: 1000, a million, or 25.4.
    ///
    /// - Parameter cloud: the part's points, mm as far as its header is right.
    /// - Returns: nil where its size is another matter.
    public func unitReason(for cloud: [SIMD3<Float>]) -> Reason? {
        guard let found = Self.size(of: cloud), let taught = Self.size(of: model.template.surface.points), found > 0,
            taught > 0
        else { return nil }
        let ratio = found / taught
        let factor = max(ratio, 1 / ratio)
        let nearest = [(25.4, 1.25), (1000, 2.5), (1_000_000, 2.5)].first { unit, tolerance in
            factor > unit / tolerance && factor < unit * tolerance
        }
        guard let nearest else { return nil }
        let times = nearest.0 == 25.4 ? "25.4" : String(format: "%.0f", nearest.0)
        return Reason(
            code: "wrong_unit",
            message:
                "the part measures about \(millimeters(found)) across, the taught one \(millimeters(taught)): about "
                + (ratio > 1 ? "\(times) times as much. " : "1/\(times) of it. ")
                + "The coordinates are in another unit than the header's \"unit\" says: have the scanner name the unit that "
                + "they are in (mm, m or um)")
    }

    /// Twice the median distance from the median point: what strays far away does not move it. About the part's size, mm.
    private static func size(of points: [SIMD3<Float>]) -> Double? {
        // Every so many: a few thousand points tell the size.
        let step = max(1, points.count / 4096)
        let sample = stride(from: 0, to: points.count, by: step).map { points[$0] }
        guard sample.count >= 4 else { return nil }
        let center = SIMD3((0..<3).map { axis in median(sample.map { $0[axis] }) })
        return Double(
            2 * median(sample.map { point in ((point - center) * (point - center)).sum().squareRoot() }))
    }

    private func millimeters(_ size: Double) -> String {
        String(format: size >= 100 ? "%.0f mm" : "%.3g mm", size)
    }

    private static func median(_ values: [Float]) -> Float { values.sorted()[values.count / 2] }
}
