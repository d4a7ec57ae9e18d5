import Foundation
import NeuralNetwork
import Testing

@testable import IMRNet

/// The import of Point-MAE's published checkpoint, on a state dict of its names and shapes.
struct PointMAECheckpointTests {
    /// Of tools/reference/point_mae_reference.py.
    struct Published: Decodable {
        /// Of the state dict with the published head for 32 points.
        let shapes: [String: [Int]]
        let patches: Int
        /// With a head for 64 points.
        let predicted: Reference.Summary

        static func load() throws -> Published {
            let file = try #require(
                Bundle.module.url(forResource: "point_mae", withExtension: "json", subdirectory: "Fixtures"))
            return try JSONDecoder().decode(Published.self, from: Data(contentsOf: file))
        }
    }

    private func stateDict(headPoints: Int) throws -> SafeTensors {
        var result = SafeTensors()
        for (name, published) in try Published.load().shapes where !name.hasSuffix("num_batches_tracked") {
            var shape = published
            if name.hasPrefix("increase_dim") { shape[0] = headPoints * 3 }
            let inputs = name == "mask_token" ? nil : shape.dropFirst().first { $0 != 1 }
            let values = Filling.values(name: name, count: shape.reduce(1, *)).map { value -> Float in
                if let inputs { return value * Float(1.5 / Double(inputs).squareRoot()) }
                if name.hasSuffix("running_var") { return 1 + 0.5 * value }
                return name.hasSuffix("weight") ? 1 + 0.25 * value : value * 0.1
            }
            result.tensors[name] = .init(shape: shape, values: values)
        }
        return result
    }

    @Test func predictsAsThePublishedNetwork() throws {
        let reference = try Published.load()
        let imported = try PointMAECheckpoint.network(stateDict(headPoints: 64), seed: 1)
        #expect(imported.replacedHead == nil)
        let sample = Filling.samples(batch: 1, patches: reference.patches)[0]
        let predicted = imported.network.predict(
            patches: sample.coordinates, centers: sample.centers, visible: sample.visible, masked: sample.masked)
        #expect(reference.predicted.deviation(of: predicted, name: "predicted") < 1e-5)
        #expect(reference.predicted.absoluteDeviation(of: predicted) < 1e-5)
    }

    @Test func replacesThePublishedHeadAndKeepsAllElse() throws {
        // As several cards name them.
        let file = try stateDict(headPoints: 32)
        var prefixed = SafeTensors()
        for (name, tensor) in file.tensors { prefixed.tensors["module." + name] = tensor }
        let imported = try PointMAECheckpoint.network(prefixed, seed: 7)
        #expect(imported.replacedHead == 32)
        #expect(imported.network.parameterCount == 29_043_392)
        let ours = imported.network.tensors.tensors
        for (name, tensor) in ours where !name.hasPrefix("head.") {
            #expect(tensor.values == file.tensors[PointMAECheckpoint.name(of: name)]?.values, "\(name)")
        }
        let head = try #require(ours["head.weight"])
        #expect(head.shape == [192, 384])
        #expect(try #require(ours["head.bias"]).values.allSatisfy { $0 == 0 })
        var squares = 0.0
        for value in head.values { squares += Double(value) * Double(value) }
        let deviation = (squares / Double(head.values.count)).squareRoot()
        #expect(abs(deviation - 0.002) < 2e-5)
        #expect(try PointMAECheckpoint.network(file, seed: 7).network.tensors == imported.network.tensors)
        #expect(try PointMAECheckpoint.network(file, seed: 8).network.tensors != imported.network.tensors)
    }

    /// Every refusal names its tensor.
    @Test func refusals() throws {
        let good = try stateDict(headPoints: 32)
        func refusal(_ name: String, _ change: (inout SafeTensors) -> Void) throws -> String {
            var file = good
            change(&file)
            let error = #expect(throws: NeuralNetworkError.self) { try PointMAECheckpoint.network(file, seed: 1) }
            let message = try #require(error).message
            #expect(message.contains("'\(name)'"), "\(message)")
            return message
        }
        let projection = "MAE_encoder.blocks.blocks.7.attn.proj.weight"
        #expect(try refusal(projection) { $0.tensors[projection] = nil }.contains("found none"))
        let wrong = try refusal(projection) {
            $0.tensors[projection] = .init(shape: [384, 192], values: [Float](repeating: 0, count: 384 * 192))
        }
        #expect(wrong.contains("[384, 384]") && wrong.contains("[384, 192]"))
        let mean = "MAE_encoder.encoder.second_conv.1.running_mean"
        _ = try refusal(mean) { $0.tensors[mean] = .init(shape: [512], values: [Float](repeating: .nan, count: 512)) }
        let variance = "MAE_encoder.encoder.first_conv.1.running_var"
        _ = try refusal(variance) {
            $0.tensors[variance] = .init(shape: [128], values: [Float](repeating: -1, count: 128))
        }
        _ = try refusal("cls_head_finetune.0.weight") {
            $0.tensors["cls_head_finetune.0.weight"] = .init(shape: [1], values: [0])
        }
        _ = try refusal("increase_dim.0.bias") {
            $0.tensors["increase_dim.0.bias"] = .init(shape: [192], values: [Float](repeating: 0, count: 192))
        }
        _ = try refusal("increase_dim.0.weight") {
            $0.tensors["increase_dim.0.weight"] = .init(
                shape: [97, 384, 1], values: [Float](repeating: 0, count: 97 * 384))
        }
    }
}
