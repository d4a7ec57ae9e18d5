public import ParallelLoops

extension ParameterVector {
    /// Scales the learned values down so that their common l2 norm is at most `limit`, as PyTorch's `clip_grad_norm_`
    /// does; buffers stay. An infinite limit costs nothing.
    ///
    /// - Complexity: O(values); the same bits on any number of threads.
    public func limitNorm(to limit: Float, workers: Workers) {
        guard limit.isFinite else { return }
        let norm = learnedNorm(workers: workers)
        let factor = Double(limit) / (norm + 1e-6)
        guard norm.isFinite, factor < 1 else { return }
        let values = flat
        workers.run(over: layout.learnedCount, by: Self.chunk) { range in
            for index in range { values.base[index] *= Float(factor) }
        }
    }

    /// l2 norm of the learned values, summed in double precision over fixed chunks.
    public func learnedNorm(workers: Workers) -> Double {
        let total = layout.learnedCount, values = flat
        var sums = [Double](repeating: 0, count: (total + Self.chunk - 1) / Self.chunk)
        sums.withUnsafeMutableBufferPointer { buffer in
            let target = DisjointWrites(buffer)
            workers.run(over: total, by: Self.chunk) { range in
                // Eight sums side by side: one alone waits for itself at every addition.
                var lanes = SIMD8<Double>.zero
                var index = range.lowerBound
                while index + 8 <= range.upperBound {
                    var next = SIMD8<Float>.zero
                    for lane in 0..<8 { next[lane] = values.base[index + lane] }
                    let wide = SIMD8<Double>(next)
                    lanes += wide * wide
                    index += 8
                }
                var sum = lanes.sum()
                for rest in index..<range.upperBound { sum += Double(values.base[rest]) * Double(values.base[rest]) }
                target[range.lowerBound / Self.chunk] = sum
            }
        }
        return sums.reduce(0, +).squareRoot()
    }

    private static let chunk = 1 << 16
}
