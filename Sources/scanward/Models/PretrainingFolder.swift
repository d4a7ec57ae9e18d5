import Foundation
import HeatMaps
import IMRNet
import NeuralNetwork

/// The folder of a pretraining: checkpoint while it runs; weights, manifest and loss curve whenever it stops.
struct PretrainingFolder {
    static let weightsName = "backbone.safetensors", checkpointName = "checkpoint.safetensors"
    static let manifestName = "manifest.json", curveName = "curve.csv", pictureName = "curve.png"

    let url: URL

    /// - Throws: where a run lies there already and is not to be resumed, or none is there to resume.
    init(_ path: String, resuming: Bool) throws {
        url = URL(filePath: path)
        let hasRun = FileManager.default.fileExists(atPath: url.appending(path: Self.checkpointName).path)
        guard resuming || !hasRun else {
            throw Failure(
                "\(path) holds the checkpoint of a run: go on with --resume, or name another folder with --out")
        }
        guard !resuming || hasRun else {
            throw Failure("expected a checkpoint in \(path) to resume from, found none: begin without --resume")
        }
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw Failure("\(path) cannot be made: \(error.localizedDescription)")
        }
    }

    func checkpoint() throws -> SafeTensors {
        let file = url.appending(path: Self.checkpointName)
        let bytes = try fileBytes(file.path)
        do {
            var limits = SafeTensors.Limits()
            // The curve of a long run lies in the metadata.
            limits.headerBytes = 64 << 20
            return try SafeTensors(decoding: bytes, limits: limits)
        } catch {
            throw Failure("\(file.path): \(error)")
        }
    }

    func save(_ checkpoint: SafeTensors) throws { try write(checkpoint.encoded(), Self.checkpointName) }

    /// Weights, curve and manifest; the manifest last, as it names the others' digests.
    func finish(_ outcome: Pretraining.Outcome, _ manifest: PretrainingManifest, precision: Precision) throws {
        var manifest = manifest, files: [String: [UInt8]] = [:]
        var weights = outcome.network.tensors
        weights.metadata = manifest.facts
        files[Self.weightsName] = weights.encoded(as: precision == .float16 ? .float16 : .float32)
        files[Self.curveName] = Array(outcome.curve.csv.utf8)
        files[Self.pictureName] = LossCurvePicture.png(
            outcome.curve.points.map { .init(step: $0.step, training: $0.training, validation: $0.validation) })
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
            try write(bytes, name)
            manifest.files[name] = .init(sha256: sha256(bytes), bytes: bytes.count)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        try write([UInt8](try encoder.encode(manifest)), Self.manifestName)
    }

    /// Through a file of another name, so that being stopped in the middle leaves the old one.
    private func write(_ bytes: [UInt8], _ name: String) throws {
        let file = url.appending(path: name)
        do {
            try Data(bytes).write(to: file, options: .atomic)
        } catch {
            throw Failure("\(file.path) cannot be written: \(error.localizedDescription)")
        }
    }
}
