/// One representative for each occupied cell of a cubic grid.
public struct VoxelSampling: Sendable, Equatable {
    /// Mean of the points of each cell. Shape [V].
    public let centroids: [SIMD3<Float>]
    /// Index of the point nearest to that mean, of equal ones the first by x, y, z, then index. Shape [V].
    public let indices: [Int32]
    /// Points in each cell. Shape [V].
    public let counts: [Int32]

    /// Cells have the edge `size` and start at the least coordinates of the finite points; others are left out.
    ///
    /// Cells come out along the curve through the grid (z, then y, then x): neither they nor their means depend on the
    /// order of the input, as sums are kept in integers, in steps of 2^-30 of the edge.
    /// A grid of more than 2^21 cells along an axis is made coarser to fit.
    /// - Precondition: `size > 0`.
    /// - Complexity: O(n).
    public init(_ points: [SIMD3<Float>], size: Float) {
        precondition(size > 0, "a voxel has an edge greater than 0")
        var box = Box.empty
        for point in points where point.isFinite { box.include(point) }
        let low = SIMD3<Double>(box.low)
        let extent = box.high.x >= box.low.x ? (SIMD3<Double>(box.high) - low).max() : 0
        let edge = max(Double(size), extent / 2_097_151)
        let grid = VoxelGrid(low: low, edge: edge)
        var entries: [MortonOrder.Entry] = []
        entries.reserveCapacity(points.count)
        for (i, point) in points.enumerated() where point.isFinite {
            entries.append(MortonOrder.Entry(code: grid.cell(point), index: Int32(i)))
        }
        MortonOrder.radixSort(&entries)
        var centroids: [SIMD3<Float>] = []
        var indices: [Int32] = []
        var counts: [Int32] = []
        var start = 0
        while start < entries.count {
            var end = start
            var sum = SIMD3<Int64>.zero
            while end < entries.count && entries[end].code == entries[start].code {
                sum &+= grid.offset(points[Int(entries[end].index)])
                end += 1
            }
            let centroid = grid.mean(sum, end - start)
            var best = entries[start].index
            var least = squaredDistance(points[Int(best)], centroid)
            for entry in entries[start + 1..<max(end, start + 1)] {
                let d = squaredDistance(points[Int(entry.index)], centroid)
                if d < least || (d == least && points[Int(entry.index)].precedes(points[Int(best)])) {
                    (best, least) = (entry.index, d)
                }
            }
            centroids.append(centroid)
            indices.append(best)
            counts.append(Int32(end - start))
            start = end
        }
        (self.centroids, self.indices, self.counts) = (centroids, indices, counts)
    }
}

private struct VoxelGrid {
    let low: SIMD3<Double>
    let edge: Double

    @inline(__always)
    func cell(_ point: SIMD3<Float>) -> UInt64 {
        let c = (SIMD3<Double>(point) - low) / edge
        let limit = 2_097_151.0
        return UInt64(min(limit, c.x)) | UInt64(min(limit, c.y)) << 21 | UInt64(min(limit, c.z)) << 42
    }

    /// From the grid's corner, in steps of 2^-30 of the edge: 2^21 cells and 2^12 points fit, and more in one cell
    /// wrap only beyond 2^63.
    @inline(__always)
    func offset(_ point: SIMD3<Float>) -> SIMD3<Int64> {
        SIMD3<Int64>((((SIMD3<Double>(point) - low) / edge) * 0x1p30).rounded(.toNearestOrEven))
    }

    @inline(__always)
    func mean(_ sum: SIMD3<Int64>, _ count: Int) -> SIMD3<Float> {
        SIMD3<Float>(SIMD3<Double>(sum) * (0x1p-30 * edge / Double(count)) + low)
    }
}
