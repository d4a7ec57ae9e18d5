import SeededRandom
import NeuralNetwork
import Testing

/// Uniform in [-1, 1), from a seed.
func randomMatrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    Matrix(randomValues(rows * columns, seed: seed), rows: rows, columns: columns)
}

func randomValues(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in 2 * random.uniform() - 1 }
}

func dot(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

/// Holds `gradient` to central differences of `function` along random directions.
func expectGradient(
    _ gradient: [Float], of function: ([Float]) -> Double, at point: [Float], step: Float = 2e-3,
    tolerance: Double = 2e-3, sourceLocation: SourceLocation = #_sourceLocation
) {
    let norm = dot(gradient, gradient).squareRoot()
    for seed in 0..<4 {
        let direction = randomValues(point.count, seed: 900 + UInt64(seed))
        let ahead = zip(point, direction).map { $0 + step * $1 }
        let behind = zip(point, direction).map { $0 - step * $1 }
        // The step that rounding has left.
        let moved = zip(ahead, behind).map { ($0 - $1) / (2 * step) }
        let numeric = (function(ahead) - function(behind)) / (2 * Double(step))
        let analytic = dot(gradient, moved)
        #expect(
            abs(numeric - analytic) < tolerance * max(norm, abs(numeric)), "numeric \(numeric), analytic \(analytic)",
            sourceLocation: sourceLocation)
    }
}

func maximumDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).map { abs($0 - $1) }.max() ?? 0
}
