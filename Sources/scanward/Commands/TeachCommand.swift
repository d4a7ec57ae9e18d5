import ArgumentParser
import Foundation
import IMRNet
import Inspection
import ParallelLoops

struct TeachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teach",
        abstract: "Makes a model of a part type from good parts.",
        discussion: """
            Fits the template, fine-tunes the network on the good parts, and calibrates the threshold from them alone.
            Four good parts suffice, in any pose, in millimetres.
            """)

    @Option(help: "Name of the part type, as scanners send it in part_type.")
    var type: String

    @Option(help: ArgumentHelp("Folder to write the model to (default: models/TYPE).", valueName: "folder"))
    var out: String?

    @Option(help: "Backbone to start from (safetensors).")
    var backbone = Backbone.defaultPath

    @Option(help: "Fine-tuning steps; 0 keeps the backbone as it is.")
    var steps = 300

    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64 = 2024

    @Option(help: "Threads (default: all cores).")
    var threads: Int?

    @Flag(help: "Replace a model that is already there.")
    var replace = false

    @Argument(help: ArgumentHelp("Scans of good parts, or folders of them.", valueName: "good"))
    var good: [String]

    func validate() throws {
        guard steps >= 0 else { throw ValidationError("--steps: expected 0 or more, found \(steps)") }
        guard threads.map({ $0 > 0 }) ?? true else { throw ValidationError("--threads: expected 1 or more") }
    }

    func run() async throws {
        try await reportingFailures { try teach() }
    }

    private func teach() throws {
        let folder = URL(filePath: out ?? "models/\(type)")
        try ModelFolder.checkDestination(folder, replacing: replace)
        let clouds = try CloudFiles.expand(good).map(CloudFiles.load)
        let (network, backboneSource) = try Backbone.read(backbone)
        var options = TeachingOptions()
        options.steps = steps
        options.seed = seed
        let display = TeachingDisplay(partType: type)
        let result: Teaching.Result
        do {
            result = try Teaching.teach(
                type, from: clouds.map(\.points), backbone: network, options: options,
                workers: threads.map(Workers.init(count:)) ?? .all, progress: display.show)
        } catch {
            throw Failure("teaching \(type) stopped: \(error)")
        }
        let manifest = ModelManifest(
            name: type, version: "1", partType: type, created: ISO8601DateFormatter().string(from: Date()),
            scanward: Version.string, backbone: backboneSource,
            goodParts: clouds.map { .init(name: $0.url.lastPathComponent, sha256: $0.sha256, points: $0.points.count) },
            seed: seed, fineTuning: result.report, threshold: result.model.calibration.threshold, files: [:])
        try ModelFolder.write(result.model, manifest: manifest, to: folder)
        display.finish(result, folder: folder.path)
    }
}
