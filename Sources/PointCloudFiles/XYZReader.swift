internal import PointClouds

/// Reads text with x y z in each line.
///
/// Blanks, tabs, commas or semicolons separate; lines that are empty or start with # or // are passed over, and so is a
/// first line of names or (PTS) with the number of points alone.
struct XYZReader {
    private let bytes: [UInt8]
    private let origin: SIMD3<Double>

    init(_ bytes: [UInt8], origin: SIMD3<Double> = .zero) {
        self.bytes = bytes
        self.origin = origin
    }

    func read() throws(PointCloudFileError) -> PointCloud {
        var scanner = TextScanner(bytes, at: TextScanner.startOfText(bytes))
        var points: [SIMD3<Float>] = []
        var intensities: [Float] = []
        var hasIntensity = false
        var isFirst = true
        while true {
            scanner.skipBlanks(lines: true)
            if scanner.isAtEnd { break }
            if isComment(scanner) {
                scanner.skipLine()
                continue
            }
            if isFirst {
                isFirst = false
                if isPreamble(scanner) {
                    scanner.skipLine()
                    continue
                }
            }
            var point = SIMD3<Float>.zero
            for axis in 0..<3 {
                if axis > 0 { scanner.skipSeparator() }
                guard let value = scanner.number() else { throw notANumber(scanner, "three coordinates") }
                point[axis] = Float(value - origin[axis])
            }
            if points.isEmpty { hasIntensity = hasOneMore(scanner) }
            if hasIntensity {
                scanner.skipSeparator()
                guard let value = scanner.number() else {
                    throw notANumber(scanner, "a fourth value, as in the first line")
                }
                intensities.append(Float(value))
            }
            points.append(point)
            guard points.count < Int(Int32.max) else {
                throw PointCloudFileError(
                    .tooLarge, expected: "fewer than 2^31 points", found: "more",
                    at: .line(scanner.line(of: scanner.position)), advice: "split the cloud")
            }
            scanner.skipLine()
        }
        return PointCloud(points: points, intensities: hasIntensity ? intensities : nil)
    }

    private func isComment(_ scanner: TextScanner) -> Bool {
        let at = scanner.position
        if bytes[at] == UInt8(ascii: "#") { return true }
        return bytes[at] == UInt8(ascii: "/") && at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "/")
    }

    /// A first line of names, or of one whole number alone.
    private func isPreamble(_ scanner: TextScanner) -> Bool {
        var ahead = scanner
        guard ahead.number() != nil else {
            // Names start with a letter or a quote; anything else is damage, and is reported as such.
            let byte = bytes[scanner.position] | 0x20
            return byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
                || bytes[scanner.position] == UInt8(ascii: "\"")
        }
        let number = scanner.string(scanner.position..<ahead.position)
        ahead.skipBlanks(lines: false)
        return Int(number) != nil && (ahead.isAtEnd || bytes[ahead.position] == UInt8(ascii: "\n"))
    }

    /// Exactly one more number follows in this line.
    private func hasOneMore(_ scanner: TextScanner) -> Bool {
        var ahead = scanner
        ahead.skipSeparator()
        guard ahead.number() != nil else { return false }
        ahead.skipBlanks(lines: false)
        return ahead.isAtEnd || bytes[ahead.position] == UInt8(ascii: "\n")
    }

    private func notANumber(_ scanner: TextScanner, _ expected: String) -> PointCloudFileError {
        PointCloudFileError(
            .malformed, expected: expected, found: scanner.shown(), at: .line(scanner.line(of: scanner.position)),
            advice: "write x y z as numbers, separated by blanks, tabs, commas or semicolons")
    }
}
