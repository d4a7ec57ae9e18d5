import ArgumentParser
import Dashboard
import Foundation

/// Where the dashboard listens, and who may come in.
struct DashboardOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "HTTP: pages, verdicts, metrics and health at this address (default with --state: 127.0.0.1:8088); \"none\" "
                + "serves none. Goes with --state.", valueName: "host:port"))
    var http: String?

    @Option(
        help: ArgumentHelp(
            "Tokens of `scanward tokens create`: needed off this machine, and to change thresholds.", valueName: "file")
    )
    var tokens: String?

    @Option(
        help: ArgumentHelp(
            "A name by which a proxy on this machine asks; whoever comes by it needs a token.", valueName: "name"))
    var httpName: [String] = []

    @Option(help: ArgumentHelp("three.js, as Debian's libjs-three installs it.", valueName: "folder"))
    var three = "/usr/share/javascript/three"

    static let defaultAddress = "127.0.0.1:8088"

    /// What to serve at; nil for nothing.
    var server: DashboardServer.Configuration? {
        guard http != "none", var server = Self.server(http ?? Self.defaultAddress) else { return nil }
        server.threeFolder = three
        server.hostNames = Set(httpName.map { $0.lowercased() })
        return server
    }

    /// `HOST:PORT`, or nil.
    static func server(_ text: String) -> DashboardServer.Configuration? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port), colon > text.startIndex
        else { return nil }
        return DashboardServer.Configuration(
            host: String(text[..<colon]).trimmingCharacters(in: ["[", "]"]), port: port)
    }

    /// Refuses what cannot be served.
    ///
    /// - Parameters:
    ///   - hasState: whether there is a journal.
    ///   - allowInsecure: whether other machines may come in without encryption.
    func check(hasState: Bool, allowInsecure: Bool) throws {
        guard let http, http != "none" else { return }
        guard hasState else { throw ValidationError("--http goes with --state") }
        guard let server = Self.server(http) else {
            throw ValidationError("--http: expected HOST:PORT such as 127.0.0.1:8088, or none, found \"\(http)\"")
        }
        guard !server.isLocal else { return }
        guard allowInsecure else {
            throw ValidationError(
                "--http: \(http) can be reached by other machines, without encryption: use 127.0.0.1:\(server.port) with a "
                    + "proxy that encrypts before it, or add --allow-insecure on a network that you trust")
        }
        guard tokens != nil else {
            throw ValidationError(
                "--http: \(http) can be reached by other machines: say with --tokens FILE who may come in "
                    + "(`scanward tokens create NAME --role viewer --file FILE`)")
        }
    }
}
