public import ArgumentParser
public import IMRNet
import ParallelLoops

/// What `pretrain` and `pretrain-data` have in common: the shapes, and how samples are made of them.
struct ShapeOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Meshes (.obj, .stl, .ply) or point clouds (.ply, .pcd, .xyz, .csv), or folders of them, searched to any depth.",
            valueName: "meshes"))
    var meshes: [String]

    @Option(help: "Points sampled on a surface.")
    var points = 8192

    @Option(help: "Share of the patches that are masked.")
    var maskRatio: Float = 0.4

    @Option(help: "Share of the shapes that are held out, by a hash of their names.")
    var heldOut = 0.05

    @Option(help: "Most held-out shapes that are looked at in a validation.")
    var validationShapes = 128

    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64 = 1

    @Option(help: "Threads (default: all cores).")
    var threads: Int?

    var workers: Workers { threads.map(Workers.init(count:)) ?? .all }

    func validate() throws {
        guard points >= 256 else { throw ValidationError("--points: expected at least 256, found \(points)") }
        guard maskRatio > 0, maskRatio < 1 else {
            throw ValidationError("--mask-ratio: expected a number between 0 and 1, found \(maskRatio)")
        }
        guard heldOut >= 0, heldOut < 1 else {
            throw ValidationError("--held-out: expected a share from 0 to below 1, found \(heldOut)")
        }
        guard validationShapes > 0 else { throw ValidationError("--validation-shapes: expected 1 or more") }
        guard threads.map({ $0 > 0 }) ?? true else { throw ValidationError("--threads: expected 1 or more") }
    }

    /// Reads the shapes, tells what was set aside, and splits them.
    func samples() throws -> (PretrainingSamples, ShapeFiles.Read) {
        var options = PretrainingSamples.Options()
        options.points = points
        options.maskRatio = maskRatio
        options.heldOut = heldOut
        options.validationShapes = validationShapes
        options.seed = seed
        let read = try ShapeFiles.read(meshes, workers: workers)
        for (_, reason) in read.skipped.prefix(10) { Terminal.error("set aside: \(printable(reason))") }
        if read.skipped.count > 10 { Terminal.error("set aside: \(read.skipped.count - 10) more") }
        do {
            let samples = try PretrainingSamples(read.shapes, options: options)
            Terminal.error(
                "\(samples.training.count) shapes to train on, \(samples.heldOut.count) held out, "
                    + "\(read.skipped.count) set aside")
            return (samples, read)
        } catch {
            throw Failure("\(error)")
        }
    }
}

extension NetworkSize: ExpressibleByArgument {}

/// How weights and samples are stored.
enum Precision: String, ExpressibleByArgument, CaseIterable {
    case float16, float32
}
