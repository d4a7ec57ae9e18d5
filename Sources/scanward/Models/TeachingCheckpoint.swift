import Foundation
import Inspection
import NeuralNetwork

/// Where a teaching stands, beside the folder that it will make: an interrupted one goes on from there, to the same bits.
struct TeachingCheckpoint {
    let url: URL
    /// Digest of everything that the result depends on: a checkpoint of another teaching is not gone on from.
    private let key: String

    private static let keyName = "teaching", stepsName = "steps"

    /// - Parameters:
    ///   - folder: where the model will be written.
    ///   - inputs: SHA-256 of the backbone and of each good part, in their order.
    init(for folder: URL, inputs: [String], options: TeachingOptions) throws {
        url = folder.deletingLastPathComponent().appending(path: ".\(folder.lastPathComponent).teaching.safetensors")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let settings = String(decoding: try encoder.encode(options), as: UTF8.self)
        let text = [Version.string, MatrixProduct.library, settings] + inputs
        key = sha256([UInt8](text.joined(separator: "\n").utf8))
    }

    /// What an interrupted teaching of the same left; says so where there is one that is of no use.
    func load() -> SafeTensors? {
        guard let bytes = try? Data(contentsOf: url) else { return nil }
        guard let tensors = try? SafeTensors(decoding: [UInt8](bytes)), tensors.metadata[Self.keyName] == key else {
            Terminal.error("\(url.path) is of another teaching: beginning anew")
            return nil
        }
        Terminal.error("going on after step \(tensors.metadata[Self.stepsName] ?? "?") of an interrupted teaching")
        return tensors
    }

    /// Losing a checkpoint must not end a teaching: a file that cannot be written is told once in the log.
    func save(_ tensors: SafeTensors) {
        var tensors = tensors
        tensors.metadata[Self.keyName] = key
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(tensors.encoded(as: .float32)).write(to: url, options: .atomic)
        } catch {
            Terminal.error("no checkpoint at \(url.path): \(error.localizedDescription)")
        }
    }

    func remove() { try? FileManager.default.removeItem(at: url) }
}
