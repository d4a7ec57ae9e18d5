import ArgumentParser
import Foundation
import Journal
import MonitorConfiguration
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
            let (options, monitor) = settings.resolved(listen: 5)
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
            try (count > 0 ? ExitCodes.toLookAt : .success).end()
        }
    }
}

/// What `doctor` and `support-bundle` are told of a line: as `run` is.
struct DoctorSettings: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long the scanner is listened to; 0 does not (default: 5 for doctor).", valueName: "seconds"))
    var listen: Double?

    @OptionGroup(title: "Options of run") var options: LineOptions

    func validate() throws {
        guard listen.map({ $0 >= 0 && $0 < 86_400 }) ?? true else {
            throw ValidationError("--listen: expected seconds from 0 on, found \(listen ?? 0)")
        }
    }

    /// The line: as the options say, and else as the running monitor was told, or its file.
    func resolved(listen standard: Double) -> (options: DoctorOptions, monitor: RunningLine?) {
        let own = options.source().orInstalled
        let seconds = listen ?? standard
        let monitor = runningMonitor(own)
        guard let monitor, let its = monitor.source else { return (DoctorOptions(own, listen: seconds), monitor) }
        var texts = its.options
        // One way in alone.
        if own.options[.bind] != nil || own.options[.connect] != nil {
            texts[.bind] = nil
            texts[.connect] = nil
        }
        texts.merge(own.options) { $1 }
        let source = ConfigurationSource(
            file: options.config ?? its.file, options: texts, environment: its.environment)
        return (DoctorOptions(source, listen: seconds), monitor)
    }

    /// The monitor that has the journal, or listens at the address; where neither is named, the only one that runs.
    private func runningMonitor(_ own: ConfigurationSource) -> RunningLine? {
        if let state = own.read().text(.stateFolder) { return StateFolder(state).owner.flatMap(RunningLine.init) }
        let all = RunningLine.all
        guard options.bind != nil || !options.connect.isEmpty || own.file != nil else {
            return all.count == 1 ? all[0] : nil
        }
        let input = MonitorSettings(own.read()).input
        return all.first { $0.source.map { MonitorSettings($0.read()).input == input } ?? false }
    }
}
