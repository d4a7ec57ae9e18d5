import NeuralNetwork
import ParallelLoops
import PointClouds

/// Descriptors of good parts that others are compared with.
public struct DescriptorBank: Sendable, Equatable {
    /// Where each was taken, taught frame, mm. Shape [B].
    public let places: [SIMD3<Float>]
    /// Shape [B, width].
    public let rows: [Float]
    public let width: Int
    /// Edge of the cells to which parts are thinned before they are described, mm.
    public let grid: Float

    public init(places: [SIMD3<Float>], rows: [Float], width: Int, grid: Float) {
        precondition(width > 0 && rows.count == places.count * width)
        self.places = places
        self.rows = rows
        self.width = width
        self.grid = grid
    }

    /// Of several good parts; all of their descriptors where they are compared by place, else a greedy coreset of them
    /// (each next descriptor the one farthest from those chosen; Roth et al., "Towards total recall in industrial
    /// anomaly detection", CVPR 2022).
    ///
    /// - Complexity: O(B N) for a coreset of B out of N descriptors.
    init(_ parts: [LocalDescriptors], grid: Float, settings: DescriptorSettings) {
        let places = parts.flatMap(\.places), rows = parts.flatMap(\.rows), width = settings.width
        guard settings.nearest == nil else {
            self.init(places: places, rows: rows, width: width, grid: grid)
            return
        }
        let kept = GreedyCoreset.indices(
            of: Matrix(rows, rows: places.count, columns: width),
            count: max(1, Int(Double(places.count) * settings.bankShare)))
        self.init(
            places: kept.map { places[$0] }, rows: kept.flatMap { rows[$0 * width..<($0 + 1) * width] }, width: width,
            grid: grid)
    }

    /// l2 distance of each of a part's descriptors to the nearest of the bank. Shape [C].
    ///
    /// - Complexity: O(C B), or O(C `nearest`) by place.
    func distances(of part: LocalDescriptors, nearest: Int?, workers: Workers) -> [Float] {
        precondition(part.width == width)
        let index = nearest == nil ? nil : NeighborIndex(places, workers: workers)
        let bank = Matrix(rows, rows: places.count, columns: width)
        let rows = Matrix(part.rows, rows: part.places.count, columns: width)
        var result = [Float](repeating: 0, count: part.places.count)
        result.withUnsafeMutableBufferPointer { result in
            let result = DisjointWrites(result)
            workers.run(over: part.places.count, by: 32) { range in
                for row in range {
                    var best = Float.infinity
                    if let index, let nearest {
                        for near in index.nearest(nearest, to: part.places[row]) {
                            let candidate = Int(near.index)
                            let distance = rows.squaredDistances(
                                fromRow: row, to: bank, rows: candidate..<candidate + 1)
                            best = min(best, distance[0])
                        }
                    } else {
                        let distances = rows.squaredDistances(fromRow: row, to: bank, rows: 0..<places.count)
                        for distance in distances { best = min(best, distance) }
                    }
                    result[row] = best.squareRoot()
                }
            }
        }
        return result
    }
}
