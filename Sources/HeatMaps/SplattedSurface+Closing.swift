import ParallelLoops

extension SplattedSurface {
    /// Closes gaps that are narrower than about a disc: pixels that show what lies far behind, or nothing, although the
    /// surface continues on both sides of them.
    ///
    /// Such gaps come from the chance spacing of points. A real hole is wider than the points are apart, or it could
    /// not be told from chance.
    /// - Complexity: O(area).
    func closed(radius: Float, workers: Workers) -> SplattedSurface {
        var result = self
        let step = max(1, Int((radius * 0.6).rounded(.up)))
        let width = width
        let source = self
        result.depth.withUnsafeMutableBufferPointer { depth in
            result.score.withUnsafeMutableBufferPointer { score in
                result.weight.withUnsafeMutableBufferPointer { weight in
                    let depth = DisjointWrites(depth)
                    let score = DisjointWrites(score)
                    let weight = DisjointWrites(weight)
                    workers.run(over: height, by: 32) { rows in
                        for y in rows {
                            for x in 0..<width {
                                guard let patch = source.bridge(x, y, step: step, radius: radius) else { continue }
                                let at = y * width + x
                                depth[at] = patch.depth
                                score[at] = patch.score
                                weight[at] = max(weight[at], Self.leastWeight)
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    /// The surface across a pixel, where at least three of the four lines through it find it on both sides and nearer.
    private func bridge(_ x: Int, _ y: Int, step: Int, radius: Float) -> (depth: Float, score: Float)? {
        guard x >= step, y >= step, x < width - step, y < height - step else { return nil }
        let at = y * width + x
        let limit = depth[at] - 1.5 * radius
        let diagonal = (step * 3 + 3) / 4
        var sum: Float = 0
        var count: Float = 0
        var scoreSum: Float = 0
        var scoreCount: Float = 0
        for line in 0..<4 {
            let offset =
                switch line {
                case 0: step
                case 1: step * width
                case 2: diagonal * (width + 1)
                default: diagonal * (width - 1)
                }
            let before = depth[at - offset]
            let after = depth[at + offset]
            guard before < limit, after < limit, (before - after).magnitude < 4 * radius else { continue }
            sum += (before + after) / 2
            count += 1
            let scores = (score[at - offset], score[at + offset])
            if scores.0.isFinite && scores.1.isFinite {
                scoreSum += (scores.0 + scores.1) / 2
                scoreCount += 1
            }
        }
        guard count >= 3 else { return nil }
        return (sum / count, scoreCount > 0 ? scoreSum / scoreCount : .nan)
    }
}
