public import ParallelLoops

/// A few rows that stand for many: each next one is the row farthest (l2) from those chosen.
///
/// The greedy k-centre of Sener and Savarese ("Active learning for convolutional neural networks: a core-set approach",
/// ICLR 2018), by which PatchCore thins its memory bank (Roth et al., CVPR 2022, Algorithm 1).
public enum GreedyCoreset {
    /// Rows of a chunk: their distances stay in the cache.
    private static let chunk = 4096

    /// - Parameters:
    ///   - rows: contiguous. Shape [N, F].
    ///   - count: how many to choose; all in their order if there are no more.
    ///   - start: the first one.
    /// - Returns: in the order in which they were chosen, all different; among equally far ones the first row.
    /// - Complexity: O(`count` N F).
    public static func indices(of rows: Matrix, count: Int, start: Int = 0, workers: Workers = .one) -> [Int] {
        let total = rows.rows
        guard total > count else { return Array(0..<total) }
        precondition(
            start >= 0 && start < total, "expected the first row of a coreset among 0..<\(total), found \(start)")
        var distances = [Float](repeating: .infinity, count: total)
        var farthest = [Int](repeating: 0, count: (total + chunk - 1) / chunk)
        var chosen: [Int] = [], next = start
        chosen.reserveCapacity(count)
        while chosen.count < count {
            chosen.append(next)
            let latest = next
            distances.withUnsafeMutableBufferPointer { distances in
                farthest.withUnsafeMutableBufferPointer { farthest in
                    let distances = DisjointWrites(distances), farthest = DisjointWrites(farthest)
                    workers.run(over: total, by: chunk) { range in
                        let toLatest = rows.squaredDistances(fromRow: latest, to: rows, rows: range)
                        var best = range.lowerBound
                        for i in range {
                            // A chosen row stays chosen, also where all the others equal one.
                            distances[i] = i == latest ? -1 : min(distances[i], toLatest[i - range.lowerBound])
                            if distances[i] > distances[best] { best = i }
                        }
                        farthest[range.lowerBound / chunk] = best
                    }
                }
            }
            next = farthest.reduce(farthest[0]) { distances[$1] > distances[$0] ? $1 : $0 }
        }
        return chosen
    }
}
