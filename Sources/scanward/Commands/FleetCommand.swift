import ArgumentParser
import MonitorConfiguration

struct FleetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "The streams of a fleet of workers, and how it stands.",
        discussion:
            "Lines, workers and the hub are processes of `scanward run --role ingest|score|hub`: docs/scaling.md.",
        subcommands: [FleetInit.self, FleetStatus.self])
}

/// What the commands are told of the server: as a monitor is, without its line.
struct FleetAddress: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Configuration file, whose section fleet holds here too. Default: $SCANWARD_CONFIG, or none.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @OptionGroup var nats: NATSOptions

    func link() throws -> FleetLink {
        var texts = nats.texts
        for (key, values) in texts {
            for text in values {
                guard let refusal = key.kind.refusal(of: text) else { continue }
                throw ValidationError("\(key.option ?? key.name): \(refusal)")
            }
        }
        // Of a worker, which needs neither models nor a source; only the section fleet is used.
        texts[.role] = [FleetSettings.Role.score.rawValue]
        let effective = ConfigurationSource(file: config, options: texts).orInstalled.read()
        let faults = effective.errors.filter { $0.key == nil || $0.key?.hasPrefix("fleet.") == true }
            .filter { $0.key != ConfigurationKey.role.name }
        guard faults.isEmpty else { throw Failure(faults, hasFile: config != nil) }
        return try FleetLink(MonitorSettings(effective).fleet, name: "scanward fleet", waits: false)
    }
}
