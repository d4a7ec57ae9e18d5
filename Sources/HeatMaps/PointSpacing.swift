import ParallelLoops

/// How far apart the points of a surface lie.
enum PointSpacing {
    /// Distance to the sixth nearest other point, in mm: its 75th percentile over up to 160 points taken evenly.
    ///
    /// A disc of this radius holds six points on average, so that discs around all points leave few gaps.
    /// `nil` with fewer than two finite points that differ.
    /// - Complexity: O(160 n).
    static func estimate(_ points: [SIMD3<Float>], workers: Workers) -> Float? {
        let rank = min(6, points.count - 1)
        guard rank >= 1 else { return nil }
        let sampleCount = min(160, points.count)
        var found = [Float](repeating: .nan, count: sampleCount)
        found.withUnsafeMutableBufferPointer { buffer in
            let results = DisjointWrites(buffer)
            workers.run(over: sampleCount, by: 8) { range in
                for sample in range {
                    let own = sample * points.count / sampleCount
                    results[sample] = distance(to: rank, from: own, in: points)
                }
            }
        }
        let sorted = found.filter(\.isFinite).sorted()
        // Where most points lie on one another, the least distance that is one.
        return sorted.dropFirst(sorted.count * 3 / 4).first { $0 > 0 }
    }

    /// Distance from a point to its `rank`-th nearest other one.
    private static func distance(to rank: Int, from own: Int, in points: [SIMD3<Float>]) -> Float {
        let place = points[own]
        var nearest = SIMD8<Float>(repeating: .infinity)
        points.withUnsafeBufferPointer { all in
            for index in 0..<all.count where index != own {
                let difference = all[index] - place
                let squared = difference.dotProduct(difference)
                guard squared < nearest[rank - 1] else { continue }
                var at = rank - 1
                while at > 0 && nearest[at - 1] > squared {
                    nearest[at] = nearest[at - 1]
                    at -= 1
                }
                nearest[at] = squared
            }
        }
        return nearest[rank - 1].squareRoot()
    }
}
