public import ParallelLoops

extension Matrix {
    /// The nearest row of a bank, by l2, to each row of this matrix.
    ///
    /// Found by products of tiles (|a - b|^2 = |a|^2 + |b|^2 - 2 a.b) of what is left after the bank's mean is taken off, so
    /// that few digits cancel, then measured by subtraction: where two rows of the bank are equally far but for the rounding
    /// of the products, either may be found, and its distance is exact.
    ///
    /// - Parameter bank: as many columns; both contiguous. Shape [B, F].
    /// - Returns: index into the bank, -1 at an infinite distance where it is empty, and l2 distance. Shape [N] each.
    /// - Complexity: O(N B F).
    public func nearestRows(in bank: Matrix, workers: Workers = .one) -> (indices: [Int32], distances: [Float]) {
        precondition(columns == bank.columns && isContiguous && bank.isContiguous)
        var indices = [Int32](repeating: -1, count: rows)
        var distances = [Float](repeating: .infinity, count: rows)
        guard bank.rows > 0 else { return (indices, distances) }
        let mean = bank.columnMeans
        let (centered, centeredBank) = (subtracting(mean), bank.subtracting(mean))
        let halfSquares = (0..<bank.rows).map { row in
            var sum: Float = 0
            for k in 0..<columns { sum += centeredBank[row, k] * centeredBank[row, k] }
            return sum / 2
        }
        indices.withUnsafeMutableBufferPointer { indices in
            distances.withUnsafeMutableBufferPointer { distances in
                let indices = DisjointWrites(indices), distances = DisjointWrites(distances)
                workers.run(tilesOf: rows) { tile in
                    let found = centered.nearest(of: tile, in: centeredBank, halfSquares)
                    for (row, index) in zip(tile, found) {
                        indices[row] = Int32(index)
                        distances[row] = squaredDistances(fromRow: row, to: bank, rows: index..<index + 1)[0]
                            .squareRoot()
                    }
                }
            }
        }
        return (indices, distances)
    }

    /// Of the rows of one tile: where |b|^2 / 2 - a.b is least, the first on a tie.
    private func nearest(of tile: Range<Int>, in bank: Matrix, _ halfSquares: [Float]) -> [Int] {
        let block = min(1024, bank.rows)
        let products = Matrix(rows: tile.count, columns: block)
        var best = [Float](repeating: .infinity, count: tile.count)
        var found = [Int](repeating: 0, count: tile.count)
        for start in Swift.stride(from: 0, to: bank.rows, by: block) {
            let some = start..<min(bank.rows, start + block)
            let part = products.columns(0..<some.count)
            MatrixProduct.multiply(rows(tile), bank.rows(some), transposing: .right, into: part)
            for row in 0..<tile.count {
                for column in 0..<some.count {
                    let value = halfSquares[start + column] - part[row, column]
                    if value < best[row] { (best[row], found[row]) = (value, start + column) }
                }
            }
        }
        return found
    }

    /// Summed in Double, row by row. Shape [columns].
    private var columnMeans: [Float] {
        var sums = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
            for k in 0..<columns { sums[k] += Double(self[row, k]) }
        }
        return sums.map { Float($0 / Double(rows)) }
    }

    private func subtracting(_ values: [Float]) -> Matrix {
        let result = Matrix(rows: rows, columns: columns)
        for row in 0..<rows {
            for k in 0..<columns { result[row, k] = self[row, k] - values[k] }
        }
        return result
    }
}
