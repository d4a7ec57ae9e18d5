import ArgumentParser
import Foundation
import Inspection
import MonitorConfiguration

struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "Looks after a catalogue of models: lists them, and switches a part type's model and back.",
        discussion: """
            A catalogue is the folder that `run --model` is given. A part type's folder in it is a model folder, or keeps several
            versions, of which the link `current` names the one in use. A running monitor takes a switch on after
            `scanward reload`, or kill -HUP.
            """,
        subcommands: [ModelsList.self, ModelsShow.self, ModelsPromote.self, ModelsRollback.self])
}

/// Where the catalogue is.
struct CatalogueOption: ParsableArguments {
    @Option(
        name: .customLong("models"),
        help: ArgumentHelp(
            "The catalogue: what `run --model` is given. Default: models, or, if that is not here, what the monitor's configuration names "
                + "($SCANWARD_CONFIG, or \(ConfigurationSource.installed)).",
            valueName: "folder"))
    var named: String?

    /// The folder's path.
    func catalogue() throws -> String {
        if let named { return named }
        let here = "models"
        guard !FileManager.default.fileExists(atPath: here) else { return here }
        let paths = MonitorSettings(ConfigurationSource(file: nil).orInstalled.read()).models
        guard paths.count < 2 else {
            throw Failure("the configuration names \(paths.joined(separator: ", ")): name one of them with --models")
        }
        return paths.first ?? here
    }

    func url() throws -> URL { URL(filePath: try catalogue()) }

    func entries() throws -> [ModelListing.Entry] {
        let catalogue = try catalogue()
        let entries = ModelListing.entries(in: URL(filePath: catalogue))
        guard !entries.isEmpty else {
            try FolderAccess.require(catalogue)
            throw Failure(
                "expected a folder of models at \(catalogue), found none: name one with --models, or make a model with "
                    + "`scanward teach`")
        }
        return entries
    }

    func entry(_ type: String) throws -> ModelListing.Entry {
        let entries = try entries()
        guard let entry = entries.first(where: { $0.partType == type }) else {
            throw Failure(
                "expected one of the part types \(entries.map { printable($0.partType) }.joined(separator: ", ")), found "
                    + "\"\(printable(type))\"")
        }
        return entry
    }
}

extension ModelListing.Entry {
    /// Its versions; of a plain model folder it fails with what there is to do.
    func versions(orElse advice: String) throws -> ModelVersions {
        guard hasVersions else { throw Failure("\(printable(partType)) has one model and no versions: \(advice)") }
        return ModelVersions(folder: folder)
    }

    /// The version that `text` names: its name, or the beginning of its name or model id, if just one has it.
    func version(_ text: String) throws -> ModelListing.Version {
        if let exact = versions.first(where: { $0.name == text }) { return exact }
        let matching = versions.filter { version in
            version.name.hasPrefix(text) || version.name.hasSuffix("-" + text)
                || ((try? version.content.get().id.hasPrefix(text)) ?? false)
        }
        guard matching.count == 1, text.count >= 4 else {
            throw Failure(
                "expected one of the versions \(versions.map(\.name).joined(separator: ", ")) of \(printable(partType)), "
                    + "found \"\(printable(text))\"\(matching.count > 1 ? ", which is the beginning of several" : "")")
        }
        return matching[0]
    }
}

struct ModelsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists part types, their versions, and which one is in use.",
        discussion: "Exit codes: 0 all are sound, 1 at least one is not, or there is none.")

    @OptionGroup var catalogue: CatalogueOption

    @Flag(help: "Each version as a line of JSON.")
    var json = false

    func run() async throws {
        try await reportingFailures {
            var rows = [["", "TYPE", "VERSION", "CREATED", "PROFILE", "GOOD PARTS", "THRESHOLD", "MODEL ID"]]
            var damaged = 0
            for entry in try catalogue.entries() {
                for version in entry.versions {
                    let line = ModelListing.Line(version, of: entry)
                    if json { Terminal.output(try jsonLine(line)) }
                    if let problem = line.problem {
                        damaged += 1
                        Terminal.error("scanward: \(printable(problem))")
                    }
                    rows.append([
                        line.current ? "*" : "", printable(line.partType), printable(line.version),
                        printable(line.created ?? "DAMAGED"), line.profile ?? "-",
                        line.goodParts.map { "\($0)" } ?? "-",
                        line.threshold.map { String(format: "%.2f", $0) } ?? "-", "\((line.modelID ?? "-").prefix(12))",
                    ])
                }
            }
            if !json { tableLines(rows, leading: 5).forEach(Terminal.output) }
            guard damaged == 0 else { throw Failure("\(damaged) of the models cannot be used: see above") }
        }
    }
}

struct ModelsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows where a part type's model comes from: parts, backbone, threshold, and every switch.")

    @OptionGroup var catalogue: CatalogueOption

    @Flag(help: "As a JSON object.")
    var json = false

    @Argument(help: "The part type.")
    var type: String

    @Argument(help: "A version (default: the current one): its name, or the beginning of its model id.")
    var version: String?

    func run() async throws {
        try await reportingFailures {
            let entry = try catalogue.entry(type)
            let chosen = try version.map(entry.version) ?? entry.versions.first { $0.isCurrent }
            guard let chosen else { throw Failure("\(entry.folder.path)/current names no version that is there") }
            let model = try chosen.content.get()
            let history = entry.hasVersions ? ModelVersions(folder: entry.folder).history : []
            if json {
                let manifest = try JSONEncoder.line().encode(model.manifest)
                let rest = try jsonLine(
                    ShownRest(version: ModelListing.Line(chosen, of: entry), history: history))
                // The manifest has its own spelling of keys.
                Terminal.output(rest.dropLast() + ",\"manifest\":" + String(decoding: manifest, as: UTF8.self) + "}")
            } else {
                lines(entry, chosen, model, history).forEach(Terminal.output)
            }
        }
    }

    private struct ShownRest: Encodable {
        var version: ModelListing.Line
        var history: [ModelVersions.Event]
    }

    private func lines(
        _ entry: ModelListing.Entry, _ version: ModelListing.Version, _ model: ModelFolder,
        _ history: [ModelVersions.Event]
    ) -> [String] {
        let manifest = model.manifest
        var lines = [
            "\(printable(entry.partType)), version \(printable(version.name))\(version.isCurrent ? " (current)" : "")",
            "model id \(model.id)", "in \(version.folder.path)",
            "taught \(printable(manifest.created)) by scanward \(printable(manifest.scanward)), seed \(manifest.seed), profile "
                + (manifest.profile ?? .standard).rawValue,
            "backbone \(printable(manifest.backbone.name)), SHA-256 \(manifest.backbone.sha256.prefix(16))",
            "good parts:",
        ]
        lines += manifest.goodParts.map {
            "    \(printable($0.name)), \($0.points) points, SHA-256 \($0.sha256.prefix(16))"
        }
        lines += ThresholdExplain.lines(manifest)
        if !history.isEmpty { lines.append("switched:") }
        lines += history.map { event in
            "    \(printable(event.date)) \(event.action == .promoted ? "promoted" : "rolled back to") "
                + "\(printable(event.to)) by \(printable(event.by))"
                + (event.from.map { ", before it \(printable($0))" } ?? "")
                + (event.reason.map { ": \(printable($0))" } ?? "")
        }
        return lines
    }
}

struct ModelsPromote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Makes a model the one in use for its part type.",
        discussion: """
            MODEL is a model folder of `scanward teach`, of which a copy is taken into the catalogue, or with --type a version that is
            there. A model that is not sound, to the byte, is refused. The switch is one step, and is recorded with date, user and
            --reason.
            """)

    @OptionGroup var catalogue: CatalogueOption

    @Option(help: "MODEL is a version of this part type.")
    var type: String?

    @Option(help: "Why; kept in the catalogue's history.")
    var reason: String?

    @Flag(help: "As a JSON object.")
    var json = false

    @Argument(help: "A model folder, or with --type a version.")
    var model: String

    func run() async throws {
        try await reportingFailures {
            let versions: ModelVersions, name: String
            if let type {
                let entry = try catalogue.entry(type)
                versions = try entry.versions(orElse: "promote a model folder without --type")
                name = try entry.version(model).name
                try versions.switchTo(name, action: .promoted, reason: reason)
            } else {
                (versions, name) = try ModelVersions.promote(
                    URL(filePath: model), to: try catalogue.url(), reason: reason)
            }
            try versions.tellSwitch(json: json)
        }
    }
}

struct ModelsRollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Puts the model back in use that was current before.",
        discussion: "Again, it goes one switch further back. --to names a version.")

    @OptionGroup var catalogue: CatalogueOption

    @Flag(help: "As a JSON object.")
    var json = false

    @Option(help: "A version: its name, or the beginning of its model id.")
    var to: String?

    @Option(help: "Why; kept in the catalogue's history.")
    var reason: String?

    @Argument(help: "The part type.")
    var type: String

    func run() async throws {
        try await reportingFailures {
            let entry = try catalogue.entry(type)
            let versions = try entry.versions(orElse: "there is nothing to go back to")
            guard let name = try to.map({ try entry.version($0).name }) ?? versions.before else {
                throw Failure("\(printable(type)): no version was current before this one")
            }
            try versions.switchTo(name, action: .rolledBack, reason: reason)
            try versions.tellSwitch(json: json)
        }
    }
}

extension ModelVersions {
    /// Says what is current now, by the last line of the history.
    fileprivate func tellSwitch(json: Bool) throws {
        let event = history.last
        guard !json else { return Terminal.output(try jsonLine(Switched(folder: folder.path, event: event))) }
        Terminal.output("\(folder.path): current is \(event?.to ?? currentName ?? "unknown")")
        Terminal.output("a running monitor takes it on: scanward reload, or kill -HUP")
    }

    private struct Switched: Encodable {
        let folder: String
        let event: Event?
    }

    /// What was current before, each rollback taking one promotion back.
    var before: String? {
        var stack: [String] = []
        for event in history {
            switch event.action {
            case .promoted: stack.append(event.to)
            case .rolledBack:
                if let index = stack.lastIndex(of: event.to) {
                    stack.removeSubrange((index + 1)...)
                } else {
                    stack.append(event.to)
                }
            }
        }
        let present = names
        while let last = stack.last, last == currentName || !present.contains(last) { stack.removeLast() }
        return stack.last
    }
}
