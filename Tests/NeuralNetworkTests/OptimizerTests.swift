import SeededRandom
import NeuralNetwork
import ParallelLoops
import Testing

struct OptimizerTests {
    /// Against the formula in double precision. (PyTorch's own steps: NetworkReferenceTests.)
    @Test func adamW() {
        var layout = ParameterLayout()
        let decayed = layout.add("weight", [3, 4], .decayed), plain = layout.add("bias", [4], .undecayed)
        let buffer = layout.add("running", [4], .buffer)
        let parameters = ParameterVector(layout)
        parameters.flat.copy(from: randomMatrix(1, layout.count, seed: 1))
        let start = parameters.flat.elements
        var expected = start.map(Double.init), m = expected.map { _ in 0.0 }, v = m
        var optimizer = AdamW(layout)
        for step in 1...5 {
            let gradients = ParameterVector(layout)
            gradients.flat.copy(from: randomMatrix(1, layout.count, seed: UInt64(step + 10)))
            optimizer.step(parameters, gradients: gradients, rate: 0.01, workers: Workers(count: 2))
            for (index, g) in gradients.flat.elements.map(Double.init).enumerated() where index < 16 {
                m[index] = 0.9 * m[index] + 0.1 * g
                v[index] = 0.999 * v[index] + 0.001 * g * g
                if index < 12 { expected[index] *= 1 - 0.01 * 0.05 }
                let (c1, c2) = (1 - power(0.9, step), 1 - power(0.999, step))
                expected[index] -= 0.01 / c1 * m[index] / ((v[index] / c2).squareRoot() + 1e-8)
            }
        }
        #expect(optimizer.steps == 5)
        #expect(layout.learnedCount == 16)
        for (found, value) in zip(parameters.flat.elements, expected) { #expect(abs(Double(found) - value) < 1e-6) }
        #expect(parameters[buffer].elements == Array(start[16...]))
        #expect(parameters[decayed].rows == 3 && parameters[plain].columns == 4)
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { result, _ in result * base }
    }

    @Test func cosineSchedule() {
        let schedule = CosineSchedule(peak: 1, final: 0.1, warmUp: 4, steps: 104)
        #expect((0..<4).map { schedule.rate(at: $0) } == [0.2, 0.4, 0.6, 0.8])
        #expect(schedule.rate(at: 4) == 1)
        #expect(abs(schedule.rate(at: 54) - 0.55) < 1e-6)
        #expect(abs(schedule.rate(at: 104) - 0.1) < 1e-6)
        #expect(schedule.rate(at: 500) == schedule.rate(at: 104))
    }

    @Test func stochasticDepth() {
        var random = SplitMix64(seed: 4)
        #expect(StochasticDepth.factors(rate: 0, samples: 3, using: &random) == nil)
        let factors = StochasticDepth.factors(rate: 0.25, samples: 4000, using: &random) ?? []
        #expect(Set(factors) == [0, 1 / 0.75])
        #expect(abs(factors.reduce(0, +) / 4000 - 1) < 0.03)
    }

    /// The first outputs for seed 1234567, as published with the reference implementation's test vectors.
    @Test func splitMix64() {
        var random = SplitMix64(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
        #expect(random.next() == 9_817_491_932_198_370_423)
    }
}
