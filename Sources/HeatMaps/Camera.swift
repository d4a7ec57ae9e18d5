/// An orthographic view of the part: millimetres to pixels.
struct Camera: Sendable, Equatable {
    /// Unit directions in the part's coordinates. `toward` points from the part to the eye.
    let right: SIMD3<Float>
    let up: SIMD3<Float>
    let toward: SIMD3<Float>
    /// The point shown in the middle of the picture.
    var center: SIMD3<Float>
    /// Pixels per mm.
    var scale: Float
    /// Size of the picture in pixels.
    var width: Int
    var height: Int

    /// A view against `toward`, with +z upright where that can be, else +y.
    ///
    /// Scale and centre are set by `fitted(to:margins:)`.
    init(toward: SIMD3<Float>, width: Int, height: Int) {
        let eye = toward.unit ?? [0, -1, 0]
        let upright: SIMD3<Float> = eye.z.magnitude > 0.94 ? [0, 1, 0] : [0, 0, 1]
        self.toward = eye
        right = upright.crossProduct(eye).unit ?? [1, 0, 0]
        up = eye.crossProduct(right)
        center = .zero
        scale = 1
        self.width = width
        self.height = height
    }

    /// From above at `elevation` degrees, looking from `azimuth` radians (0 is +x, counter-clockwise).
    static func direction(azimuth: Float, elevation: Float) -> SIMD3<Float> {
        let radians = elevation * .pi / 180
        let flat = Trigonometry.cosine(radians)
        return [
            flat * Trigonometry.cosine(azimuth), flat * Trigonometry.sine(azimuth), Trigonometry.sine(radians),
        ]
    }

    /// x to the right and y down in pixels; depth in pixels, greater is farther from the eye.
    @inline(__always)
    func project(_ point: SIMD3<Float>) -> SIMD3<Float> {
        let p = (point - center) * scale
        return [
            Float(width) / 2 + p.dotProduct(right), Float(height) / 2 - p.dotProduct(up), -p.dotProduct(toward),
        ]
    }

    /// Lower and upper bounds of the points along right and up, mm.
    func bounds(of points: [SIMD3<Float>]) -> (lower: SIMD2<Float>, upper: SIMD2<Float>)? {
        var lower = SIMD2<Float>(repeating: .infinity)
        var upper = -lower
        for point in points where point.isFinite {
            let flat = SIMD2(point.dotProduct(right), point.dotProduct(up))
            lower = pointwiseMin(lower, flat)
            upper = pointwiseMax(upper, flat)
        }
        return lower.x <= upper.x ? (lower, upper) : nil
    }

    /// The same view, moved so that the points lie in the middle, as large as the margins (pixels) allow.
    func fitted(to points: [SIMD3<Float>], margin: Float) -> Camera {
        guard let (lower, upper) = bounds(of: points) else { return self }
        var camera = self
        let middle = (lower + upper) / 2
        camera.center =
            right * middle.x + up * middle.y + toward * (points.first { $0.isFinite } ?? .zero).dotProduct(toward)
        let size = upper - lower
        camera.scale = min(
            max(1, Float(width) - 2 * margin) / max(size.x, 1e-3),
            max(1, Float(height) - 2 * margin) / max(size.y, 1e-3))
        return camera
    }

    /// The same view at `factor` times the pixels.
    func magnified(_ factor: Int) -> Camera {
        var camera = self
        camera.scale *= Float(factor)
        camera.width *= factor
        camera.height *= factor
        return camera
    }
}
