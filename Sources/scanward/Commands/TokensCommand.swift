public import ArgumentParser
public import Dashboard
import Foundation

extension Role: ExpressibleByArgument {}

struct TokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "Makes, lists and revokes tokens for the dashboard (docs/dashboard.md).",
        subcommands: [TokensCreate.self, TokensList.self, TokensRevoke.self])
}

/// The file of tokens: named, or as the monitor's own configuration says.
struct TokenFileOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The monitor's configuration file, whose access.tokens_file it is. Default: $SCANWARD_CONFIG, or \(ConfigurationSource.installed) if it is there.",
            valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The file of tokens, which `run --tokens` is given too. Default: as the configuration says.",
            valueName: "file"))
    var file: String?

    func path() throws -> String {
        if let file { return file }
        return try ConfigurationSource(file: config).orInstalled
            .text(
                .tokensFile, expecting: "the file of tokens, by --file FILE or as access.tokens_file of --config FILE")
    }
}

struct TokensCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Makes a token and prints it: it is not to be seen again, as its hash alone is kept.")

    @Argument(help: "Whose it is: 1 to 64 of A-Z a-z 0-9 . _ -")
    var name: String

    @Option(help: "viewer: may look; operator: may change thresholds too.")
    var role = Role.viewer

    @OptionGroup var tokens: TokenFileOption

    @Flag(help: "As a JSON object.")
    var json = false

    private struct Made: Encodable {
        let name: String
        let role: Role
        let token: String
    }

    func run() async throws {
        try await reportingFailures {
            let file = try tokens.path()
            let token = try TokenFile.create(name, role, in: file)
            guard !json else { return try printJSON(Made(name: name, role: role, token: token)) }
            Terminal.output(token)
            Terminal.error(
                "the token of \(name), \(role.rawValue); \(file) has its hash. A running monitor takes it at once"
            )
        }
    }
}

struct TokensList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists names, roles and dates.")

    @OptionGroup var tokens: TokenFileOption

    @Flag(help: "As a JSON array.")
    var json = false

    private struct Listed: Encodable {
        let name: String
        let role: Role
        let created: String
    }

    func run() async throws {
        try await reportingFailures {
            let entries = try TokenFile.read(try tokens.path())
            guard !json else {
                return try printJSON(entries.map { Listed(name: $0.name, role: $0.role, created: $0.created) })
            }
            for entry in entries {
                Terminal.output("\(entry.name.padded(to: 24))  \(entry.role.rawValue.padded(to: 8))  \(entry.created)")
            }
        }
    }
}

struct TokensRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Takes a token away; a running monitor refuses it from the next request on.")

    @Argument(help: "Whose.")
    var name: String

    @OptionGroup var tokens: TokenFileOption

    @Flag(help: "As a JSON object.")
    var json = false

    func run() async throws {
        try await reportingFailures {
            try TokenFile.revoke(name, in: try tokens.path())
            guard !json else { return try printJSON(["revoked": name]) }
            Terminal.output("the token of \(name) is revoked")
        }
    }
}
