import ArgumentParser
import Foundation
import Ingest
import Journal
import Logging
import ServiceLifecycle
import VerdictServer
import ZeroMQ

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the monitor: frames in, verdicts out.",
        discussion: """
            Frames come from scanners that PUSH to --bind (the default), from a scanner that publishes at --connect, or
            from a recording given by --capture. SIGTERM and SIGINT end it cleanly: open parts are reported as
            not_decidable. SIGHUP reads the models, their thresholds and the allow-list anew; a set that is not sound is refused, and
            the one in use stays. Exit codes: 0 ended as asked, 1 failed, 3 a capture without frames, 4 a capture cut off at
            its end.
            """)

    @Option(help: ArgumentHelp("PULL: listen here for scanners that push.", valueName: "endpoint"))
    var bind: String?

    @Option(help: ArgumentHelp("SUB: connect to a scanner that publishes here.", valueName: "endpoint"))
    var connect: String?

    @Option(
        help: ArgumentHelp(
            "Read frames from a recording (pcap, pcapng), a folder of them, or - for standard input.", valueName: "file"
        ))
    var capture: String?

    @OptionGroup(title: "Recordings") var playback: PlaybackArguments

    @Option(help: "A model folder, or a folder of them; may be given several times.")
    var model: [String]

    @Option(help: ArgumentHelp("PUB: publish verdicts here; \"none\" publishes none.", valueName: "endpoint"))
    var publish = "tcp://127.0.0.1:5601"

    @Option(
        help: ArgumentHelp(
            "Keep verdicts in a journal here: none that was published is lost, consumers catch up, numbers go on after a "
                + "restart.", valueName: "folder"))
    var state: String?

    @Option(
        help: ArgumentHelp(
            "ROUTER: answer consumers that ask for earlier verdicts here; \"none\" answers none. Goes with --state.",
            valueName: "endpoint"))
    var replay: String?

    @Option(
        help: ArgumentHelp(
            "HTTP: /api/verdicts, /healthz, /readyz at this address, 127.0.0.1:PORT for this machine alone. Goes with "
                + "--state.", valueName: "host:port"))
    var http: String?

    @Option(help: ArgumentHelp("Remove verdicts older than this from the journal.", valueName: "days"))
    var keepDays = 90.0

    @Option(
        help: ArgumentHelp(
            "Size of the journal above which the oldest verdicts are removed; what a named consumer has not "
                + "acknowledged stays up to twice that.", valueName: "MiB"))
    var keepSize = 4096

    @Option(help: "Name of the line, in verdicts and their topic.")
    var line = "line1"

    @Option(help: "Name of the station, in verdicts and their topic.")
    var station = "station1"

    @Option(help: "Type of parts whose frames name none.")
    var partType: String?

    @Option(
        help: ArgumentHelp(
            "How long a part waits for its next frame; the whole part may take 12 times that, at least 60 s.",
            valueName: "seconds"))
    var partDeadline = 5.0

    @Option(help: "Most parts of one source that are open at once.")
    var maxOpenParts = 8

    @Option(help: "Most frames of a part.")
    var maxFrames = 4096

    @Option(help: "Most points of a part.")
    var maxPoints = 16 << 20

    @Option(help: ArgumentHelp("Write heat maps of parts that are not ok to this folder.", valueName: "folder"))
    var heatmaps: String?

    @Option(help: "Threads for scoring (default: all cores).")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "End after at least so many verdicts; what was received by then is still judged.", valueName: "count"))
    var untilParts: Int?

    @Flag(help: "Print each verdict as a line of JSON instead of the table.")
    var json = false

    @OptionGroup var access: AccessOptions

    @OptionGroup(title: "Reading a recording")
    var reading: CaptureOptions

    func validate() throws {
        guard [bind, connect, capture].compactMap({ $0 }).count <= 1 else {
            throw ValidationError("expected one of --bind, --connect and --capture, found several")
        }
        guard capture != nil || !playback.isGiven else {
            throw ValidationError(
                "--rate, --topspeed, --loop, --start-offset, --duration, --max-gap and --start-paused go with --capture"
            )
        }
        guard capture != nil || !reading.follow else {
            throw ValidationError("--follow goes with --capture")
        }
        guard partDeadline > 0, partDeadline < 1e6 else {
            throw ValidationError("--part-deadline: expected seconds above 0, found \(partDeadline)")
        }
        for (name, value) in [("max-open-parts", maxOpenParts), ("max-frames", maxFrames), ("max-points", maxPoints)] {
            guard value > 0 else { throw ValidationError("--\(name): expected 1 or more, found \(value)") }
        }
        guard state != nil || http == nil else { throw ValidationError("--http goes with --state") }
        if let http {
            guard let server = Self.server(http) else {
                throw ValidationError("--http: expected HOST:PORT such as 127.0.0.1:8080, found \"\(http)\"")
            }
            guard server.isLocal || access.allowInsecure else {
                throw ValidationError(
                    "--http: \(http) can be reached by other machines, without encryption and without asking who they are: "
                        + "use 127.0.0.1:\(server.port), or add --allow-insecure on a network that you trust")
            }
        }
        guard state != nil || replay == nil else { throw ValidationError("--replay goes with --state") }
        guard keepDays > 0, keepDays < 36_500 else {
            throw ValidationError("--keep-days: expected days above 0, found \(keepDays)")
        }
        guard keepSize > 0, keepSize < 1 << 30 else {
            throw ValidationError("--keep-size: expected MiB above 0, found \(keepSize)")
        }
        guard (threads ?? 1) > 0 else { throw ValidationError("--threads: expected 1 or more") }
        guard (untilParts ?? 1) > 0 else { throw ValidationError("--until-parts: expected 1 or more") }
        for (name, value) in [("line", line), ("station", station)] {
            guard !value.isEmpty, value.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
            else { throw ValidationError("--\(name): expected letters, digits, '.', '_' and '-', found \"\(value)\"") }
        }
    }

    func run() async throws {
        try await reportingFailures {
            raiseDescriptorLimit()
            // Until the models are read it would end the process.
            signal(SIGHUP, SIG_IGN)
            let monitor: InspectionLine
            do {
                monitor = try InspectionLine(lineConfiguration)
            } catch let error as ZeroMQError {
                throw Failure(error.message)
            } catch let error as CaptureError {
                throw Failure(error)
            }
            announce(monitor)
            let reload = onHangup { monitor.reload() }
            defer { reload.cancel() }
            // When the line ends by itself, so does what serves its verdicts.
            var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
                .init(service: monitor, successTerminationBehavior: .gracefullyShutdownGroup)
            ]
            if let journal = monitor.journal, let configuration = http.flatMap(Self.server) {
                let show = json ? Terminal.error : Terminal.output
                let server = VerdictServer(configuration: configuration, log: JournalLog(journal: journal)) { port in
                    show("http at http://\(configuration.host):\(port)")
                }
                services.append(.init(service: server))
            }
            let group = ServiceGroup(
                configuration: .init(
                    services: services, gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: Logger(label: "scanward") { _ in SwiftLogNoOpLogHandler() }))
            do {
                try await group.run()
            } catch let failure as Failure {
                throw failure
            } catch {
                // The HTTP server's, which could not listen: the line was shut down with it.
                throw Failure("--http: \(error)")
            }
            (monitor.summary.lines() + monitor.captureReport).forEach(json ? Terminal.error : Terminal.output)
            try monitor.throwFailure()
        }
    }

    /// `HOST:PORT`, or nil.
    private static func server(_ text: String) -> VerdictServer.Configuration? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port), colon > text.startIndex
        else { return nil }
        return VerdictServer.Configuration(
            host: String(text[..<colon]).trimmingCharacters(in: ["[", "]"]), port: port)
    }

    private var lineConfiguration: LineConfiguration {
        let input: LineConfiguration.Input =
            if let capture {
                .capture(capture, playback.options)
            } else if let connect {
                .socket(.connect(connect))
            } else {
                .socket(.bind(bind ?? "tcp://127.0.0.1:5600"))
            }
        var configuration = LineConfiguration(
            input: input, models: model, publish: publish == "none" ? nil : publish, line: line, station: station,
            defaultPartType: partType)
        configuration.access = access.configuration
        configuration.limits.idleDeadline = .seconds(partDeadline)
        configuration.limits.totalDeadline = .seconds(max(60, 12 * partDeadline))
        configuration.limits.maximumOpenParts = maxOpenParts
        configuration.limits.maximumFrames = maxFrames
        configuration.limits.maximumPoints = maxPoints
        configuration.startGate = capture.flatMap { playback.gate(capture: $0) }
        configuration.captureLimits = reading.limits
        configuration.captureFollowing = reading.following
        configuration.heatmaps = heatmaps.map { URL(filePath: $0) }
        configuration.threads = threads
        configuration.untilParts = untilParts
        configuration.printsJSON = json
        configuration.state = state.map(StateFolder.init)
        configuration.replay = state == nil || replay == "none" ? nil : replay ?? "tcp://127.0.0.1:5602"
        configuration.retention.age = .seconds(keepDays * 86_400)
        configuration.retention.bytes = keepSize << 20
        configuration.retention.unacknowledgedBytes = 2 * keepSize << 20
        return configuration
    }

    private func announce(_ monitor: InspectionLine) {
        let show = json ? Terminal.error : Terminal.output
        show("frames from \(monitor.endpoints.input)")
        if let publish = monitor.endpoints.publish { show("verdicts at \(publish)") }
        if let replay = monitor.endpoints.replay { show("earlier verdicts at \(replay)") }
        if let journal = monitor.journal, let state {
            show(LineJournal.describe(journal, in: StateFolder(state)))
        } else {
            show("verdicts are not journalled: what nobody receives is lost, see --state")
        }
        show("scored by \(monitor.models)")
        if !json { Terminal.output("\n" + VerdictTable.header) }
    }
}
