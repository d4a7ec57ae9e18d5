import ArgumentParser
import Foundation
import Ingest
import Inspection
import ParallelLoops
import Threads

struct ScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Scores scans from files, and says where they are wrong.",
        discussion: """
            Exit codes: 0 all parts ok, 2 at least one is not, 1 something could not be read.
            A file that cannot be read is named, and the others go on.
            """)

    @Option(help: "A model folder, or a folder of them.")
    var model: String

    @Option(help: "Part type, where the model folder holds several.")
    var type: String?

    @Flag(help: "One verdict/1 JSON object a line instead of the table.")
    var json = false

    @Option(help: ArgumentHelp("Write heat maps of parts that are not ok to this folder.", valueName: "folder"))
    var heatmaps: String?

    @Option(
        help: ArgumentHelp(
            "Write the map of every scored part, each channel by itself, as PLY to this folder.", valueName: "folder"))
    var maps: String?

    @Option(help: "Threads (default: all cores).")
    var threads: Int?

    @Argument(help: "Point clouds or meshes (.pcd, .ply, .obj, .stl, .xyz, .csv) in mm, or folders of them.")
    var files: [String]

    func run() async throws {
        try await reportingFailures { try score() }
    }

    private func score() throws {
        let workers = threads.map(Workers.init(count:)) ?? .all
        let catalog = try ModelCatalog(reading: [model], workers: workers)
        if type == nil && catalog.partTypes.count > 1 {
            throw Failure(
                "\(model) holds models for \(catalog.partTypes.joined(separator: ", ")): name one with --type")
        }
        var judge = PartJudge(
            scoring: ScoringConfiguration(catalog: catalog, partType: type),
            builder: VerdictBuilder(line: "offline", station: "files", configHash: "offline"))
        let folder = heatmaps.map { URL(filePath: $0) }
        let writer = try folder.map { try HeatMapWriter(folder: $0, workers: workers) }
        let mapWriter = try maps.map { try ChannelMapWriter(folder: URL(filePath: $0)) }
        if !json {
            Terminal.output("scored by \(catalog.description)\n")
            Terminal.output(VerdictTable.header)
        }
        var unread = 0, evaluations: Set<Evaluation> = []
        let expanded = try CloudFiles.expand(files)
        let progress = ProgressLine("score", total: expanded.count)
        for (number, file) in expanded.enumerated() {
            defer { progress.update(number + 1) }
            let loaded: CloudFiles.Loaded
            do {
                loaded = try CloudFiles.load(file)
            } catch let failure as Failure {
                progress.end()
                Terminal.error("scanward: \(failure.description)")
                unread += 1
                continue
            }
            let part = AssembledPart(file: loaded, partType: type)
            var judgement = judge.judge(part, resultID: judge.resultID(of: part), arrivedAt: SystemClock().now)
            judgement.coordinateOrigin = loaded.origin
            judgement.verdict.regions = judgement.verdict.regions.map { $0.moved(by: loaded.origin) }
            judgement.verdict.heatmapURI = folder.flatMap { HeatMapWriter.address(of: judgement, in: $0) }
            do {
                try mapWriter?.write(judgement)
                try writer?.write(judgement)
            } catch let failure as Failure {
                judgement.verdict.heatmapURI = nil
                Terminal.error("scanward: \(failure.description)")
            }
            evaluations.insert(judgement.verdict.evaluation)
            progress.end()
            if json {
                Terminal.output(String(decoding: try judgement.verdict.json(), as: UTF8.self))
            } else {
                VerdictTable.lines(judgement.verdict).forEach(Terminal.output)
            }
        }
        if let page = try writer?.finish() { Terminal.error("heat maps: \(page)") }
        if unread > 0 {
            throw Failure("\(unread) of the files could not be read; their names and reasons stand above")
        }
        try ExitCodes(evaluations).end()
    }
}

extension AssembledPart {
    /// A part that came as one file rather than in frames.
    init(file: CloudFiles.Loaded, partType: String?) {
        self.init(
            source: "file", session: file.sha256.prefix(16).description, partID: file.name, partType: partType,
            points: file.points)
    }
}
