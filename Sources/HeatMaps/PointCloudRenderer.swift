import Inspection
import ParallelLoops

/// Draws a score map as a shaded, coloured surface: orthographic, with a depth buffer, supersampled.
struct PointCloudRenderer: Sendable {
    let map: ScoreMap
    let scale: ColorScale
    /// Radius of a point's disc in mm, for the part's points and for those of the surface that it lacks.
    let partRadius: Float
    let missingRadius: Float
    let workers: Workers

    /// Samples along each side of a pixel.
    static let supersampling = 2
    static let background = RGB(hex: 0xF6_F7_F9)

    /// A picture, and what later drawing needs to know of it.
    struct View: Sendable {
        let camera: Camera
        var image: Image
        /// Nearest depth in each pixel of `image`, the part's and the missing surface's, in pixels of `image`.
        let depth: [Float]

        /// Whether a point lies behind what is shown there, by more than `slack` pixels.
        func hides(_ point: SIMD3<Float>, slack: Float) -> Bool {
            let p = camera.project(point)
            guard p.x >= 0, p.y >= 0, p.x < Float(camera.width), p.y < Float(camera.height) else { return false }
            return p.z > depth[Int(p.y) * camera.width + Int(p.x)] + slack
        }
    }

    init(map: ScoreMap, scale: ColorScale, workers: Workers) {
        self.map = map
        self.scale = scale
        self.workers = workers
        let own = PointSpacing.estimate(map.partPoints, workers: workers)
        let lacking = PointSpacing.estimate(map.missingPoints, workers: workers)
        partRadius = own ?? lacking ?? 1
        // Few or scattered missing points must not grow into large discs.
        missingRadius = min(lacking ?? partRadius, 1.5 * partRadius)
    }

    func view(_ camera: Camera) -> View {
        let factor = Self.supersampling
        let fine = camera.magnified(factor)
        let radius = partRadius * fine.scale
        let part = SplattedSurface(
            points: map.partPoints, scores: map.fused, camera: fine, radius: radius, workers: workers
        ).closed(radius: radius, workers: workers)
        let missing = SplattedSurface(
            points: map.missingPoints, scores: [], camera: fine, radius: missingRadius * fine.scale, workers: workers)
        let light = DepthShading.brightness(of: part, radius: radius, workers: workers)
        var image = Image(width: camera.width, height: camera.height, fill: Self.background)
        var depth = [Float](repeating: .infinity, count: camera.width * camera.height)
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            depth.withUnsafeMutableBufferPointer { depth in
                let pixels = DisjointWrites(pixels)
                let depth = DisjointWrites(depth)
                workers.run(over: camera.height, by: 16) { rows in
                    for y in rows {
                        for x in 0..<camera.width {
                            var sum = SIMD3<Float>.zero
                            var nearest = Float.infinity
                            for sample in 0..<factor * factor {
                                let column = x * factor + sample % factor
                                let row = y * factor + sample / factor
                                let at = row * fine.width + column
                                let layers = (part: part.depth[at], missing: missing.depth[at])
                                nearest = min(nearest, layers.part, layers.missing)
                                var color = surfaceColor(part, light, at)
                                let inFront = layers.missing < layers.part - radius
                                if inFront || missing.weight[at] > part.weight[at] {
                                    let alpha = Self.stripe(column, row)
                                    color += (ColorScale.missing.floats - color) * alpha
                                }
                                sum += color
                            }
                            let color = RGB(floats: sum / Float(factor * factor))
                            let at = y * camera.width + x
                            pixels[at * 3] = color.red
                            pixels[at * 3 + 1] = color.green
                            pixels[at * 3 + 2] = color.blue
                            depth[at] = nearest / Float(factor)
                        }
                    }
                }
            }
        }
        return View(camera: camera, image: image, depth: depth)
    }

    private func surfaceColor(_ part: SplattedSurface, _ light: [Float], _ at: Int) -> SIMD3<Float> {
        guard part.depth[at].isFinite else { return Self.background.floats }
        let score = part.score[at]
        // Colour that carries a message is shaded less, so that it can be read off against the bar.
        let brightness = light[at] + (1 - light[at]) * 0.45 * scale.emphasis(score)
        return scale.color(score).floats * brightness
    }

    /// Opacity of missing surface: diagonal stripes, in fine pixels.
    private static func stripe(_ column: Int, _ row: Int) -> Float { (column + row) % 14 < 7 ? 0.9 : 0.3 }
}

extension ScoreMap {
    /// `partPointCount`, held to what is there.
    private var split: Int { min(max(0, partPointCount), points.count) }
    var partPoints: [SIMD3<Float>] { Array(points[..<split]) }
    /// Places of the taught surface that the part lacks.
    var missingPoints: [SIMD3<Float>] { Array(points[split...]) }

    func score(_ index: Int) -> Float { index < fused.count ? fused[index] : .nan }
    func isMissing(_ index: Int) -> Bool { index >= split }
}
