import ArgumentParser
import MonitorConfiguration

/// The options of `run` that its file and environment have too: each stands for a key, and goes before them.
struct LineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Configuration file (docs/configuration.md); what options and environment say goes before it. Default: "
                + "$SCANWARD_CONFIG, or none.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "PULL: listen here for scanners that push (default: \(ConfigurationKey.bind.standard ?? "")).",
            valueName: "endpoint"))
    var bind: String?

    @Option(
        help: ArgumentHelp(
            "SUB: connect to a scanner that publishes here; may be given several times.", valueName: "endpoint"))
    var connect: [String] = []

    @Option(help: "A model folder, or a folder of them; may be given several times.")
    var model: [String] = []

    @Option(
        help: ArgumentHelp(
            "PUB: publish verdicts here; \"none\" publishes none (default: \(ConfigurationKey.publish.standard ?? "")).",
            valueName: "endpoint"))
    var publish: String?

    @Option(
        help: ArgumentHelp(
            "Keep verdicts in a journal here: none that was published is lost, consumers catch up, numbers go on after a "
                + "restart.", valueName: "folder"))
    var state: String?

    @Option(
        help: ArgumentHelp(
            "ROUTER: answer consumers that ask for earlier verdicts here; \"none\" answers none. Goes with --state "
                + "(default: \(ConfigurationKey.replay.standard ?? "")).", valueName: "endpoint"))
    var replay: String?

    @Option(help: ArgumentHelp("Remove verdicts older than this from the journal (default: 90).", valueName: "days"))
    var keepDays: Double?

    @Option(
        help: ArgumentHelp(
            "Size of the journal above which the oldest verdicts are removed; what a named consumer has not "
                + "acknowledged stays up to twice that (default: 4096).", valueName: "MiB"))
    var keepSize: Int?

    @Option(help: "Name of the line, in verdicts and their topic (default: line1).")
    var line: String?

    @Option(help: "Name of the station, in verdicts and their topic (default: station1).")
    var station: String?

    @Option(help: "Type of parts whose frames name none.")
    var partType: String?

    @Option(
        help: ArgumentHelp(
            "How long a part waits for its next frame; the whole part may take 12 times that, at least 60 s (default: 5).",
            valueName: "seconds"))
    var partDeadline: Double?

    @Option(help: "Most parts of one source that are open at once (default: 8).")
    var maxOpenParts: Int?

    @Option(help: "Most frames of a part (default: 4096).")
    var maxFrames: Int?

    @Option(help: "Most points of a part (default: 16777216).")
    var maxPoints: Int?

    @Option(
        help: ArgumentHelp(
            "Most refused frames with which a part is still judged, by its other frames (default: 0).",
            valueName: "count"))
    var maxRefused: Int?

    @Option(help: ArgumentHelp("Write heat maps of parts that are not ok to this folder.", valueName: "folder"))
    var heatmaps: String?

    @Option(help: "Threads for scoring (default: all cores).")
    var threads: Int?

    @OptionGroup(title: "Bare arrays") var arrays: ArrayOptions

    @OptionGroup(title: "Dashboard") var dashboard: DashboardOptions

    @OptionGroup(title: "Fleet") var fleet: FleetOptions

    @OptionGroup var access: AccessOptions

    /// What was given, by key.
    var texts: [ConfigurationKey: [String]] {
        var texts: [ConfigurationKey: [String]] = [:]
        func add(_ key: ConfigurationKey, _ value: (some CustomStringConvertible)?) {
            if let value { texts[key] = [value.description] }
        }
        add(.line, line)
        add(.station, station)
        add(.bind, bind)
        if !connect.isEmpty { texts[.connect] = connect }
        add(.serverKeys, access.client.serverKey)
        add(.partType, partType)
        add(.curveSecretFile, access.client.curveSecret)
        add(.allowListFile, access.allowList)
        if access.allowInsecure { texts[.allowInsecure] = ["true"] }
        if !model.isEmpty { texts[.models] = model }
        add(.publish, publish)
        add(.replay, replay)
        add(.http, dashboard.http)
        if !dashboard.httpName.isEmpty { texts[.httpNames] = dashboard.httpName }
        add(.threeFolder, dashboard.three)
        add(.tokensFile, dashboard.tokens)
        add(.heatmapFolder, heatmaps)
        add(.partDeadline, partDeadline)
        add(.openParts, maxOpenParts)
        add(.framesPerPart, maxFrames)
        add(.pointsPerPart, maxPoints)
        add(.refusedFrames, maxRefused)
        add(.arraySource, arrays.arraySource)
        add(.arrayUnit, arrays.arrayUnit)
        add(.arrayGap, arrays.arrayGap)
        add(.threads, threads)
        add(.stateFolder, state)
        add(.keepDays, keepDays)
        add(.keepSize, keepSize)
        texts.merge(fleet.texts) { $1 }
        return texts
    }

    func validate() throws {
        guard bind == nil || connect.isEmpty else {
            throw ValidationError("expected one of --bind and --connect, found both")
        }
        for (key, texts) in texts {
            for text in texts {
                guard let refusal = key.kind.refusal(of: text) else { continue }
                throw ValidationError("\(key.option ?? key.name): \(refusal)")
            }
        }
    }

    /// Where the configuration comes from, for a process in this environment.
    ///
    /// - Parameter isRecording: frames come from a recording: what is said of sockets for them is set aside.
    func source(file: String? = nil, isRecording: Bool = false) -> ConfigurationSource {
        ConfigurationSource(file: file ?? config, options: texts, usesSources: !isRecording)
    }
}
