/// What a pinhole camera sees of a mesh: for each pixel the triangle and the place.
struct DepthBuffer: Sendable {
    /// A camera at `eye` that looks at `target`; square picture.
    struct Camera: Sendable {
        var eye: SIMD3<Double>
        var right: SIMD3<Double>
        var up: SIMD3<Double>
        var forward: SIMD3<Double>
        /// Pixels for a tangent of 1.
        var focal: Double
        var size: Int

        /// - Parameters:
        ///   - radius: of the ball about the target that must be in the picture.
        ///   - roll: turns the picture, radians.
        init(eye: SIMD3<Double>, target: SIMD3<Double>, radius: Double, size: Int, roll: Double = 0) {
            self.eye = eye
            self.size = size
            let away = target - eye
            let distance = length(away)
            forward = away / distance
            let (u, v) = frame(along: forward)
            let (s, c) = (SeriesTrigonometry.sine(roll), SeriesTrigonometry.cosine(roll))
            right = u * c + v * s
            up = v * c - u * s
            let sine = min(0.95, radius / distance)
            focal = 0.5 * Double(size) / (sine / (1 - sine * sine).squareRoot())
        }
    }

    let camera: Camera
    /// The triangle seen, -1 for none. Shape [size, size].
    var triangle: [Int32]
    /// 1 / distance along `forward`. Shape [size, size].
    var inverse: [Float]

    /// - Complexity: O(T + pixels covered).
    init(_ mesh: SurfaceMesh, camera: Camera) {
        self.camera = camera
        let size = camera.size
        triangle = [Int32](repeating: -1, count: size * size)
        inverse = [Float](repeating: 0, count: size * size)
        // x and y in pixels, z one over the depth: linear over a triangle's picture.
        let projected = mesh.vertices.map { vertex -> SIMD3<Double> in
            let p = vertex - camera.eye
            let w = 1 / max(dot(p, camera.forward), 1e-9)
            return SIMD3(
                Double(size) / 2 + camera.focal * dot(p, camera.right) * w,
                Double(size) / 2 + camera.focal * dot(p, camera.up) * w, w)
        }
        let limit = Double(size - 1)
        for (index, t) in mesh.triangles.enumerated() {
            let (a, b, c) = (projected[Int(t.x)], projected[Int(t.y)], projected[Int(t.z)])
            let doubled = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
            guard doubled != 0 else { continue }
            let low = pointwiseMin(pointwiseMin(a, b), c)
            let high = pointwiseMax(pointwiseMax(a, b), c)
            // Pixel centres at halves.
            let left = Int(min(max((low.x - 0.5).rounded(.up), 0), limit + 1))
            let right = Int(min(max((high.x - 0.5).rounded(.down), -1), limit))
            let top = Int(min(max((low.y - 0.5).rounded(.up), 0), limit + 1))
            let bottom = Int(min(max((high.y - 0.5).rounded(.down), -1), limit))
            guard left <= right, top <= bottom else { continue }
            let scale = 1 / doubled
            for y in top...bottom {
                let py = Double(y) + 0.5
                for x in left...right {
                    let px = Double(x) + 0.5
                    let wb = ((px - a.x) * (c.y - a.y) - (py - a.y) * (c.x - a.x)) * scale
                    let wc = ((b.x - a.x) * (py - a.y) - (b.y - a.y) * (px - a.x)) * scale
                    guard wb >= 0, wc >= 0, wb + wc <= 1 else { continue }
                    let w = Float(a.z + wb * (b.z - a.z) + wc * (c.z - a.z))
                    let at = y * size + x
                    if w > inverse[at] {
                        inverse[at] = w
                        triangle[at] = Int32(index)
                    }
                }
            }
        }
    }

    /// The ray through a pixel's centre; not of unit length: `eye + ray * depth` is the place.
    func ray(x: Int, y: Int) -> SIMD3<Double> {
        let half = Double(camera.size) / 2
        return camera.forward
            + camera.right * ((Double(x) + 0.5 - half) / camera.focal)
            + camera.up * ((Double(y) + 0.5 - half) / camera.focal)
    }
}
