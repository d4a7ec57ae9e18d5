import SeededRandom
import Foundation
import NeuralNetwork
import PointClouds
import Testing

@testable import IMRNet

/// The reference values that tools/reference/network_reference.py made with PyTorch in float64.
struct Reference: Decodable {
    let versions: [String: String]
    let inference: [Inference]
    let training: [Training]

    struct Inference: Decodable {
        let size: String
        let patches: Int
        let loss: Double
        let predicted, tokens, features: Summary
    }

    struct Training: Decodable {
        let size: String
        let batch, patches: Int
        let rate: Double
        let losses: [Double]
        let gradients, running, parameters: [String: Summary]
    }

    /// An array by its norm, its sum, its product with a fixed random vector, and elements at even distances.
    struct Summary: Decodable {
        let count: Int
        let norm, sum, product: Double
        let samples: [Double]
    }

    static func load() throws -> Reference {
        let file = try #require(
            Bundle.module.url(forResource: "network", withExtension: "json", subdirectory: "Fixtures"))
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    }
}

extension Reference.Summary {
    /// The largest of the four deviations, each as a share of what it would be were the two arrays unrelated.
    func deviation(of values: [Float], name: String) -> Double {
        guard values.count == count else { return .infinity }
        let random = Filling.values(name: "product." + name, count: count)
        var squares = 0.0, total = 0.0, dot = 0.0
        for (value, factor) in zip(values, random) {
            squares += Double(value) * Double(value)
            total += Double(value)
            dot += Double(value) * Double(factor)
        }
        let scale = max(norm, 1e-12)
        let element = scale / Double(count).squareRoot()
        var largest = max(
            abs(squares.squareRoot() - norm) / scale, abs(total - sum) / (scale * Double(count).squareRoot()),
            abs(dot - product) / scale)
        for (index, sample) in samples.enumerated() {
            let value = Double(values[index * count / samples.count])
            largest = max(largest, abs(value - sample) / max(abs(sample), element))
        }
        return largest
    }

    /// The largest absolute deviation of the sampled elements.
    func absoluteDeviation(of values: [Float]) -> Double {
        samples.enumerated().map { abs(Double(values[$0.offset * count / samples.count]) - $0.element) }.max() ?? 0
    }
}

/// Weights and inputs from a formula, the same as in the script: SplitMix64 seeded with the FNV-1a hash of a name.
enum Filling {
    /// Uniform in [-1, 1).
    static func values(name: String, count: Int) -> [Float] {
        var random = SplitMix64(seed: name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
        return (0..<count).map { _ in Float(random.next() >> 40) * 0x1p-23 - 1 }
    }

    static func tensors(_ configuration: NetworkConfiguration) -> SafeTensors {
        var result = SafeTensors()
        for entry in NetworkArchitecture(configuration).layout.entries {
            let values = values(name: entry.name, count: entry.count).map { value -> Float in
                if entry.shape.count == 2 { return value * Float(1.5 / Double(entry.shape[1]).squareRoot()) }
                if entry.name.hasSuffix("running_var") { return 1 + 0.5 * value }
                if entry.name.contains("norm"), entry.name.hasSuffix("weight") { return 1 + 0.25 * value }
                return value * 0.1
            }
            result.tensors[entry.name] = SafeTensors.Tensor(shape: entry.shape, values: values)
        }
        return result
    }

    static func network(_ size: NetworkSize) throws -> ReconstructionNetwork {
        let configuration = NetworkConfiguration(size)
        return try ReconstructionNetwork(configuration, tensors: tensors(configuration))
    }

    static func samples(batch: Int, patches: Int) -> [TrainingSample] {
        (0..<batch).map { sample in
            let keys = values(name: "order.\(sample)", count: patches)
            let order = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
            let masked = Int(0.4 * Double(patches))
            let flat = values(name: "centers.\(sample)", count: patches * 3)
            return TrainingSample(
                coordinates: values(name: "patches.\(sample)", count: patches * 192).map { $0 * 0.125 },
                centers: (0..<patches).map { SIMD3(flat[3 * $0], flat[3 * $0 + 1], flat[3 * $0 + 2]) },
                visible: order[masked...].sorted(), masked: order[..<masked].sorted())
        }
    }
}
