import ArgumentParser
import MonitorConfiguration

/// Where the dashboard listens, and who may come in.
struct DashboardOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "HTTP: pages, verdicts, metrics and health at this address; \"none\" serves none. Goes with --state (default: "
                + "\(ConfigurationKey.http.standard ?? "")).", valueName: "host:port"))
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

    @Option(
        help: ArgumentHelp(
            "three.js, as Debian's libjs-three installs it (default: \(ConfigurationKey.threeFolder.standard ?? "")).",
            valueName: "folder"))
    var three: String?
}
