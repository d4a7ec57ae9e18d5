import ArgumentParser
import MonitorConfiguration

/// Where a fleet's NATS servers are, and how they know us.
struct NATSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A NATS server of the fleet; may be given several times (default: \(ConfigurationKey.natsServers.standard ?? "")).",
            valueName: "url"))
    var nats: [String] = []

    @Option(
        help: ArgumentHelp(
            "Who we are to it: a .creds file, or one line USER:PASSWORD or TOKEN.", valueName: "file"))
    var natsCredentials: String?

    @Option(help: ArgumentHelp("TLS: PEM of the authorities whose servers are trusted.", valueName: "file"))
    var natsCa: String?

    @Option(
        help: ArgumentHelp("TLS: PEM of our own certificate, for servers that ask for one.", valueName: "file"))
    var natsCertificate: String?

    @Option(help: ArgumentHelp("TLS: PEM of its private key.", valueName: "file"))
    var natsKey: String?

    var texts: [ConfigurationKey: [String]] {
        var texts: [ConfigurationKey: [String]] = [:]
        if !nats.isEmpty { texts[.natsServers] = nats }
        for (key, value) in [
            (ConfigurationKey.natsCredentials, natsCredentials), (.natsCA, natsCa),
            (.natsCertificate, natsCertificate), (.natsKey, natsKey),
        ] { if let value { texts[key] = [value] } }
        return texts
    }
}

/// What `run` is told of a fleet.
struct FleetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "all: everything in this process (default); ingest: a line whose parts a fleet scores; score: a worker of the "
                + "fleet; hub: all lines' verdicts in one journal.", valueName: "role"))
    var role: String?

    @OptionGroup var nats: NATSOptions

    @Option(
        help: ArgumentHelp(
            "How long a worker may be silent before its part is given to another (default: 15).", valueName: "seconds"))
    var lease: Double?

    @Option(
        help: ArgumentHelp(
            "How long the fleet may take for a part before it is not_decidable (default: 600).", valueName: "seconds"))
    var poolDeadline: Double?

    @Option(
        help: ArgumentHelp(
            "Parts without a verdict that the state folder may hold while the fleet is away or slow (default: 1024).",
            valueName: "MiB"))
    var spoolSize: Int?

    @Option(
        help: ArgumentHelp(
            "While the fleet is away: spool parts for it (default), or score them here (local).", valueName: "choice"))
    var whenAway: String?

    var texts: [ConfigurationKey: [String]] {
        var texts = nats.texts
        func add(_ key: ConfigurationKey, _ value: (some CustomStringConvertible)?) {
            if let value { texts[key] = [value.description] }
        }
        add(.role, role)
        add(.lease, lease)
        add(.poolDeadline, poolDeadline)
        add(.spoolSize, spoolSize)
        add(.whenAway, whenAway)
        return texts
    }
}
