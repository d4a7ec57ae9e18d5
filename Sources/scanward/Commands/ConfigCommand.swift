import ArgumentParser

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Checks the monitor's configuration, and shows what holds.",
        subcommands: [ConfigCheck.self, ConfigShow.self])
}

/// The configuration that `config` looks at.
struct NamedConfiguration: ParsableArguments {
    @Argument(
        help: "The file; without it --config, $SCANWARD_CONFIG, or \(ConfigurationSource.installed) if it is there.",
        completion: .file(extensions: ["yaml", "yml"]))
    var file: String?

    @OptionGroup(title: "Options of run") var options: LineOptions

    var source: ConfigurationSource { options.source(file: file).orInstalled }
}
