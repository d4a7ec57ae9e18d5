import ParallelLoops
import PointClouds

/// Where a scan ends: at a silhouette, at the edge of a shadow, at a hole. There points are mixed of two surfaces, and
/// neighbourhoods lie to one side, so nothing that is measured there is to be believed.
enum ScanBorder {
    /// Neighbours that a point must be inner to (the border damping of Reg2Inv).
    static let neighborCount = 64
    /// A point is inner where its neighbours' mean lies within this share of their radius: on a straight border of an even
    /// scan it lies at 4 / (3 pi) = 0.42 of it.
    private static let innerOffset: Float = 0.3

    /// 1 for points inner to their neighbours, 0 on borders. Shape [N].
    /// - Complexity: O(N log N).
    static func weights(_ index: NeighborIndex, workers: Workers) -> [Float] {
        let points = index.points
        let table = index.nearestOfAll(min(neighborCount, points.count), workers: workers)
        var weights = [Float](repeating: 0, count: points.count)
        weights.withUnsafeMutableBufferPointer { buffer in
            let weights = DisjointWrites(buffer)
            workers.run(over: points.count, by: 1024) { range in
                for i in range {
                    var sum = SIMD3<Float>.zero
                    for neighbor in table.neighbors(of: i) { sum += points[Int(neighbor)] - points[i] }
                    let radius = table.squaredDistances[(i + 1) * table.size - 1].squareRoot()
                    let offset = (sum / Float(table.size)).norm
                    weights[i] = offset <= innerOffset * radius ? 1 : 0
                }
            }
        }
        return weights
    }
}
