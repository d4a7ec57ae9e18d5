import Foundation
import NeuralNetwork

/// Seconds of a run, by the clock on the wall and of processor time of all threads together.
struct Timing {
    var wall: Double
    var cpu: Double

    static func of(_ body: () -> Void) -> Timing {
        let wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        body()
        return Timing(wall: seconds(CLOCK_MONOTONIC) - wall, cpu: seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    }

    /// The median of each of the two.
    static func median(of timings: [Timing]) -> Timing {
        func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        return Timing(wall: middle(timings.map(\.wall)), cpu: middle(timings.map(\.cpu)))
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// The machine's speed in single-precision matrix products on one thread: OpenBLAS on square matrices that fit the caches.
struct ProductPeak {
    private let matrices: [(a: Matrix, b: Matrix, result: Matrix)]

    init() {
        matrices = [384, 512, 768].map { side in
            let a = Matrix(repeating: 0.5, rows: side, columns: side)
            return (a, a, Matrix(repeating: 0, rows: side, columns: side))
        }
    }

    /// Operations a second: the best of the sizes, in processor time.
    func measure() -> Double {
        matrices.map { a, b, result in
            let count = 2.0 * Double(a.rows * a.rows * a.rows)
            let best = (0..<4).map { _ in Timing.of { MatrixProduct.multiply(a, b, into: result) }.cpu }.min() ?? 0
            return count / best
        }.max() ?? 0
    }
}
