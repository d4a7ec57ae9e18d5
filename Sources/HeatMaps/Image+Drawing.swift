/// Anti-aliased drawing; coordinates in pixels, (0, 0) the upper left corner of the upper left pixel.
extension Image {
    /// Draws polylines of one width as one shape: where they cross, nothing is painted twice.
    mutating func stroke(_ lines: [[SIMD2<Float>]], width lineWidth: Float, _ color: RGB, alpha: Float = 1) {
        let points = lines.joined()
        guard let first = points.first else { return }
        var lower = first
        var upper = first
        for point in points {
            guard point.x.isFinite && point.y.isFinite else { return }
            lower = pointwiseMin(lower, point)
            upper = pointwiseMax(upper, point)
        }
        let reach = lineWidth / 2 + 1
        func held(_ value: Float, _ limit: Int) -> Int { Int(min(max(value, 0), Float(limit))) }
        let left = held(lower.x - reach, width)
        let right = held(upper.x + reach + 1, width)
        let top = held(lower.y - reach, height)
        let bottom = held(upper.y + reach + 1, height)
        guard left < right, top < bottom else { return }
        let columns = right - left
        var coverage = [Float](repeating: 0, count: columns * (bottom - top))
        for line in lines {
            for (a, b) in zip(line, line.count == 1 ? line[...] : line.dropFirst()) {
                let near = pointwiseMin(a, b) - reach
                let far = pointwiseMax(a, b) + reach + 1
                for y in max(
                    top, held(near.y, height))..<max(max(top, held(near.y, height)), min(bottom, held(far.y, height)))
                {
                    let start = max(left, held(near.x, width))
                    for x in start..<max(start, min(right, held(far.x, width))) {
                        let distance = Self.distance([Float(x) + 0.5, Float(y) + 0.5], a, b)
                        let at = (y - top) * columns + x - left
                        coverage[at] = max(coverage[at], min(1, lineWidth / 2 + 0.5 - distance))
                    }
                }
            }
        }
        for y in top..<bottom {
            for x in left..<right { blend(x, y, color, coverage[(y - top) * columns + x - left] * alpha) }
        }
    }

    private static func distance(_ p: SIMD2<Float>, _ a: SIMD2<Float>, _ b: SIMD2<Float>) -> Float {
        let line = b - a
        let length = (line * line).sum()
        let share = length > 0 ? min(max(((p - a) * line).sum() / length, 0), 1) : 0
        let offset = p - a - line * share
        return (offset * offset).sum().squareRoot()
    }

    /// Fills whole pixels.
    mutating func fill(x: Int, y: Int, width: Int, height: Int, _ color: RGB, alpha: Float = 1) {
        for row in y..<y + max(0, height) {
            for column in x..<x + max(0, width) { blend(column, row, color, alpha) }
        }
    }

    /// A bar with round ends: a thick line.
    mutating func pill(x: Float, y: Float, width: Float, height: Float, _ color: RGB, alpha: Float = 1) {
        let half = height / 2
        stroke([[[x + half, y + half], [x + max(half, width - half), y + half]]], width: height, color, alpha: alpha)
    }

    enum Alignment { case left, center, right }

    /// Writes one line; `at` is the baseline's left end, middle or right end. Returns the width.
    @discardableResult
    mutating func text(
        _ text: String, at place: SIMD2<Float>, height: Float, weight: Float? = nil, _ color: RGB,
        align: Alignment = .left
    ) -> Float {
        let width = StrokeFont.width(text, height: height)
        let shift: Float = align == .left ? 0 : align == .center ? width / 2 : width
        let strokes = StrokeFont.strokes(text, at: [place.x - shift, place.y], height: height)
        stroke(strokes, width: weight ?? max(1.1, height * 0.11), color)
        return width
    }
}
