import Foundation
import NeuralNetwork
import ParallelLoops
import SeededRandom

/// Features of good parts that others are compared with by the nearest (Roth et al., "Towards total recall in industrial
/// anomaly detection", CVPR 2022: PatchCore).
struct MemoryBank: Sendable {
    /// Above this width a coreset is chosen by random projections, of this width: as in PatchCore's program.
    private static let projectedWidth = 128

    /// Shape [B, F].
    let rows: Matrix
    /// Number of the part from which each row came. Shape [B].
    let owners: [Int32]

    /// All features of some parts.
    ///
    /// - Parameter parts: at least one; all of one width.
    init(_ parts: [Matrix]) {
        let total = parts.reduce(0) { $0 + $1.rows }
        let rows = Matrix(rows: total, columns: parts[0].columns)
        var start = 0, owners: [Int32] = []
        for (number, part) in parts.enumerated() {
            rows.rows(start..<start + part.rows).copy(from: part)
            start += part.rows
            owners += [Int32](repeating: Int32(number), count: part.rows)
        }
        self.init(rows: rows, owners: owners)
    }

    private init(rows: Matrix, owners: [Int32]) {
        self.rows = rows
        self.owners = owners
    }

    /// A greedy coreset of it, from a row drawn by the seed.
    ///
    /// - Parameters:
    ///   - share: of the rows, to be kept.
    ///   - limit: greatest number to be kept.
    /// - Complexity: O(B^2 `share` F), with F at most 128.
    func coreset(share: Double, limit: Int = 10_000, seed: UInt64, workers: Workers) -> MemoryBank {
        var random = SplitMix64(seed: seed)
        let count = min(limit, max(1, Int(Double(rows.rows) * share)))
        let start = random.next(below: max(1, rows.rows))
        let kept = GreedyCoreset.indices(of: projected(&random, workers), count: count, start: start, workers: workers)
        return selecting(kept)
    }

    /// Random signs keep distances nearly (Achlioptas, "Database-friendly random projections", 2003).
    private func projected(_ random: inout SplitMix64, _ workers: Workers) -> Matrix {
        guard rows.columns > Self.projectedWidth else { return rows }
        let signs = Matrix(
            (0..<rows.columns * Self.projectedWidth).map { _ in random.next() >> 63 == 0 ? 1 : -1 },
            rows: rows.columns, columns: Self.projectedWidth)
        let result = Matrix(rows: rows.rows, columns: Self.projectedWidth), rows = rows
        workers.run(tilesOf: rows.rows) { tile in
            MatrixProduct.multiply(rows.rows(tile), signs, into: result.rows(tile))
        }
        return result
    }

    private func selecting(_ kept: [Int]) -> MemoryBank {
        let chosen = Matrix(rows: kept.count, columns: rows.columns)
        for (place, row) in kept.enumerated() {
            chosen.rows(place..<place + 1).copy(from: rows.rows(row..<row + 1))
        }
        return MemoryBank(rows: chosen, owners: kept.map { owners[$0] })
    }

    /// The nearest of the bank to each of a part's features: index and l2 distance. Shape [M] each.
    func nearest(to features: Matrix, workers: Workers) -> (indices: [Int32], distances: [Float]) {
        features.nearestRows(in: rows, workers: workers)
    }

    /// A part's score: its greatest distance, weighted by how usual the place in the bank is to which it is nearest.
    ///
    /// PatchCore's eq. 7 in the form of the programs of BTF and of M3DM: with m* the nearest in the bank, N its two nearest
    /// others there, and F the width, s* (1 - exp(s*/sqrt F) / sum over N of exp(d/sqrt F)), where d is the distance
    /// from the part's feature. The weight lies between 1/2 and 1.
    func reweightedMaximum(_ features: Matrix, _ nearest: (indices: [Int32], distances: [Float])) -> Float {
        guard let worst = nearest.distances.indices.max(by: { nearest.distances[$0] < nearest.distances[$1] }) else {
            return 0
        }
        let own = Int(nearest.indices[worst])
        let around = rows.squaredDistances(fromRow: own, to: rows, rows: 0..<rows.rows)
        let others = around.indices.filter { $0 != own }.sorted { (around[$0], $0) < (around[$1], $1) }.prefix(2)
        let distances = others.map { other in
            features.squaredDistances(fromRow: worst, to: rows, rows: other..<other + 1)[0].squareRoot()
        }
        return Self.reweighted(nearest.distances[worst], others: distances, width: rows.columns)
    }

    /// See `reweightedMaximum`. With fewer than two others there is nothing to weigh by: the distance as it is.
    static func reweighted(_ distance: Float, others: [Float], width: Int) -> Float {
        guard others.count == 2 else { return distance }
        let scale = Float(width).squareRoot()
        let sum = others.reduce(Float(0)) { $0 + exp(($1 - distance) / scale) }
        return distance * (1 - 1 / max(sum, 1))
    }

    /// Mean distance of good parts' features to the bank without what came from the part itself; of a single part to all
    /// of it.
    ///
    /// - Parameter parts: those of which the bank was made, in their order.
    func heldOutMean(_ parts: [Matrix], workers: Workers) -> Float {
        var sum = 0.0, count = 0
        for (number, part) in parts.enumerated() {
            let others = owners.indices.filter { owners[$0] != Int32(number) }
            let bank = others.isEmpty ? self : selecting(others)
            let distances = bank.nearest(to: part, workers: workers).distances
            sum += distances.reduce(0.0) { $0 + Double($1) }
            count += distances.count
        }
        return max(Float(sum / Double(max(1, count))), .leastNormalMagnitude)
    }
}
