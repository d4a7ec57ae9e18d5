import Fleet
import Foundation
import Journal
import MonitorConfiguration
import NATSTransport

/// What `doctor` looks at where a process is one of a fleet (docs/scaling.md).
enum FleetChecks {
    /// Nothing for a process that does everything by itself.
    static func findings(_ options: DoctorOptions, monitor: RunningLine?) -> [Finding] {
        let settings = options.settings.fleet
        guard settings.role != .all else { return [] }
        var findings = settings.role == .ingest ? spool(options) : []
        let servers = settings.servers.joined(separator: ", ")
        do throws(NATSError) {
            let connection = try NATSConnection(NATSConfiguration(settings, name: "scanward doctor"), waits: false)
            defer { connection.close() }
            findings.append(.ok("fleet", "NATS at \(servers) is reached, and lets us in"))
            let streams = JetStream(connection)
            let report = try FleetReport(server: servers, streams)
            findings.append(stored(report))
            findings += members(report, options, monitor)
            if settings.role == .ingest { findings += models(options, streams) }
        } catch {
            findings.append(away(error, servers))
        }
        return findings
    }

    private static func away(_ error: NATSError, _ servers: String) -> Finding {
        switch error.code {
        case .configuration, .denied:
            .look(
                "fleet", .fleetRefused, error.message,
                do: "correct it; a process that runs reads fleet.credentials_file anew until it is let in")
        case .refused(NATSError.streamNotFound):
            .look(
                "fleet", .fleetStreams, "NATS at \(servers) has not all streams of a fleet: \(error.message)",
                do: "scanward fleet init --nats \(servers)")
        case .noResponders:
            .look(
                "fleet", .fleetStreams, error.message,
                do: "start nats-server with JetStream (--jetstream), then `scanward fleet init`")
        default:
            .look(
                "fleet", .fleetAway, error.message,
                do: "start nats-server there, and look at fleet.servers and at the network between")
        }
    }

    /// How full the streams are that take nothing more once they are.
    private static func stored(_ report: FleetReport) -> Finding {
        let full = report.streams.filter { stream in
            stream.limitBytes.map { stream.bytes > UInt64($0) / 10 * 9 } ?? false
        }
        .filter { [FleetNames.parts, FleetNames.chunks, FleetNames.answers].contains($0.name) }
        let bytes = report.streams.reduce(0) { $0 + $1.bytes }
        guard !full.isEmpty else {
            return .ok("fleet", "\(report.streams.count) streams, \(bytes >> 20) MiB in them")
        }
        return .look(
            "fleet", .fleetStreams,
            "\(full.map(\.name).joined(separator: ", ")) is nearly full: parts wait in the lines' spools",
            do: "add workers, or room with `scanward fleet init --size GIB`")
    }

    /// Whether those are there that this process is of no use without.
    private static func members(
        _ report: FleetReport, _ options: DoctorOptions, _ monitor: RunningLine?
    ) -> [Finding] {
        let settings = options.settings
        var findings: [Finding] = []
        let workers = report.workers.count, lines = report.byLine.filter { $0.process != nil }
        switch settings.fleet.role {
        case .all, .hub: break
        case .score where lines.isEmpty:
            findings.append(
                .look(
                    "fleet", .fleetIdle, "no line of the fleet is there: a worker has nothing to score",
                    do: "start one with `scanward run --role ingest --line NAME`, at the same server"))
        case .ingest where workers == 0:
            findings.append(
                .look(
                    "fleet", .fleetIdle,
                    "no worker has reported within \(WorkerReport.lifetime.components.seconds) s: nobody scores",
                    do: "start one with `scanward run --role score`, at the same server"))
        case .score, .ingest: break
        }
        if findings.isEmpty {
            findings.append(
                .ok(
                    "fleet",
                    "\(workers) workers; lines: "
                        + (lines.isEmpty
                            ? "none" : lines.map { "\($0.name) (\($0.process ?? ""))" }.joined(separator: ", "))))
        }
        if settings.fleet.role == .ingest, monitor == nil,
            let owner = lines.first(where: { $0.name == settings.line })?.process
        {
            findings.append(
                .look(
                    "fleet", .fleetRefused, "the line \(settings.line) of this fleet is in use by \(owner)",
                    do: "give this line a name of its own with --line"))
        }
        let dead = report.byLine.filter { $0.dead > 0 }
        if !dead.isEmpty {
            findings.append(
                .look(
                    "fleet", .fleetDead,
                    "parts that workers died of lie in \(FleetNames.dead): "
                        + dead.map { "\($0.dead) of \($0.name)" }.joined(separator: ", "),
                    do:
                        "look at the workers' logs for what killed them; the parts are not_decidable, and go after 30 days"
                ))
        }
        if let lag = report.hubLag, lag > 10_000 {
            findings.append(
                .look(
                    "fleet", .fleetIdle, "\(lag) verdicts wait for the hub",
                    do: "start it with `scanward run --role hub`"))
        }
        return findings
    }

    private static func models(_ options: DoctorOptions, _ streams: JetStream) -> [Finding] {
        let depot = ModelDepot(streams: streams)
        return options.models.flatMap { ModelListing.entries(in: URL(filePath: $0)) }.compactMap { entry in
            guard let version = entry.versions.first(where: \.isCurrent), let model = try? version.content.get(),
                let isThere = try? depot.contains(model.id)
            else { return nil }
            return .ok(
                "fleet",
                "model \(entry.partType), \(model.id.prefix(12)): "
                    + (isThere ? "with the fleet" : "goes to the fleet with its first part"))
        }
    }

    /// What waits on the disk, and whether more finds room.
    private static func spool(_ options: DoctorOptions) -> [Finding] {
        guard let state = options.settings.stateFolder else { return [] }
        let limit = options.settings.fleet.spoolMiB
        let (parts, bytes) = PartSpool.waiting(in: StateFolder(state).path)
        let text = "spool: \(parts) parts, \(bytes >> 20) of \(limit) MiB (fleet.spool_mib)"
        if bytes >> 20 > limit / 10 * 9 {
            return [
                .look(
                    "fleet", .spoolFull, text + ": what does not fit is not_decidable",
                    do: "look whether NATS is reached and workers are there; more room: --spool-size")
            ]
        }
        if let free = SystemDisk().freeBytes(at: state), free >> 20 < UInt64(max(0, limit - bytes >> 20)) {
            return [
                .look(
                    "fleet", .spoolFull,
                    text + ", and the disk has \(free >> 20) MiB free: it is full before the spool is",
                    do: "free room there, or lower fleet.spool_mib (--spool-size): the journal is on that disk, too")
            ]
        }
        return [.ok("fleet", text)]
    }
}
