import ParallelLoops
import PointClouds
import SeededRandom
import Testing

/// Every operation on every cloud that may come: a result without NaN, the same bits on two threads and in another
/// order of the points; never a trap, never an endless loop.
@Suite struct EdgeCaseTests {
    @Test(.timeLimit(.minutes(2)), arguments: PublicOperation.allCases, EdgeCloud.allCases)
    func everyOperationHasAResult(_ operation: PublicOperation, _ cloud: EdgeCloud) {
        let points = cloud.points
        let one = operation.run(OperationInput(points, workers: .one))
        #expect(!one.hasNaN)
        let two = operation.run(OperationInput(points, workers: Workers(count: 2)))
        #expect(one == two, "threads")
        let (other, from) = Clouds.shuffled(points)
        var rows = [Int](repeating: 0, count: points.count)
        for (i, original) in from.enumerated() { rows[original] = i }
        let shuffled = operation.run(OperationInput(other, rows: rows, workers: Workers(count: 2)))
        #expect(one == shuffled, "order")
    }
}

/// The same bits for 1 and 2 threads and for any order, of every public operation, on clouds as scans give them.
@Suite struct EveryOperationTests {
    @Test(arguments: PublicOperation.allCases, [Clouds.Kind.surface, .clustered, .grid, .duplicated])
    func givesTheSameBits(_ operation: PublicOperation, _ kind: Clouds.Kind) {
        let points = Clouds.make(kind, 4000)
        let one = operation.run(OperationInput(points, workers: .one))
        #expect(one == operation.run(OperationInput(points, workers: .one)), "again")
        #expect(one == operation.run(OperationInput(points, workers: Workers(count: 2))), "threads")
        let (other, from) = Clouds.shuffled(points)
        var rows = [Int](repeating: 0, count: points.count)
        for (i, original) in from.enumerated() { rows[original] = i }
        #expect(one == operation.run(OperationInput(other, rows: rows, workers: Workers(count: 2))), "order")
        #expect(!one.bits.isEmpty)
    }
}
