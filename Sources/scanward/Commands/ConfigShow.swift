import ArgumentParser
import MonitorConfiguration

struct ConfigShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Prints what holds, and where each value comes from.",
        discussion: """
            Options go before the environment, that before the file, that before the defaults. No secret is in a configuration:
            it names the files that hold them. Exit codes: 0, or as of `run` where there are faults; `config check` names
            them.
            """)

    @Flag(help: "As a JSON array.")
    var json = false

    @OptionGroup var configuration: NamedConfiguration

    func run() async throws {
        try await reportingFailures {
            let source = configuration.source
            let effective = source.read()
            let values = effective.sorted
            if json {
                try printJSON(values.map { ConfigurationReport.Value($0.name, $0.value) })
            } else {
                let rows = values.map { name, value in
                    (
                        key: printable(name.description),
                        value: printable(value.texts.joined(separator: ", "))
                            + (value.key.unit.map { $0 == "score" ? "" : " \($0)" } ?? ""),
                        origin: printable(value.origin.description)
                    )
                }
                let keys = rows.map(\.key.count).max() ?? 0, texts = rows.map(\.value.count).max() ?? 0
                for row in rows {
                    Terminal.output(
                        row.key.padded(to: keys) + "  " + row.value.padded(to: min(texts, 48)) + "  "
                            + Paint.faint(row.origin))
                }
            }
            guard !effective.errors.isEmpty else { return }
            throw Failure(effective.errors, hasFile: source.file != nil)
        }
    }
}
