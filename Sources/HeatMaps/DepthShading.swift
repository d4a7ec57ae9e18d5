import ParallelLoops

/// Light on a surface of which only the depth in each pixel is known.
enum DepthShading {
    /// Brightness for each pixel, about 0.3 to 1.1; 1 where nothing is. Shape [height, width].
    ///
    /// A lamp over the left shoulder on the normal from the depth's gradient, and eye-dome lighting (Boucheny 2009):
    /// pixels that lie behind their neighbours are darkened, so that edges and outlines stand out.
    static func brightness(of surface: SplattedSurface, radius: Float, workers: Workers) -> [Float] {
        let width = surface.width
        let height = surface.height
        var light = [Float](repeating: 1, count: width * height)
        var depth = smoothed(
            surface, reach: min(24, max(1, Int((radius * 0.7).rounded()))), jump: radius * 2.5, workers: workers)
        depth.withUnsafeMutableBufferPointer { depth in
            light.withUnsafeMutableBufferPointer { light in
                let field = Field(width: width, height: height, depth: DisjointWrites(depth), radius: radius)
                let result = DisjointWrites(light)
                workers.run(over: height, by: 32) { rows in
                    for y in rows {
                        for x in 0..<width where field.depth[y * width + x].isFinite {
                            result[y * width + x] = field.lamp(x, y) * field.dome(x, y)
                        }
                    }
                }
            }
        }
        return light
    }

    /// A depth buffer to read from.
    private struct Field: Sendable {
        let width: Int
        let height: Int
        let depth: DisjointWrites<Float>
        let radius: Float

        private static let lampDirection: SIMD3<Float> = [-0.42, 0.50, 0.757]

        @inline(__always)
        private func at(_ x: Int, _ y: Int) -> Float {
            x >= 0 && y >= 0 && x < width && y < height ? depth[y * width + x] : .infinity
        }

        func lamp(_ x: Int, _ y: Int) -> Float {
            let here = depth[y * width + x]
            let dx = slope(at(x - 2, y), here, at(x + 2, y))
            let dy = slope(at(x, y - 2), here, at(x, y + 2))
            let normal = SIMD3(dx, -dy, 1)
            let unit = normal / normal.norm
            let key = max(0, unit.dotProduct(Self.lampDirection))
            return 0.40 + 0.55 * key + 0.12 * unit.z
        }

        /// Change of depth per pixel: of two sides that differ the one that bends less, so that an edge does not become
        /// a slope.
        private func slope(_ before: Float, _ here: Float, _ after: Float) -> Float {
            let left = (here - before) / 2
            let right = (after - here) / 2
            guard left.isFinite else { return right.isFinite ? right : 0 }
            guard right.isFinite else { return left }
            if (left - right).magnitude < 0.75 { return (left + right) / 2 }
            return left.magnitude < right.magnitude ? left : right
        }

        func dome(_ x: Int, _ y: Int) -> Float {
            let here = depth[y * width + x]
            // Against the background an outline, against the surface by how much this pixel lies deeper. What a slope
            // of up to 45 degrees explains is the lamp's business.
            func shade(_ dx: Int, _ dy: Int) -> Float {
                let there = at(x + dx, y + dy)
                return there.isFinite ? min(1, max(0, here - there - 4 - radius / 2) / (4 * radius)) : 0.35
            }
            let straight = shade(-3, 0) + shade(3, 0) + shade(0, -3) + shade(0, 3)
            let diagonal = shade(-2, -2) + shade(2, -2) + shade(-2, 2) + shade(2, 2)
            return 1 - 0.45 * min(1, (straight + diagonal) / 4)
        }
    }

    /// Depth after two box filters that do not reach across edges, each along rows and then along columns.
    /// - Complexity: O(area x reach).
    private static func smoothed(
        _ surface: SplattedSurface, reach: Int, jump: Float, workers: Workers
    ) -> [Float] {
        let width = surface.width
        let height = surface.height
        var depth = surface.depth
        var other = depth
        for alongRows in [true, false, true, false] {
            depth.withUnsafeMutableBufferPointer { depth in
                other.withUnsafeMutableBufferPointer { other in
                    let source = DisjointWrites(depth)
                    let result = DisjointWrites(other)
                    workers.run(over: height, by: 32) { rows in
                        for y in rows {
                            for x in 0..<width {
                                let at = y * width + x
                                let here = source[at]
                                guard here.isFinite else { continue }
                                let first = alongRows ? max(0, x - reach) : max(0, y - reach)
                                let last = alongRows ? min(width - 1, x + reach) : min(height - 1, y + reach)
                                var sum: Float = 0
                                var count: Float = 0
                                var place = alongRows ? y * width + first : first * width + x
                                for _ in first...last {
                                    let there = source[place]
                                    let near: Float = (there - here).magnitude <= jump ? 1 : 0
                                    sum += near == 1 ? there : 0
                                    count += near
                                    place += alongRows ? 1 : width
                                }
                                result[at] = sum / count
                            }
                        }
                    }
                }
            }
            swap(&depth, &other)
        }
        return depth
    }
}
