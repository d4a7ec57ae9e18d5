import ParallelLoops
import PointClouds

/// A part's cloud made ready for measuring: repeated, non-finite and stray points set aside, neighbours found once.
struct PreparedPart: Sendable {
    /// Remaining points, in the frame in which the part arrived.
    let points: [SIMD3<Float>]
    var centroid: SIMD3<Double> { points.centroid }
    /// How many points were set aside as stray.
    let strayCount: Int
    let index: NeighborIndex
    /// The `neighborCount` nearest of every point, itself first.
    let neighbors: NeighborTable
    /// Median distance to the nearest other point times 1.5: about the mean spacing of an even cloud, mm.
    let spacing: Float

    /// The scanner's noise, and what the form itself bends (`NeighborIndex.roughness`), mm.
    let roughness: Float

    static let neighborCount = 24
    /// A point is stray when its eighth neighbour is this many times as far as is usual.
    private static let strayRatio: Float = 6
    private static let strayRank = 8

    /// - Returns: `nil` where fewer than `minimum` usable points are left.
    init?(_ cloud: [SIMD3<Float>], minimum: Int, workers: Workers) {
        let (_, valid, _) = PointCloud(points: cloud).removingInvalid()
        guard valid.count >= max(minimum, Self.neighborCount) else { return nil }
        let candidates = valid.map { cloud[Int($0)] }
        let firstIndex = NeighborIndex(candidates, workers: workers)
        var firstTable = firstIndex.nearestOfAll(Self.neighborCount, workers: workers)
        let reach = candidates.indices.map { firstTable.squaredDistances[$0 * firstTable.size + Self.strayRank] }
        let limit = reach.sorted()[reach.count / 2] * Self.strayRatio * Self.strayRatio
        let kept = candidates.indices.filter { reach[$0] <= limit }
        guard kept.count >= max(minimum, Self.neighborCount) else { return nil }
        strayCount = candidates.count - kept.count
        points = kept.map { candidates[$0] }
        if kept.count == candidates.count {
            index = firstIndex
            neighbors = firstTable
        } else {
            // Two tables of a large cloud need not be held at once.
            firstTable = NeighborTable(count: 0, size: 0, indices: [], squaredDistances: [])
            index = NeighborIndex(points, workers: workers)
            neighbors = index.nearestOfAll(Self.neighborCount, workers: workers)
        }
        let table = neighbors
        roughness = index.roughness(table)
        let nearest = points.indices.map { table.squaredDistances[$0 * table.size + 1] }.sorted()
        spacing = nearest[nearest.count / 2].squareRoot() * 1.5
    }

    /// A few stray points are the scanner's; more may be a burr or a thinly scanned piece, and must not vanish unsaid.
    var hasTooManyStrays: Bool { strayCount > max(64, points.count / 50) }

    /// Mean of `values` (one for each point) over each point and its `count - 1` nearest neighbours.
    func smoothed(_ values: [Float], over count: Int) -> [Float] {
        let k = neighbors.size
        return points.indices.map { i in
            var sum: Float = 0
            for slot in i * k..<i * k + count { sum += values[Int(neighbors.indices[slot])] }
            return sum / Float(count)
        }
    }
}
