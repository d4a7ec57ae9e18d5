import Foundation
import NeuralNetwork
import ParallelLoops
import SeededRandom
import Testing

/// Held to `torch.nn.utils.clip_grad_norm_` and AdamW with a group at a share of the rate, in float64
/// (tools/reference/clipping_reference.py; the version stands in the file).
struct GradientClippingTests {
    private struct Fixture: Decodable {
        struct Run: Decodable {
            let maximum: Float
            let norms: [Double]
            let parameters: [String: [Double]]
        }

        let rate, head_rate, decay: Float
        let shapes: [String: [Int]]
        let runs: [Run]
    }

    private func fixture() throws -> Fixture {
        let file = try #require(
            Bundle.module.url(forResource: "clipping", withExtension: "json", subdirectory: "Fixtures"))
        return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    }

    /// As `filled` of the script: SplitMix64 seeded with the FNV-1a hash of the name, 24 bits, uniform in [-1, 1).
    private func filled(_ name: String, _ count: Int) -> [Float] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var random = SplitMix64(seed: hash)
        return (0..<count).map { _ in Float(random.next() >> 40) * 0x1p-23 - 1 }
    }

    @Test(arguments: [1, 2]) func stepsAsPyTorch(threads: Int) throws {
        let fixture = try fixture(), workers = Workers(count: threads)
        var options = AdamW.Options()
        options.decay = fixture.decay
        let headRate = fixture.head_rate
        for run in fixture.runs {
            var layout = ParameterLayout()
            for (name, shape) in fixture.shapes.sorted(by: { $0.key < $1.key }) {
                _ = layout.add(name, shape, shape.count > 1 ? .decayed : .undecayed)
            }
            // Not learned: neither in the norm nor scaled.
            let buffer = layout.add("running", [3], .buffer)
            func vector(_ suffix: String, _ factor: Float) -> ParameterVector {
                let vector = ParameterVector(layout)
                for entry in layout.entries where entry.role != .buffer {
                    vector[entry].copy(
                        from: Matrix(
                            filled(entry.name + suffix, entry.count).map { $0 * factor }, rows: vector[entry].rows,
                            columns: vector[entry].columns))
                }
                return vector
            }
            let parameters = vector("", 1)
            var optimizer = AdamW(layout, options: options)
            for (step, norm) in run.norms.enumerated() {
                let gradients = vector("/\(step)", [0.1, 1, 10][step % 3])
                gradients[buffer].copy(from: Matrix([7, 8, 9], rows: 1, columns: 3))
                #expect(abs(gradients.learnedNorm(workers: workers) - norm) < 1e-6 * norm)
                gradients.limitNorm(to: run.maximum, workers: workers)
                #expect(gradients[buffer].elements == [7, 8, 9])
                optimizer.step(parameters, gradients: gradients, rate: fixture.rate, workers: workers) { entry in
                    entry.name.hasPrefix("head.") ? headRate : 1
                }
            }
            for entry in layout.entries where entry.role != .buffer {
                let expected = try #require(run.parameters[entry.name])
                for (found, value) in zip(parameters[entry].elements, expected) {
                    #expect(abs(Double(found) - value) < 1e-6, "\(entry.name), limit \(run.maximum)")
                }
            }
        }
    }

    @Test func shortGradientsStayToTheBit() {
        var layout = ParameterLayout()
        _ = layout.add("weight", [50, 3], .decayed)
        let gradients = ParameterVector(layout)
        gradients.flat.copy(from: randomMatrix(1, layout.count, seed: 3))
        let before = gradients.flat.elements
        gradients.limitNorm(to: 100, workers: .one)
        #expect(abs(gradients.learnedNorm(workers: .one) - dot(before, before).squareRoot()) < 1e-5)
        #expect(gradients.flat.elements == before)
    }
}
