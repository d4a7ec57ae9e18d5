internal import CKernels
internal import ParallelLoops

/// The two passes behind `FastPointFeatureHistograms`, with points, rows and neighbours by position on the curve:
/// neighbours in space are then neighbours in memory.
struct PairFeaturePass {
    private static let row = Int(feature_row)
    private static let chunk = 256

    private let index: NeighborIndex
    private let order: [Int32]
    /// Position on the curve of each point, -1 of those that are not finite.
    private let positions: [Int32]
    private let neighbors: NeighborTable
    /// Of neighbours without the point itself, ascending.
    private let sizes: [Int32]
    private let squaredRadius: Float
    private let rows: RowStore

    /// Computes the rows of pair features (SPFH) of every point that the histograms of the subset need.
    init(
        index: NeighborIndex, normals: [SIMD3<Float>], neighbors: NeighborTable, sizes: [Int], radius: Float?,
        subset: [Int32]?, workers: Workers
    ) {
        let order = index.curveOrder
        var positions = [Int32](repeating: -1, count: index.points.count)
        for (position, i) in order.enumerated() { positions[Int(i)] = Int32(position) }
        self.index = index
        self.order = order
        self.positions = positions
        self.neighbors = neighbors
        self.sizes = sizes.map { Int32(max(1, min($0, neighbors.size)) - 1) }
        // A neighbour beyond the range of Float has no direction.
        squaredRadius = min(radius.map { $0 * $0 } ?? .infinity, .greatestFiniteMagnitude)
        rows = RowStore(count: order.count, sizes: sizes.count, row: Self.row)
        guard !order.isEmpty, !sizes.isEmpty else { return }
        // x, y, z, 0, and the normal: two loads of four.
        var packed = [Float](repeating: 0, count: 8 * order.count)
        for (position, i) in order.enumerated() {
            let (p, n) = (index.points[Int(i)], normals[Int(i)])
            let start = 8 * position
            (packed[start], packed[start + 1], packed[start + 2]) = (p.x, p.y, p.z)
            (packed[start + 4], packed[start + 5], packed[start + 6]) = (n.x, n.y, n.z)
        }
        fillRows(packed, wanted: subset.map { needed(by: $0) }, workers)
    }

    private func fillRows(_ packed: [Float], wanted: [Bool]?, _ workers: Workers) {
        let stride = Int64(order.count * Self.row)
        workers.run(over: order.count, by: Self.chunk) { range in
            packed.withUnsafeBufferPointer { packed in
                withRoom { others in
                    for position in range where wanted?[position] ?? true {
                        let count = gather(position, others)
                        feature_pair_histograms(
                            packed.baseAddress!, Int32(position), others, Int32(count), sizes,
                            Int32(sizes.count), rows.base + position * Self.row, stride)
                    }
                }
            }
        }
    }

    /// One for each size, in ascending order of the sizes.
    func histograms(subset: [Int32]?, workers: Workers) -> [FastPointFeatureHistograms] {
        let count = subset?.count ?? index.points.count
        return sizes.indices.map { size in
            var values = [Float](repeating: 0, count: count * FastPointFeatureHistograms.width)
            values.withUnsafeMutableBufferPointer { values in
                let values = DisjointWrites(values)
                workers.run(over: subset?.count ?? order.count, by: Self.chunk) { range in
                    withRoom { others in
                        let base = rows.base + size * order.count * Self.row
                        for place in range {
                            // All: along the curve. A subset: as it comes.
                            let position = subset.map { Int(positions[Int($0[place])]) } ?? place
                            guard position >= 0 else { continue }
                            let own = Int(order[position])
                            let out = (subset == nil ? own : place) * FastPointFeatureHistograms.width
                            let found = min(gather(position, others), Int(sizes[size]))
                            neighbors.squaredDistances.withUnsafeBufferPointer { distances in
                                feature_weighted_sum(
                                    base, Int32(position), others, distances.baseAddress! + own * neighbors.size + 1,
                                    Int32(found), values.base + out)
                            }
                        }
                    }
                }
            }
            return FastPointFeatureHistograms(count: count, values: values)
        }
    }

    /// Positions of the neighbours of the point at `position` without itself, within the radius; returns how many.
    @inline(__always)
    private func gather(_ position: Int, _ others: UnsafeMutablePointer<Int32>) -> Int {
        let start = Int(order[position]) * neighbors.size
        let ahead = Int(order[min(position + 2, order.count - 1)]) * neighbors.size - start
        let most = Int(sizes[sizes.count - 1])
        guard most > 0 else { return 0 }
        return neighbors.indices.withUnsafeBufferPointer { indices in
            neighbors.squaredDistances.withUnsafeBufferPointer { distances in
                Int(
                    feature_positions(
                        indices.baseAddress! + start + 1, distances.baseAddress! + start + 1, Int32(most),
                        squaredRadius, positions, Int64(ahead), others))
            }
        }
    }

    private func withRoom(_ body: (UnsafeMutablePointer<Int32>) -> Void) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(1, neighbors.size)) { body($0.baseAddress!) }
    }

    /// By position: those in the subset, and their neighbours.
    private func needed(by subset: [Int32]) -> [Bool] {
        var needed = [Bool](repeating: false, count: order.count)
        withRoom { others in
            for i in subset where positions[Int(i)] >= 0 {
                let position = Int(positions[Int(i)])
                needed[position] = true
                for j in 0..<gather(position, others) { needed[Int(others[j])] = true }
            }
        }
        return needed
    }
}

/// Uninitialised memory for the rows: pages that a subset leaves alone are never touched.
private final class RowStore: @unchecked Sendable {
    let base: UnsafeMutablePointer<Float>

    init(count: Int, sizes: Int, row: Int) {
        let bytes = max(1, count * sizes * row) * MemoryLayout<Float>.stride
        base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).assumingMemoryBound(to: Float.self)
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }
}
