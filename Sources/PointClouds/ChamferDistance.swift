public import ParallelLoops

/// The Chamfer distance of two sets of points (IMRNet, eq. 12): the mean squared distance from each point of one to the
/// nearest of the other, plus the same the other way round. In squared units of the coordinates.
public enum ChamferDistance {
    /// Between two small sets, all pairs compared.
    ///
    /// - Parameters:
    ///   - a: x y z interleaved. Shape [K, 3].
    ///   - b: shape [L, 3].
    /// - Returns: infinity if just one of the sets is empty, 0 if both are.
    /// - Complexity: O(K L), eight distances at a time.
    public static func squared(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
        precondition(a.count % 3 == 0 && b.count % 3 == 0, "coordinates come in threes")
        let (k, l) = (a.count / 3, b.count / 3)
        guard k > 0, l > 0 else { return k == l ? 0 : .infinity }
        let groups = (l + 7) / 8
        return withUnsafeTemporaryAllocation(of: SIMD8<Float>.self, capacity: 4 * groups) { scratch in
            let base = scratch.baseAddress!
            // b by columns, filled up with its first point; then the least distance of each.
            for group in 0..<groups {
                var (x, y, z) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
                for lane in 0..<8 {
                    let j = group * 8 + lane < l ? group * 8 + lane : 0
                    (x[lane], y[lane], z[lane]) = (b[3 * j], b[3 * j + 1], b[3 * j + 2])
                }
                base[group] = x
                base[groups + group] = y
                base[2 * groups + group] = z
                base[3 * groups + group] = SIMD8(repeating: .infinity)
            }
            var forward: Float = 0
            for i in 0..<k {
                let (px, py, pz) = (a[3 * i], a[3 * i + 1], a[3 * i + 2])
                var least = SIMD8<Float>(repeating: .infinity)
                for group in 0..<groups {
                    let dx = base[group] - px
                    let dy = base[groups + group] - py
                    let dz = base[2 * groups + group] - pz
                    let d = dx * dx + dy * dy + dz * dz
                    least.replace(with: d, where: d .< least)
                    let held = base[3 * groups + group]
                    base[3 * groups + group] = held.replacing(with: d, where: d .< held)
                }
                forward += least.min()
            }
            var backward: Float = 0
            for j in 0..<l { backward += base[3 * groups + j / 8][j % 8] }
            return forward / Float(k) + backward / Float(l)
        }
    }

    /// Patch by patch, both [G, K, 3]. Shape [G].
    public static func squared(_ a: [Float], _ b: [Float], patches: Int, workers: Workers = .all) -> [Float] {
        precondition(a.count == b.count && (patches == 0 ? a.isEmpty : a.count % (3 * patches) == 0))
        guard patches > 0 else { return [] }
        let stride = a.count / patches
        var distances = [Float](repeating: 0, count: patches)
        distances.withUnsafeMutableBufferPointer { distances in
            let distances = DisjointWrites(distances)
            workers.run(over: patches, by: 16) { range in
                a.withUnsafeBufferPointer { a in
                    b.withUnsafeBufferPointer { b in
                        for patch in range {
                            let part = patch * stride..<(patch + 1) * stride
                            distances[patch] = squared(
                                UnsafeBufferPointer(rebasing: a[part]), UnsafeBufferPointer(rebasing: b[part]))
                        }
                    }
                }
            }
        }
        return distances
    }

    /// Between two clouds. Infinite if just one of them is empty.
    /// - Complexity: O(n log n) on scanned surfaces.
    public static func between(_ a: NeighborIndex, _ b: NeighborIndex, workers: Workers = .all) -> Double {
        guard a.finiteCount > 0, b.finiteCount > 0 else { return a.finiteCount == b.finiteCount ? 0 : .infinity }
        return meanSquared(from: a, to: b, workers) + meanSquared(from: b, to: a, workers)
    }

    private static func meanSquared(from a: NeighborIndex, to b: NeighborIndex, _ workers: Workers) -> Double {
        let queries = (0..<a.tree.count).map { a.tree.point($0) }
        var distances = [Float](repeating: 0, count: queries.count)
        distances.withUnsafeMutableBufferPointer { distances in
            let distances = DisjointWrites(distances)
            b.tree.forEachNearest(of: queries, workers: workers) { distances[$0] = $1.squaredDistance }
        }
        return distances.reduce(0.0) { $0 + Double($1) } / Double(queries.count)
    }
}
