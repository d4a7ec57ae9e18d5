public import ParallelLoops

/// Removal of stray points.
public enum OutlierRemoval {
    /// Indices of the points to keep, ascending: those whose mean distance to their k nearest others is at most
    /// mean + `deviations` x sigma over the cloud (Rusu 2008; PCL's and Open3D's statistical filter).
    ///
    /// Points that are not finite are dropped.
    public static func statistical(
        _ index: NeighborIndex, neighbors k: Int = 20, deviations: Double = 2, workers: Workers = .all
    ) -> [Int32] {
        statistical(index, table: index.nearestOfAll(k + 1, workers: workers), deviations: deviations)
    }

    /// The same from a table that is there already; all of its columns but the first are used.
    public static func statistical(
        _ index: NeighborIndex, table: NeighborTable, deviations: Double = 2
    ) -> [Int32] {
        let tree = index.tree
        guard tree.count > 1, table.size > 1 else { return index.curveOrder.sorted() }
        var means = [Double](repeating: 0, count: tree.count)
        for position in 0..<tree.count {
            let row = Int(tree.order[position]) * table.size
            var sum = 0.0
            for j in row + 1..<row + table.size { sum += Double(table.squaredDistances[j]).squareRoot() }
            means[position] = sum / Double(table.size - 1)
        }
        // Sums along the curve: independent of the input's order.
        // A mean beyond the range of Float is a stray's in any case, and would leave no limit to compare with.
        let known = means.filter { $0 < .infinity }
        let mean = known.reduce(0, +) / Double(max(1, known.count))
        let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, known.count - 1))
        let limit = mean + deviations * variance.squareRoot()
        return (0..<tree.count).filter { means[$0] <= limit }.map { tree.order[$0] }.sorted()
    }
}
