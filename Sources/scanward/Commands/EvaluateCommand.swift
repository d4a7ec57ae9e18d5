import ArgumentParser
import Evaluation
import Foundation
import IMRNet
import Inspection
import ParallelLoops

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Teaches each class of a data set, scores its test parts, and tells how well they are told apart.",
        discussion: """
            Reads Anomaly-ShapeNet v2 and Real3D-AD (<class>/train, test, GT or gt). Results are kept by class and seed:
            Ctrl-C stops it, and the same command goes on. Writes results.json, results.csv and results.md (docs/evaluation.md).
            """)

    @Option(help: "Classes to evaluate, with commas (default: all).")
    var classes: String?

    @Option(help: "Seeds, with commas.")
    var seeds = "1,2,3"

    @Option(help: "One seed, instead of --seeds.")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Readings of the paper, with commas (default: default; of a sweep: paper).", valueName: "default|paper"))
    var profile: String?

    @Option(help: "Channels to use, with commas (default: the profile's).")
    var channels: String?

    @Option(help: "Fine-tuning steps of each class; 0 keeps the backbone as it is.")
    var steps = 300

    @Option(help: "Backbone to start from (safetensors).")
    var backbone = Backbone.defaultPath

    @Option(
        help: ArgumentHelp(
            "What to evaluate, with commas: scanward, \(Rival.allCases.map(\.rawValue).joined(separator: ", ")), or all.",
            valueName: "names"))
    var method = "scanward"

    @Option(
        help: ArgumentHelp(
            "Vary one setting over the paper's values, with the network's two channels.",
            valueName: "sampling|mask-ratio|iterations|patch-size"),
        transform: { text in
            guard let sweep = Sweep(rawValue: text) else {
                let known = Sweep.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("expected one of \(known), found \"\(printable(text))\"")
            }
            return sweep
        })
    var sweep: Sweep?

    @Flag(help: "The scans are from one side each: they overlap, and no whole part exists.")
    var views = false

    @Option(help: "Millimetres for a unit of the files.")
    var scale: Float = 1

    @Option(help: ArgumentHelp("Folder for the results (default: evaluation/DATASET).", valueName: "folder"))
    var out: String?

    @Option(help: ArgumentHelp("Write every point's and part's score to this folder.", valueName: "folder"))
    var predictions: String?

    @Option(help: "Threads (default: all cores).")
    var threads: Int?

    @Flag(help: "The results as JSON instead of tables.")
    var json = false

    @Argument(help: ArgumentHelp("A data set's folder.", valueName: "dataset"))
    var dataset: String

    func validate() throws {
        guard steps >= 0 else { throw ValidationError("--steps: expected 0 or more, found \(steps)") }
        guard threads.map({ $0 > 0 }) ?? true else { throw ValidationError("--threads: expected 1 or more") }
        guard scale > 0, scale.isFinite else { throw ValidationError("--scale: expected more than 0, found \(scale)") }
        guard try sweep == nil || (chosenProfiles().count == 1 && channels == nil) else {
            throw ValidationError("--sweep: expected one profile and no --channels: it uses reconstruction and feature")
        }
        _ = try chosenSeeds()
        _ = try chosenProfiles()
        _ = try chosenChannels()
        _ = try chosenMethods()
    }

    func run() async throws {
        try await reportingFailures { try evaluate() }
    }

    private func evaluate() throws {
        let files = try DatasetFiles(dataset, scale: scale)
        let chosen = try chosenClasses(files.layout)
        let folder = ResultFolder(url: URL(filePath: out ?? "evaluation/\(URL(filePath: dataset).lastPathComponent)"))
        let run = EvaluationRun(
            files: files, classes: chosen, methods: try methods(), seeds: try chosenSeeds(),
            workers: threads.map(Workers.init(count:)) ?? .all, folder: folder,
            predictions: predictions.map { URL(filePath: $0) },
            interrupt: InterruptWatch(sentence: "stopping after the parts under way; Ctrl-C again ends it at once"))
        let outcome = try run.run()
        guard !outcome.results.isEmpty else {
            throw Failure("nothing could be evaluated: \(outcome.notes.joined(separator: "; "))")
        }
        let text = EvaluationText(
            EvaluationSummary(outcome.results, notes: outcome.notes), published: PublishedRow.rows(for: chosen))
        try folder.write(text)
        if let sweep { try folder.write(sweep, text.summary) }
        if let sweep, !json {
            Terminal.output(sweep.markdown(text.summary))
        } else if json {
            Terminal.output(String(decoding: try ResultFolder.json(text.summary), as: UTF8.self))
        } else {
            Terminal.output(text.brief)
        }
        let reused = outcome.reused > 0 ? ", \(outcome.reused) of them kept from before" : ""
        Terminal.error("\(outcome.results.count) results\(reused); tables in \(folder.url.path)")
    }

    private func methods() throws -> [any DetectionMethod] {
        var methods: [any DetectionMethod] = []
        var known: PretrainedBackbone?
        func pretrained() throws -> PretrainedBackbone {
            if let known { return known }
            let (network, source) = try Backbone.read(backbone)
            let read = PretrainedBackbone(network: network, digest: source.sha256)
            known = read
            return read
        }
        for name in try chosenMethods() {
            if let rival = Rival(rawValue: name) {
                methods.append(try rival.method(backbone: pretrained))
                continue
            }
            let backbone = try pretrained()
            for profile in try chosenProfiles() {
                var options = TeachingOptions(profile: profile)
                if views { options.scoring.coverage = .views }
                options.steps = steps
                options.seed = 0
                if let channels = try chosenChannels() { options.scoring.channels = channels }
                guard let sweep else {
                    methods.append(
                        try ours(backbone.network, backbone.digest, options, label: profile == .paper ? "paper" : ""))
                    continue
                }
                for step in sweep.steps {
                    var varied = options
                    step.apply(to: &varied.scoring)
                    let fitting = try backbone.network.withPatchPoints(varied.scoring.patchSize)
                    methods.append(try ours(fitting, backbone.digest, varied, label: sweep.label(step)))
                }
            }
        }
        return methods
    }

    /// `scanward` and names of rivals, each once.
    private func chosenMethods() throws -> [String] {
        let known = ["scanward"] + Rival.allCases.map(\.rawValue)
        let names = method == "all" ? known : method.split(separator: ",").map(String.init)
        for name in names where !known.contains(name) {
            if let reason = Rival.refusal(of: name) { throw ValidationError("--method: \(reason)") }
            throw ValidationError(
                "--method: expected some of \(known.joined(separator: ", ")), or all, found \"\(printable(name))\"")
        }
        guard !names.isEmpty, Set(names).count == names.count else {
            throw ValidationError("--method: expected different names with commas, found \"\(printable(method))\"")
        }
        guard sweep == nil || names == ["scanward"] else {
            throw ValidationError("--sweep: expected --method scanward: the others do not have the setting")
        }
        return names
    }

    private func ours(
        _ network: ReconstructionNetwork, _ digest: String, _ options: TeachingOptions, label: String
    ) throws -> ScanwardMethod {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return ScanwardMethod(
            backbone: network, backboneDigest: digest, options: options,
            optionsText: String(decoding: try encoder.encode(options), as: UTF8.self), label: label)
    }

    private func chosenClasses(_ layout: DatasetLayout) throws -> [DatasetLayout.PartClass] {
        guard let classes else { return layout.classes }
        let known = layout.classes.map(\.name)
        return try classes.split(separator: ",").map { name in
            guard let found = layout.classes.first(where: { $0.name == name }) else {
                throw Failure(
                    "--classes: expected some of \(known.joined(separator: ", ")), found \"\(printable(String(name)))\""
                )
            }
            return found
        }
    }

    private func chosenSeeds() throws -> [UInt64] {
        if let seed { return [seed] }
        let found = seeds.split(separator: ",").map { UInt64($0) }
        guard !found.isEmpty, !found.contains(nil), Set(found).count == found.count else {
            throw ValidationError(
                "--seeds: expected different whole numbers with commas, found \"\(printable(seeds))\"")
        }
        return found.compactMap { $0 }
    }

    private func chosenProfiles() throws -> [Profile] {
        try (profile ?? (sweep == nil ? Profile.standard : .paper).rawValue).split(separator: ",").map { text in
            guard let profile = Profile(rawValue: String(text)) else {
                throw ValidationError(
                    "--profile: expected default, paper or both with a comma, found \"\(printable(String(text)))\"")
            }
            return profile
        }
    }

    private func chosenChannels() throws -> [Channel]? {
        try channels?.split(separator: ",").map { text in
            guard let channel = Channel(rawValue: String(text)) else {
                let known = Channel.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--channels: expected some of \(known), found \"\(printable(String(text)))\"")
            }
            return channel
        }
    }
}
