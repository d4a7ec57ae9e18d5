import ArgumentParser

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Checks the monitor's configuration, and shows what holds.",
        subcommands: [ConfigCheck.self, ConfigShow.self])
}
