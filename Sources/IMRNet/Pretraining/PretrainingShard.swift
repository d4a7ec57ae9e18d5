import Foundation
public import NeuralNetwork

/// Prepared samples in a file, for a machine with a GPU: the same as `PretrainingSamples` gives them, number by number.
///
/// Safetensors with `patches` [n, G, K, 3] relative to their centres (float16 or float32), `centers` [n, G, 3] and
/// `masked` [n, M], patch indices in ascending order (both float32). The metadata's `schema` names the format.
public struct PretrainingShard: Sendable {
    public static let schema = "scanward-pretraining/1"

    public let samples: [TrainingSample]
    /// The first sample's number; 0 in a file of validation samples.
    public let first: Int
    /// What else the metadata tells: settings, shapes.
    public let metadata: [String: String]

    public init(_ samples: [TrainingSample], first: Int, metadata: [String: String] = [:]) {
        precondition(!samples.isEmpty)
        self.samples = samples
        self.first = first
        self.metadata = metadata
    }

    /// The file's bytes.
    ///
    /// - Parameter type: of the patches' coordinates; centres and masks are always float32.
    /// - Precondition: all samples have the same shape.
    public func encoded(as type: SafeTensors.DataType) -> [UInt8] {
        let patches = samples[0].centers.count, masked = samples[0].masked.count, count = samples.count
        let points = samples[0].coordinates.count / (3 * patches)
        var tensors = SafeTensors(metadata: metadata)
        tensors.tensors["patches"] = .init(
            shape: [count, patches, points, 3], values: samples.flatMap(\.coordinates))
        tensors.tensors["centers"] = .init(
            shape: [count, patches, 3], values: samples.flatMap { $0.centers.flatMap { [$0.x, $0.y, $0.z] } })
        tensors.tensors["masked"] = .init(
            shape: [count, masked], values: samples.flatMap { $0.masked.map { Float($0) } })
        tensors.metadata["schema"] = Self.schema
        tensors.metadata["first"] = String(first)
        return tensors.encoded(as: type, except: ["centers": .float32, "masked": .float32])
    }

    /// - Throws: `PretrainingError` or `NeuralNetworkError` with a sentence that names what is not as it should be.
    public init(decoding bytes: [UInt8]) throws {
        let tensors = try SafeTensors(decoding: bytes)
        guard tensors.metadata["schema"] == Self.schema, let first = tensors.metadata["first"].flatMap({ Int($0) })
        else {
            throw PretrainingError(
                .shard,
                "expected prepared samples of the schema \(Self.schema), found "
                    + "\(tensors.metadata["schema"] ?? "a file without one"): write them with `scanward pretrain-data`")
        }
        func tensor(_ name: String, dimensions: Int) throws -> SafeTensors.Tensor {
            guard let tensor = tensors.tensors[name], tensor.shape.count == dimensions,
                tensor.values.allSatisfy(\.isFinite)
            else {
                throw PretrainingError(.shard, "expected finite numbers of \(dimensions) dimensions in '\(name)'")
            }
            return tensor
        }
        let patches = try tensor("patches", dimensions: 4), centers = try tensor("centers", dimensions: 3)
        let masked = try tensor("masked", dimensions: 2)
        let (count, groups, hidden) = (patches.shape[0], patches.shape[1], masked.shape[1])
        guard count > 0, centers.shape == [count, groups, 3], masked.shape[0] == count, patches.shape[3] == 3,
            0 < hidden, hidden < groups
        else {
            throw PretrainingError(
                .shard,
                "expected patches [n, G, K, 3], centers [n, G, 3] and masked [n, M] with M below G, found "
                    + "\(patches.shape), \(centers.shape) and \(masked.shape)")
        }
        let length = patches.shape[2] * 3
        self.init(
            try (0..<count).map { number in
                let indices = masked.values[number * hidden..<(number + 1) * hidden].map { Int(exactly: $0) ?? -1 }
                guard Set(indices).count == hidden, indices.allSatisfy({ 0 <= $0 && $0 < groups }) else {
                    throw PretrainingError(
                        .shard,
                        "expected \(hidden) different patch indices below \(groups) in 'masked' of sample \(number)")
                }
                return TrainingSample(
                    coordinates: Array(patches.values[number * groups * length..<(number + 1) * groups * length]),
                    centers: (number * groups..<(number + 1) * groups).map {
                        SIMD3(centers.values[3 * $0], centers.values[3 * $0 + 1], centers.values[3 * $0 + 2])
                    }, visible: MaskSchedule.visible(count: groups, masked: indices), masked: indices)
            }, first: first, metadata: tensors.metadata)
    }
}
