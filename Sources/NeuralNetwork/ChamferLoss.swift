import CKernels
public import ParallelLoops

/// l2 Chamfer distance of patches (eq. 12): the mean over points of the squared distance to the nearest point of the
/// other patch, both directions added.
public enum ChamferLoss {
    /// One distance for each patch. `a` and `b` have the shape [patches, points * 3], x y z interleaved.
    public static func distances(_ a: Matrix, _ b: Matrix, workers: Workers) -> [Float] {
        evaluate(a, b, gradient: nil, workers: workers)
    }

    /// The mean over all patches, and its gradient by `predicted` for the nearest neighbours as they are.
    public static func forward(
        predicted: Matrix, target: Matrix, gradient: Matrix, workers: Workers
    ) -> Float {
        mean(evaluate(predicted, target, gradient: gradient, workers: workers))
    }

    static func mean(_ values: [Float]) -> Float {
        guard !values.isEmpty else { return 0 }
        return Float(values.reduce(0.0) { $0 + Double($1) } / Double(values.count))
    }

    private static func evaluate(_ a: Matrix, _ b: Matrix, gradient: Matrix?, workers: Workers) -> [Float] {
        precondition(a.rows == b.rows && a.columns == b.columns && a.columns % 3 == 0)
        let points = a.columns / 3, patches = a.rows
        let result = Matrix(rows: 1, columns: patches)
        workers.run(over: patches, by: 16) { range in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: points) { nearest in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: points) { squared in
                    guard let index = nearest.baseAddress, let distance = squared.baseAddress else { return }
                    for patch in range {
                        let from = a.base + patch * a.stride, to = b.base + patch * b.stride
                        let slope = gradient.map { $0.base + patch * $0.stride }
                        // d/da of |a - b|²: 2 (a - b) at a, whichever of the two points looked for the other.
                        let factor = 2 / Float(points * patches)
                        nn_nearest(from, points, to, points, index, distance)
                        var sum: Float = 0
                        for i in 0..<points { sum += distance[i] }
                        if let slope {
                            for i in 0..<points {
                                let j = Int(index[i])
                                for d in 0..<3 { slope[3 * i + d] = factor * (from[3 * i + d] - to[3 * j + d]) }
                            }
                        }
                        nn_nearest(to, points, from, points, index, distance)
                        for j in 0..<points { sum += distance[j] }
                        if let slope {
                            for j in 0..<points {
                                let i = Int(index[j])
                                for d in 0..<3 { slope[3 * i + d] += factor * (from[3 * i + d] - to[3 * j + d]) }
                            }
                        }
                        result[0, patch] = sum / Float(points)
                    }
                }
            }
        }
        return result.elements
    }
}
