import ArgumentParser
import MonitorConfiguration

struct ConfigCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Says whether a monitor could be started with a configuration.",
        discussion: """
            Checks the file, the environment and the options of `run` given here, and what they refer to: models are read whole,
            key files with who may read them, lists and folders. Every fault is a line FILE:LINE: KEY: sentence. Exit codes: 0
            it can be used (there may be warnings), 78 it cannot.
            """)

    @Flag(help: "As a JSON object.")
    var json = false

    @OptionGroup var configuration: NamedConfiguration

    func run() async throws {
        try await reportingFailures {
            let source = configuration.source
            let faults = ConfigurationCheck.run(source.read())
            let errors = faults.count { !$0.isWarning }
            if json {
                try printJSON(
                    ConfigurationReport.Check(
                        file: source.file, isUsable: errors == 0, faults: faults.map(ConfigurationReport.Fault.init)))
            } else {
                for fault in faults {
                    Terminal.output(
                        (fault.isWarning ? Paint.yellow("warning: ") : "") + printable(fault.description))
                }
                let name = source.file.map(printable) ?? "without a file"
                Terminal.output(errors == 0 ? "\(name): ok" : "\(name): \(errors) fault\(errors == 1 ? "" : "s")")
            }
            try (errors > 0 ? ExitCodes.configuration : .success).end()
        }
    }
}
