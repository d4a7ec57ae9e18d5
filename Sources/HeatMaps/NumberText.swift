/// Numbers as a person reads them, without a locale.
enum NumberText {
    /// With a fixed number of decimals, "-" where it is not a number. Halves are rounded away from zero.
    static func fixed(_ value: Float, _ decimals: Int, sign: Bool = false) -> String {
        guard !value.isNaN else { return "-" }
        guard value.magnitude < 1e12 else { return value < 0 ? "-inf" : "inf" }
        let power = (0..<decimals).reduce(1) { product, _ in product * 10 }
        let scaled = Int((Double(value) * Double(power)).rounded())
        var digits = String(scaled.magnitude)
        if decimals > 0 {
            digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
            digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -decimals))
        }
        return (scaled < 0 ? "-" : sign && scaled > 0 ? "+" : "") + digits
    }

    /// With about three figures: 0.125, 1.25, 12.5, 125.
    static func short(_ value: Float, sign: Bool = false) -> String {
        let size = value.magnitude
        return fixed(value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 || size == 0 ? 2 : 3, sign: sign)
    }

    /// "12.5, 3.0, -88.1"
    static func place(_ point: SIMD3<Float>) -> String {
        "\(fixed(point.x, 1)), \(fixed(point.y, 1)), \(fixed(point.z, 1))"
    }

    /// Lengths in descending order: "14.0 x 9.2 x 1.8".
    static func size(_ extent: SIMD3<Float>, times: String = "x") -> String {
        [extent.x, extent.y, extent.z].sorted(by: >).map { fixed($0, 1) }.joined(separator: " \(times) ")
    }
}
