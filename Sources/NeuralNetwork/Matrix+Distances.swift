import CKernels

extension Matrix {
    /// Squared l2 distances of one row of this matrix to some rows of another with as many columns, both contiguous.
    public func squaredDistances(fromRow row: Int, to other: Matrix, rows: Range<Int>) -> [Float] {
        precondition(columns == other.columns && other.isContiguous && row < self.rows && rows.upperBound <= other.rows)
        return [Float](unsafeUninitializedCapacity: rows.count) { target, count in
            count = rows.count
            guard let first = target.baseAddress else { return }
            nn_squared_distances(
                base + row * stride, other.base + rows.lowerBound * other.stride, rows.count, columns, first)
        }
    }
}
