extension ConfigurationKey {
    public static let line = Self(
        "line", .label, standard: "line1", option: "--line", change: .restart,
        "Name of the line, in verdicts and their topic.")
    public static let station = Self(
        "station", .label, standard: "station1", option: "--station", change: .restart,
        "Name of the station, in verdicts and their topic.")
    public static let baseFolder = Self(
        "base_folder", .path, change: .running,
        "Where relative paths of the file begin; relative itself to the file's folder, which it is where nothing is said."
    )

    public static let bind = Self(
        "sources.bind", .endpoint, standard: "tcp://127.0.0.1:5600", option: "--bind", change: .restart,
        "PULL: listen here for scanners that push.")
    public static let connect = Self(
        "sources.connect", .endpoints, option: "--connect", change: .restart,
        "SUB: connect to the scanners that publish here, in place of bind.")
    public static let serverKeys = Self(
        "sources.server_keys", .curveKeys, option: "--server-key", change: .restart,
        "CURVE: public key, or a key file with it, of the scanners of connect: one for all, or one for each in their order."
    )
    public static let partType = Self(
        "sources.part_type", .text, option: "--part-type", change: .running,
        "Type of parts whose frames name none.")
    public static let partTypeByScanner = Self(
        "sources.part_type_by_scanner.*", .text, change: .running,
        "The same for the frames of one scanner, named by its source id.")
    public static let arraySource = Self(
        "sources.arrays.source", .label, option: "--array-source", change: .restart,
        "Take bare arrays (pyzmq's send_array, PSI's array-1.0) as frames of this scanner; refused where nothing is said."
    )
    public static let arrayUnit = Self(
        "sources.arrays.unit", .choice(["mm", "m", "um"]), option: "--array-unit", change: .restart,
        "Unit of their coordinates. Goes with sources.arrays.source.")
    public static let arrayGap = Self(
        "sources.arrays.gap_s", .number(above: 0, below: 1e6), unit: "s", option: "--array-gap", change: .restart,
        "How long no array comes before a part has ended; each array is a part of its own where nothing is said.")

    public static let curveSecretFile = Self(
        "access.curve_secret_file", .path, option: "--curve-secret", change: .restart,
        "CURVE: the monitor's key pair, a file of `scanward keys generate`.")
    public static let allowListFile = Self(
        "access.allow_list_file", .path, option: "--allow-list", change: .running,
        "CURVE: public keys that may connect, a file of `scanward keys allow`.")
    public static let allowInsecure = Self(
        "access.allow_insecure", .flag, standard: "false", option: "--allow-insecure", change: .restart,
        "Allow addresses that other machines can reach without encryption.")

    public static let tokensFile = Self(
        "access.tokens_file", .path, option: "--tokens", change: .restart,
        "Who may use the dashboard from other machines and change thresholds, a file of `scanward tokens create`.")

    public static let models = Self(
        "models", .paths, option: "--model", change: .running,
        "Model folders, or folders of such; each serves the part type that it was taught for.")
    public static let partTypeModel = Self(
        "part_types.*.model", .path, change: .running,
        "Model folder that parts of this type are judged by, whatever type it was taught for.")
    public static let partTypeThreshold = Self(
        "part_types.*.threshold", .number(above: 0, below: 1e9), unit: "score", change: .running,
        "Score above which parts of this type fail, in place of the model's own threshold.")

    public static let publish = Self(
        "sinks.publish", .endpointOrNone, standard: "tcp://127.0.0.1:5601", option: "--publish", change: .restart,
        "PUB: publish verdicts here; none publishes none.")
    public static let replay = Self(
        "sinks.replay", .endpointOrNone, standard: "tcp://127.0.0.1:5602", option: "--replay", change: .restart,
        "ROUTER: answer for earlier verdicts here; none answers nobody. Goes with state.folder.")
    public static let http = Self(
        "sinks.http", .addressOrNone, standard: "127.0.0.1:8088", option: "--http", change: .restart,
        "HTTP: dashboard, verdicts, metrics and health at this HOST:PORT; none serves none. Goes with state.folder.")
    public static let httpNames = Self(
        "sinks.http_names", .names, option: "--http-name", change: .restart,
        "Names by which a proxy on this machine asks the dashboard; whoever comes by them needs a token.")
    public static let threeFolder = Self(
        "sinks.three_folder", .path, standard: "/usr/share/javascript/three", option: "--three", change: .restart,
        "three.js for the dashboard, as Debian's libjs-three installs it.")
    public static let heatmapFolder = Self(
        "sinks.heatmap_folder", .path, option: "--heatmaps", change: .restart,
        "Write heat maps of parts that are not ok to this folder.")

    public static let partDeadline = Self(
        "limits.part_deadline_s", .number(above: 0, below: 1e6), unit: "s", standard: "5", option: "--part-deadline",
        change: .running,
        "How long a part waits for its next frame; the whole part may take 12 times that, at least 60 s.")
    public static let openParts = Self(
        "limits.open_parts", .whole(1...100_000), unit: "parts", standard: "8", option: "--max-open-parts",
        change: .running, "Most parts of one source that are open at once.")
    public static let framesPerPart = Self(
        "limits.frames_per_part", .whole(1...100_000_000), unit: "frames", standard: "4096", option: "--max-frames",
        change: .running, "Most frames of a part.")
    public static let pointsPerPart = Self(
        "limits.points_per_part", .whole(1...1_000_000_000), unit: "points", standard: "16777216",
        option: "--max-points", change: .running, "Most points of a part.")
    public static let refusedFrames = Self(
        "limits.refused_frames", .whole(0...100_000_000), unit: "frames", standard: "0", option: "--max-refused",
        change: .running,
        "Most refused frames with which a part is still judged, by its other frames; with more it is not_decidable.")
    public static let threads = Self(
        "limits.threads", .whole(1...4096), unit: "threads", option: "--threads", change: .restart,
        "Threads for scoring; all cores where nothing is said.")

    public static let stateFolder = Self(
        "state.folder", .path, option: "--state", change: .restart,
        "Keep verdicts in a journal here: none that was published is lost.")
    public static let keepDays = Self(
        "state.keep_days", .number(above: 0, below: 36_500), unit: "days", standard: "90", option: "--keep-days",
        change: .running, "Remove verdicts older than this from the journal.")
    public static let keepSize = Self(
        "state.keep_mib", .whole(1...(1 << 30 - 1)), unit: "MiB", standard: "4096", option: "--keep-size",
        change: .running,
        "Size of the journal above which the oldest verdicts are removed; unacknowledged ones stay up to twice that.")

    public static let role = Self(
        "fleet.role", .choice(FleetSettings.Role.allCases.map(\.rawValue)), standard: FleetSettings.Role.all.rawValue,
        option: "--role", change: .restart,
        "What this process does: everything by itself; a line whose parts a fleet scores; a worker of the fleet; or the hub of its verdicts (docs/scaling.md)."
    )
    public static let natsServers = Self(
        "fleet.servers", .servers, standard: "nats://127.0.0.1:4222", option: "--nats", change: .restart,
        "NATS servers of the fleet, with JetStream: one, or those of a cluster.")
    public static let natsCredentials = Self(
        "fleet.credentials_file", .path, option: "--nats-credentials", change: .restart,
        "Who we are to them: a .creds file of nsc, or one line USER:PASSWORD or TOKEN, readable by its owner alone.")
    public static let natsCA = Self(
        "fleet.ca_file", .path, option: "--nats-ca", change: .restart,
        "TLS: PEM of the authorities whose servers are trusted; with it, or with tls://, nothing goes unencrypted.")
    public static let natsCertificate = Self(
        "fleet.certificate_file", .path, option: "--nats-certificate", change: .restart,
        "TLS: PEM of our own certificate, for servers that ask for one. Goes with fleet.key_file.")
    public static let natsKey = Self(
        "fleet.key_file", .path, option: "--nats-key", change: .restart, "TLS: PEM of its private key.")
    public static let lease = Self(
        "fleet.lease_s", .number(above: 0, below: 3600), unit: "s", standard: "15", option: "--lease", change: .restart,
        "How long a worker may be silent before its part is given to another.")
    public static let poolDeadline = Self(
        "fleet.deadline_s", .number(above: 0, below: 1e6), unit: "s", standard: "600", option: "--pool-deadline",
        change: .restart, "How long the fleet may take for a part before it is not_decidable.")
    public static let spoolSize = Self(
        "fleet.spool_mib", .whole(1...(1 << 30 - 1)), unit: "MiB", standard: "1024", option: "--spool-size",
        change: .restart, "Parts without a verdict that the state folder may hold while the fleet is away or slow.")
    public static let whenAway = Self(
        "fleet.when_away", .choice(["spool", "local"]), standard: "spool", option: "--when-away", change: .restart,
        "While the fleet is away: keep parts for it, and say not_decidable once they do not fit; or score here.")

    /// Every key there is, in the order of the file.
    public static let all: [ConfigurationKey] = [
        line, station, baseFolder,
        bind, connect, serverKeys, partType, partTypeByScanner, arraySource, arrayUnit, arrayGap,
        curveSecretFile, allowListFile, allowInsecure, tokensFile,
        models, partTypeModel, partTypeThreshold,
        publish, replay, http, httpNames, threeFolder, heatmapFolder,
        partDeadline, openParts, framesPerPart, pointsPerPart, refusedFrames, threads,
        stateFolder, keepDays, keepSize,
        role, natsServers, natsCredentials, natsCA, natsCertificate, natsKey, lease, poolDeadline, spoolSize, whenAway,
    ]
}
