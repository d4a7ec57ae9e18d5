import CKernels
public import ParallelLoops

/// Multi-head self-attention, `softmax(Q Kᵀ / sqrt(d)) V` (Vaswani et al., 2017), between the projections.
///
/// A batch is `sequences` of `length` rows each; a row of `qkv` holds queries, keys and values, each by head:
/// [sequences * length, 3 * heads * d].
public struct Attention: Sendable {
    public let width: Int
    public let heads: Int
    var headWidth: Int { width / heads }
    private var scale: Float { 1 / Float(headWidth).squareRoot() }

    public init(width: Int, heads: Int) {
        precondition(width % heads == 0)
        self.width = width
        self.heads = heads
    }

    /// - Parameters:
    ///   - output: [sequences * length, width].
    ///   - probabilities: kept for `backward` if given, [sequences * heads * length, length].
    public func forward(
        _ qkv: Matrix, sequences: Int, into output: Matrix, probabilities: Matrix? = nil, workers: Workers
    ) {
        let length = qkv.rows / sequences
        let tiles = Workers.tiles(of: length)
        workers.run(chunks: sequences * heads * tiles) { task in
            let (pair, tile) = task.quotientAndRemainder(dividingBy: tiles)
            let (sequence, head) = pair.quotientAndRemainder(dividingBy: heads)
            let queries = length * tile / tiles..<length * (tile + 1) / tiles
            let rows = sequence * length..<(sequence + 1) * length
            let scores =
                probabilities.map { $0.rows(pair * length + queries.lowerBound..<pair * length + queries.upperBound) }
                ?? Matrix(rows: queries.count, columns: length)
            let (q, k, v) = split(qkv.rows(rows), head: head)
            MatrixProduct.multiply(q.rows(queries), k, transposing: .right, into: scores)
            nn_softmax(scores.base, scores.rows, length, scores.stride, scale)
            MatrixProduct.multiply(
                scores, v,
                into: output.rows(rows).rows(queries).columns(head * headWidth..<(head + 1) * headWidth))
        }
    }

    /// Gradient by the output -> gradient by `qkv`, which it sets.
    public func backward(
        _ qkv: Matrix, sequences: Int, probabilities: Matrix, outputGradient: Matrix, into gradient: Matrix,
        workers: Workers
    ) {
        let length = qkv.rows / sequences
        let pool = ScratchPool { Matrix(rows: length, columns: length) }
        workers.run(chunks: sequences * heads) { pair in
            let (sequence, head) = pair.quotientAndRemainder(dividingBy: heads)
            let rows = sequence * length..<(sequence + 1) * length
            let p = probabilities.rows(pair * length..<(pair + 1) * length)
            let dOut = outputGradient.rows(rows).columns(head * headWidth..<(head + 1) * headWidth)
            let (q, k, v) = split(qkv.rows(rows), head: head)
            let (dQ, dK, dV) = split(gradient.rows(rows), head: head)
            pool.with { dScores in
                MatrixProduct.multiply(p, dOut, transposing: .left, into: dV)
                MatrixProduct.multiply(dOut, v, transposing: .right, into: dScores)
                nn_softmax_backward(p.base, p.stride, dScores.base, length, length, length, scale)
                MatrixProduct.multiply(dScores, k, into: dQ)
                MatrixProduct.multiply(dScores, q, transposing: .left, into: dK)
            }
        }
    }

    private func split(_ qkv: Matrix, head: Int) -> (q: Matrix, k: Matrix, v: Matrix) {
        func part(_ index: Int) -> Matrix {
            let start = index * width + head * headWidth
            return qkv.columns(start..<start + headWidth)
        }
        return (part(0), part(1), part(2))
    }
}
