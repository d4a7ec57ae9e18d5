public import AnomalySynthesis
public import ArgumentParser
import Foundation
import ParallelLoops
import PointCloudFiles

struct SynthesizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synthesize",
        abstract: "Makes a benchmark out of good meshes: scans of good and of defective parts, with labels.",
        discussion: """
            Writes the layout of Anomaly-ShapeNet v2 to DIR/pcd, each defect's kind, place, size and depth to DIR/manifest.json, and
            pictures of a sample of each kind to DIR/contact-sheet.png. Classes that are finished already are kept.
            """)

    @Argument(
        help: ArgumentHelp(
            "Meshes (.obj, .stl, .ply), folders of them, or NAME=MESH; a class is named after its file.",
            valueName: "meshes"))
    var meshes: [String]

    @Option(help: ArgumentHelp("Folder to write to.", valueName: "folder"))
    var out: String

    @Option(help: "Sizes and depths of the defects: standard or hard.")
    var draw = DefectDraw.standard

    @Option(help: "uniform, lines or single-view.")
    var scanner = ScannerStyle.uniform

    @Option(help: "How parts lie: fixed, tilted (by at most 10 degrees) or any.")
    var pose = PoseStyle.fixed

    @Option(help: "With --pose any: the share of the samples that lie so; the others are tilted.")
    var anyShare = 1.0

    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Only these classes, separated by commas.", valueName: "names"))
    var classes: String?

    @Option(help: "Points of a scan: a number, or a range to draw from for each class, such as 8000-30000.")
    var points = "8000-30000"

    @Option(help: "Diagonal of a part's box, mm: a number or a range.")
    var diagonal = "120-260"

    @Option(help: "Good parts in a class's test folder: a number or a range.")
    var good = "13-17"

    @Option(help: "Defective parts in a class's test folder: a number or a range.")
    var defects = "16-21"

    @Option(help: "Threads (default: all cores).")
    var threads: Int?

    @Flag(help: "What was written, as a JSON object.")
    var json = false

    private struct Written: Encodable {
        let out: String
        let classes: Int, samples: Int
        /// Meshes that could not be used.
        let setAside: Int
    }

    func validate() throws {
        _ = try options()
        guard threads.map({ $0 > 0 }) ?? true else { throw ValidationError("--threads: expected 1 or more") }
    }

    private func options() throws -> SynthesisOptions {
        var options = SynthesisOptions()
        (options.draw, options.scanner, options.pose, options.seed) = (draw, scanner, pose, seed)
        options.anyPoseShare = anyShare
        func range(_ text: String, _ option: String, _ allowed: ClosedRange<Double>) throws -> ClosedRange<Double> {
            let parts = text.split(separator: "-").map { Double($0) }
            if let low = parts.first ?? nil, let high = parts.last ?? nil, parts.count <= 2, low <= high,
                allowed.contains(low), allowed.contains(high)
            {
                return low...high
            }
            throw ValidationError(
                "--\(option): expected a number or a range such as 10-20 within \(Int(allowed.lowerBound)) to "
                    + "\(Int(allowed.upperBound)), found \(text)")
        }
        func whole(_ r: ClosedRange<Double>) -> ClosedRange<Int> { Int(r.lowerBound)...Int(r.upperBound) }
        options.points = whole(try range(points, "points", 500...1_000_000))
        options.diagonal = try range(diagonal, "diagonal", 1...100_000)
        options.good = whole(try range(good, "good", 0...1000))
        options.defects = whole(try range(defects, "defects", 0...1000))
        guard (0...1).contains(anyShare) else {
            throw ValidationError("--any-share: expected a share from 0 to 1, found \(anyShare)")
        }
        return options
    }

    func run() async throws {
        try await reportingFailures { try make() }
    }

    private func make() throws {
        let workers = threads.map(Workers.init(count:)) ?? .all
        let options = try options()
        let only = classes.map { Set($0.split(separator: ",").map(String.init)) }
        let parts = try SynthesisMeshes.expand(meshes).filter { only?.contains($0.name) ?? true }
        guard !parts.isEmpty else { throw Failure("expected meshes of the classes \(classes ?? ""), found none") }
        let folder = try DatasetFolder(out)
        var done: [DatasetManifest.PartClass] = []
        var refused = 0
        let line = ProgressLine("classes' samples", total: parts.count * 40)
        for (number, part) in parts.enumerated() {
            do {
                let bytes = try fileBytes(part.url.path)
                if let finished = folder.finished(part.name, mesh: sha256(bytes), options: options) {
                    done.append(finished)
                } else {
                    done.append(
                        try make(part, bytes, folder, options, workers) {
                            line.update(number * 40 + min(39, $0), note: part.name)
                        })
                }
            } catch {
                refused += 1
                Terminal.error("set aside: \(printable("\(part.url.path): \(error)"))")
            }
            line.update((number + 1) * 40, note: part.name)
        }
        guard !done.isEmpty else { throw Failure("none of the \(parts.count) meshes could be used") }
        let manifest = DatasetManifest(
            version: Version.string, seed: seed, draw: draw, scanner: scanner, pose: pose, classes: done)
        try folder.write(manifest)
        try folder.writeContactSheet(manifest, workers: workers)
        let samples = done.reduce(0) { $0 + $1.samples.count }
        guard !json else {
            return Terminal.output(
                try jsonLine(Written(out: out, classes: done.count, samples: samples, setAside: refused)))
        }
        Terminal.output("\(samples) samples of \(done.count) classes in \(out); \(refused) meshes set aside")
    }

    /// Makes the samples of one class, a few at a time, so that they are written as they come.
    private func make(
        _ part: SynthesisMeshes.Part, _ bytes: [UInt8], _ folder: DatasetFolder, _ options: SynthesisOptions,
        _ workers: Workers, progress: (Int) -> Void
    ) throws -> DatasetManifest.PartClass {
        let mesh = try MeshFile.readCentered(bytes, format: MeshFile.Format(fileExtension: part.url.pathExtension)).mesh
        let synthesizer = try PartSynthesizer(mesh, name: part.name, options: options, workers: workers)
        try folder.begin(part.name)
        var records: [DatasetManifest.Sample] = []
        let plans = synthesizer.plans
        for first in stride(from: 0, to: plans.count, by: 8) {
            let some = Array(plans[first..<min(first + 8, plans.count)])
            var results = [Result<SynthesizedSample, SynthesisError>?](repeating: nil, count: some.count)
            results.withUnsafeMutableBufferPointer { buffer in
                let target = DisjointWrites(buffer)
                workers.run(chunks: some.count) { number in
                    target[number] = Result { () throws(SynthesisError) in try synthesizer.sample(some[number]) }
                }
            }
            for result in results {
                switch result {
                case .success(let sample)?:
                    try folder.write(sample, of: part.name)
                    records.append(sample.record)
                case .failure(let error)?: Terminal.error("left out: \(printable(error.message))")
                case nil: break
                }
            }
            progress(first + some.count)
        }
        guard records.contains(where: { $0.isTraining }) else {
            throw Failure("expected scans to train on, found that none could be made")
        }
        var record = DatasetManifest.PartClass(
            name: part.name, mesh: part.url.lastPathComponent, meshSHA256: sha256(bytes),
            diagonal: synthesizer.diagonal, samples: records)
        record.labelDistance = synthesizer.labelDistance
        record.rimWidth = synthesizer.rimWidth
        record.noise = synthesizer.noise
        try folder.finish(record, options: options)
        return record
    }
}

extension DefectDraw: ExpressibleByArgument {}
extension ScannerStyle: ExpressibleByArgument {}
extension PoseStyle: ExpressibleByArgument {}
