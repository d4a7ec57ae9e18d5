import ArgumentParser
import Foundation
import Ingest
import Journal
import Threads

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks at everything that a line needs, and says of each thing whether it is well or what to do.",
        discussion: """
            Libraries, keys, clock, disk, journal, models, ports; then the scanner; then a part through the whole line. Beside a running
            monitor, which it finds by itself, it reads that one's journal; where none runs it listens in its place for a few seconds.
            Frames that come in that time are judged for the diagnosis alone. Exit codes: 0 all is well, 6 there is something to do.
            """)

    @OptionGroup var settings: DoctorSettings

    @Flag(help: "Leave the part through the whole line out.")
    var noSelfTest = false

    @Flag(help: "Each line as a JSON object.")
    var json = false

    func run() async throws {
        try await reportingFailures {
            let stop = StopSignal()
            let signals = stopOnSignals(stop)
            defer { signals.forEach { $0.cancel() } }
            let (options, monitor) = try settings.resolved()
            let doctor = Doctor(options: options, monitor: monitor, runsSelfTest: !noSelfTest)
            let findings = doctor.examine(unless: stop) { finding in
                Terminal.endStatus()
                if json {
                    if let line = try? jsonLine(finding) { Terminal.output(line) }
                } else {
                    finding.lines.forEach(Terminal.output)
                }
            }
            let count = findings.count { $0.state == .look }
            if !json {
                Terminal.output(count == 0 ? "all is well" : "\(count) thing\(count == 1 ? "" : "s") to look at")
            }
            if count > 0 { throw ExitCode(ExitCodes.toLookAt.rawValue) }
        }
    }
}

/// What `doctor` and `support-bundle` are told of a line: as `run` is.
struct DoctorSettings: ParsableArguments {
    @Option(help: ArgumentHelp("PULL: where the monitor listens for scanners.", valueName: "endpoint"))
    var bind: String?

    @Option(help: ArgumentHelp("SUB: the scanner that the monitor connects to.", valueName: "endpoint"))
    var connect: String?

    @Option(help: "A model folder, or a folder of them; may be given several times.")
    var model: [String] = []

    @Option(help: ArgumentHelp("Where the monitor publishes, or \"none\".", valueName: "endpoint"))
    var publish: String?

    @Option(help: ArgumentHelp("Where it answers for earlier verdicts, or \"none\".", valueName: "endpoint"))
    var replay: String?

    @Option(help: ArgumentHelp("Where it serves HTTP.", valueName: "host:port"))
    var http: String?

    @Option(help: ArgumentHelp("Its journal's folder.", valueName: "folder"))
    var state: String?

    @Option(help: ArgumentHelp("Its heat maps' folder.", valueName: "folder"))
    var heatmaps: String?

    @Option(help: "Type of parts whose frames name none.")
    var partType: String?

    @Option(help: ArgumentHelp("How long the scanner is listened to; 0 does not.", valueName: "seconds"))
    var listen = 5.0

    @OptionGroup var access: AccessOptions

    func validate() throws {
        guard bind == nil || connect == nil else {
            throw ValidationError("expected one of --bind and --connect, found both")
        }
        guard listen >= 0, listen < 86_400 else {
            throw ValidationError("--listen: expected seconds from 0 on, found \(listen)")
        }
    }

    /// The line's settings: what was given, else as the running monitor was told, else as `run` takes by itself.
    func resolved() throws -> (options: DoctorOptions, monitor: RunningLine?) {
        var options = DoctorOptions()
        let monitor = runningMonitor
        if let monitor { monitor.apply(to: &options) }
        if let connect { options.input = .connect(connect) }
        if let bind { options.input = .bind(bind) }
        if !model.isEmpty { options.models = model }
        if options.models.isEmpty, FileManager.default.fileExists(atPath: "models") { options.models = ["models"] }
        if let publish { options.publish = publish == "none" ? nil : publish }
        if let replay { options.replay = replay == "none" ? nil : replay }
        if let http { options.http = http }
        if let state { options.state = state }
        if let heatmaps { options.heatmaps = heatmaps }
        if let partType { options.partType = partType }
        options.listen = listen
        if access.configuration != AccessConfiguration() { options.access = access.configuration }
        return (options, monitor)
    }

    /// The monitor that has the journal, or listens at the address; without either, the only one that runs.
    private var runningMonitor: RunningLine? {
        if let state { return StateFolder(state).owner.flatMap(RunningLine.init) }
        let all = RunningLine.all
        if bind == nil, connect == nil { return all.count == 1 ? all[0] : nil }
        return all.first { line in
            bind.map { (line.values(of: "bind").last ?? "tcp://127.0.0.1:5600") == $0 }
                ?? (line.values(of: "connect").last == connect)
        }
    }
}

extension RunningLine {
    /// What it was told on its command line.
    func apply(to options: inout DoctorOptions) {
        if let endpoint = values(of: "connect").last { options.input = .connect(endpoint) }
        if let endpoint = values(of: "bind").last { options.input = .bind(endpoint) }
        options.models = paths(of: "model")
        if let publish = values(of: "publish").last { options.publish = publish == "none" ? nil : publish }
        if let replay = values(of: "replay").last { options.replay = replay == "none" ? nil : replay }
        options.http = values(of: "http").last
        options.state = paths(of: "state").last
        options.heatmaps = paths(of: "heatmaps").last
        options.partType = values(of: "part-type").last
        options.access.curveSecret = paths(of: "curve-secret").last
        options.access.allowList = paths(of: "allow-list").last
        options.access.serverKey = values(of: "server-key").last
        options.access.allowInsecure = arguments.contains("--allow-insecure")
    }
}
