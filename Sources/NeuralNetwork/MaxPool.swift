import CKernels

/// The largest value of each column over the points of a group.
public enum MaxPool {
    /// [groups * points, columns] -> [groups, columns].
    public static func forward(_ input: Matrix, points: Int, into output: Matrix) {
        precondition(input.isContiguous && output.isContiguous && input.rows == output.rows * points)
        nn_max_pool(input.base, output.base, nil, output.rows, points, input.columns)
    }

    /// Also keeps the winner of each group and column, its row in the group (the first of equals): [groups, columns].
    public static func forward(_ input: Matrix, points: Int, into output: Matrix, winners: Winners, from group: Int) {
        precondition(input.isContiguous && output.isContiguous && input.rows == output.rows * points)
        precondition(winners.columns == input.columns && group + output.rows <= winners.groups)
        nn_max_pool(
            input.base, output.base, winners.base + group * winners.columns, output.rows, points, input.columns)
    }

    /// Adds the gradient of each group's maximum to its winner's row.
    public static func backward(
        _ outputGradient: Matrix, winners: Winners, from group: Int, points: Int, addingTo inputGradient: Matrix
    ) {
        precondition(inputGradient.rows == outputGradient.rows * points)
        for row in 0..<outputGradient.rows {
            for column in 0..<outputGradient.columns {
                inputGradient[row * points + winners[group + row, column], column] += outputGradient[row, column]
            }
        }
    }

    /// Which point of its group had the largest value. Shares its memory, like `Matrix`.
    public final class Winners: @unchecked Sendable {
        public let groups: Int
        public let columns: Int
        let base: UnsafeMutablePointer<Int32>

        public init(groups: Int, columns: Int) {
            self.groups = groups
            self.columns = columns
            base = .allocate(capacity: max(groups * columns, 1))
            base.initialize(repeating: 0, count: groups * columns)
        }

        deinit { base.deallocate() }

        public subscript(group: Int, column: Int) -> Int { Int(base[group * columns + column]) }
    }
}
