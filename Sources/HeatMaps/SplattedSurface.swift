import ParallelLoops

/// What an orthographic camera sees of a set of points drawn as discs: a closed surface with smooth depth and score.
///
/// Two passes, after surface splatting (Zwicker et al. 2001) without its elliptic kernels: the first finds the nearest
/// depth in each pixel, the second blends depth and score of all discs that lie within a disc's radius behind it.
struct SplattedSurface: Sendable {
    let width: Int
    let height: Int
    /// Pixels from the eye's plane, infinite where nothing is. Shape [height, width].
    var depth: [Float]
    /// Blended score, not a number where nothing is or nothing was scored. Shape [height, width].
    var score: [Float]
    /// Sum of the weights of the discs at any depth, 0 where nothing is. Shape [height, width].
    var weight: [Float]

    /// Rows in a band, the unit of parallel work.
    private static let bandHeight = 32
    /// Below this sum of weights, at any depth, a pixel lies outside the surface: takes back some of what discs add to
    /// an outline.
    static let leastWeight: Float = 0.1

    /// - Parameters:
    ///   - scores: one for each point, or empty.
    ///   - radius: of the discs, in pixels.
    /// - Complexity: O(points x radius²). The same bits on any number of workers: a band takes its points in order.
    init(points: [SIMD3<Float>], scores: [Float], camera: Camera, radius: Float, workers: Workers) {
        let width = camera.width
        let height = camera.height
        self.width = width
        self.height = height
        let area = width * height
        depth = [Float](repeating: .infinity, count: area)
        score = [Float](repeating: .nan, count: area)
        weight = [Float](repeating: 0, count: area)
        let discs = points.indices.compactMap { index -> Disc? in
            let p = camera.project(points[index])
            guard p.isFinite, p.x > -radius, p.y > -radius, p.x < Float(width) + radius, p.y < Float(height) + radius
            else { return nil }
            return Disc(center: p, score: index < scores.count ? scores[index] : .nan)
        }
        // Discs that together cover the picture forty times are too large for any surface: bounds the work on
        // points that lie in heaps.
        let most = (40 * Float(area) / (.pi * Float(max(1, discs.count)))).squareRoot()
        let reach = max(0.75, min(radius, most, 256))
        let bands = Self.bands(of: discs, height: height, reach: reach)
        depth.withUnsafeMutableBufferPointer { depth in
            score.withUnsafeMutableBufferPointer { score in
                weight.withUnsafeMutableBufferPointer { weight in
                    let target = Target(
                        width: width, height: height, radius: reach, depth: DisjointWrites(depth),
                        score: DisjointWrites(score), weight: DisjointWrites(weight))
                    workers.run(chunks: bands.count) { band in
                        let rows = band * Self.bandHeight..<min(height, (band + 1) * Self.bandHeight)
                        target.fill(rows, with: bands[band], of: discs)
                    }
                }
            }
        }
    }

    private struct Disc: Sendable {
        let center: SIMD3<Float>
        let score: Float
    }

    /// For each band the discs that touch it, in the order of the points.
    private static func bands(of discs: [Disc], height: Int, reach: Float) -> [[Int32]] {
        var bands = [[Int32]](repeating: [], count: (height + bandHeight - 1) / bandHeight)
        for (index, disc) in discs.enumerated() {
            let first = max(0, Int(disc.center.y - reach - 1) / bandHeight)
            let last = min(bands.count - 1, max(0, Int(disc.center.y + reach + 1)) / bandHeight)
            guard first <= last else { continue }
            for band in first...last { bands[band].append(Int32(index)) }
        }
        return bands
    }

    private struct Target: Sendable {
        let width: Int
        let height: Int
        let radius: Float
        let depth: DisjointWrites<Float>
        let score: DisjointWrites<Float>
        let weight: DisjointWrites<Float>

        func fill(_ rows: Range<Int>, with indices: [Int32], of discs: [Disc]) {
            for index in indices {
                let disc = discs[Int(index)]
                forEachPixel(of: disc, in: rows) { at, share in
                    // A bowl with its back to the eye: the middle counts, not the rim that stands out of a slope.
                    let here = disc.center.z + radius * share
                    if here < depth[at] { depth[at] = here }
                }
            }
            let start = rows.lowerBound * width
            let count = rows.count * width
            var depthSum = [Float](repeating: 0, count: count)
            var scoreSum = depthSum
            var scoreWeight = depthSum
            var frontWeight = depthSum
            for index in indices {
                let disc = discs[Int(index)]
                let scored = disc.score.isFinite
                forEachPixel(of: disc, in: rows) { at, share in
                    let kernel = (1 - share) * (1 - share) + 1e-6
                    weight[at] += kernel
                    guard disc.center.z + radius * share <= depth[at] + radius else { return }
                    frontWeight[at - start] += kernel
                    depthSum[at - start] += kernel * disc.center.z
                    if scored {
                        scoreSum[at - start] += kernel * disc.score
                        scoreWeight[at - start] += kernel
                    }
                }
            }
            for at in start..<start + count {
                guard weight[at] >= SplattedSurface.leastWeight else {
                    depth[at] = .infinity
                    weight[at] = 0
                    continue
                }
                depth[at] = depthSum[at - start] / frontWeight[at - start]
                if scoreWeight[at - start] > 0 { score[at] = scoreSum[at - start] / scoreWeight[at - start] }
            }
        }

        /// Calls `body` with the place of each pixel under a disc, and its squared distance as a share of the radius'.
        @inline(__always)
        private func forEachPixel(of disc: Disc, in rows: Range<Int>, _ body: (Int, Float) -> Void) {
            let x = disc.center.x - 0.5
            let y = disc.center.y - 0.5
            let top = max(rows.lowerBound, Int((y - radius).rounded(.up)))
            let bottom = min(rows.upperBound - 1, Int((y + radius).rounded(.down)))
            guard top <= bottom else { return }
            let squaredRadius = radius * radius
            for row in top...bottom {
                let dy = Float(row) - y
                let half = max(0, squaredRadius - dy * dy).squareRoot()
                let left = max(0, Int((x - half).rounded(.up)))
                let right = min(width - 1, Int((x + half).rounded(.down)))
                guard left <= right else { continue }
                for column in left...right {
                    let dx = Float(column) - x
                    body(row * width + column, min(1, (dx * dx + dy * dy) / squaredRadius))
                }
            }
        }
    }
}
