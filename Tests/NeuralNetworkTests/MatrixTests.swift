import NeuralNetwork
import ParallelLoops
import Testing

struct MatrixTests {
    @Test func viewsShareMemory() {
        let matrix = Matrix((0..<12).map(Float.init), rows: 3, columns: 4)
        let view = matrix.rows(1..<3).columns(1..<3)
        #expect(view.elements == [5, 6, 9, 10])
        #expect(!view.isContiguous)
        view.fill(0)
        #expect(matrix.elements == [0, 1, 2, 3, 4, 0, 0, 7, 8, 0, 0, 11])
        #expect(matrix.reshaped(rows: 6, columns: 2).rows(2..<3).elements == [4, 0])
    }

    @Test(arguments: [MatrixProduct.Side.neither, .left, .right])
    func productsAgainstLoops(_ side: MatrixProduct.Side) {
        let (m, n, k) = (7, 11, 13)
        let a = side == .left ? randomMatrix(k, m + 2, seed: 1).columns(1..<m + 1) : randomMatrix(m, k, seed: 1)
        let b = side == .right ? randomMatrix(n, k + 3, seed: 2).columns(3..<k + 3) : randomMatrix(k, n, seed: 2)
        let result = randomMatrix(m, n + 1, seed: 3).columns(0..<n)
        let before = result.elements
        MatrixProduct.multiply(a, b, transposing: side, factor: 2, keep: 0.5, into: result)
        for row in 0..<m {
            for column in 0..<n {
                var sum = 0.5 * Double(before[row * n + column])
                for index in 0..<k {
                    let left = side == .left ? a[index, row] : a[row, index]
                    let right = side == .right ? b[column, index] : b[index, column]
                    sum += 2 * Double(left) * Double(right)
                }
                #expect(abs(sum - Double(result[row, column])) < 1e-5)
            }
        }
    }

    @Test(arguments: [1, 2, 79, 80, 81, 154, 256, 1000])
    func tilesCoverRowsOnce(_ rows: Int) {
        let seen = Matrix(repeating: 0, rows: rows, columns: 1)
        Workers(count: 2).run(tilesOf: rows) { range in
            for row in range { seen[row, 0] += 1 }
            if range.count > 80 { seen[range.lowerBound, 0] = -1 }
        }
        #expect(seen.elements.allSatisfy { $0 == 1 })
    }
}
