import ArgumentParser
import Foundation
import Ingest
import Journal
import Logging
import ServiceLifecycle
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

    @OptionGroup(title: "Dashboard") var dashboard: DashboardOptions

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

    @OptionGroup var log: LogOptions

    @OptionGroup var access: AccessOptions

    @OptionGroup(title: "Reading a recording")
    var reading: CaptureOptions

    func run() async throws {
        Terminal.log(as: log.logFormat)
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
            let reload = onHangup { monitor.reload() }
            defer { reload.cancel() }
            try await run(monitor)
            (monitor.summary.lines() + monitor.captureReport).forEach(json ? Terminal.error : Terminal.output)
            try monitor.throwFailure()
        }
    }

    /// Runs the line, and beside it what serves its verdicts, until the line ends by itself or is asked to.
    private func run(_ monitor: InspectionLine) async throws {
        let show = json ? Terminal.error : Terminal.output
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        if let server = try dashboard.service(of: monitor, line: line, station: station, show: show) {
            services.append(
                .init(
                    service: server, successTerminationBehavior: .ignore,
                    failureTerminationBehavior: .gracefullyShutdownGroup))
        }
        // Services are stopped from the last one on: the line first, and its readers get what it still says.
        let lines = announcement(of: monitor)
        let line = AnnouncedLine(line: monitor) { lines.forEach(show) }
        services.append(.init(service: line, successTerminationBehavior: .gracefullyShutdownGroup))
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "scanward") { _ in SwiftLogNoOpLogHandler() })
        // A reader that does not read keeps nobody from ending.
        configuration.maximumGracefulShutdownDuration = .seconds(20)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let failure as Failure {
            throw failure
        } catch is CancellationError {
            // Readers that did not read were given up.
        } catch {
            // The HTTP server's, which could not listen: the line was shut down with it.
            throw Failure("--http: \(error)")
        }
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
        configuration.partPictures = state == nil || dashboard.server == nil ? nil : PartPictureLimits()
        configuration.retention.age = .seconds(keepDays * 86_400)
        configuration.retention.bytes = keepSize << 20
        configuration.retention.unacknowledgedBytes = 2 * keepSize << 20
        return configuration
    }

    /// What is told at the start.
    private func announcement(of monitor: InspectionLine) -> [String] {
        var lines = ["frames from \(monitor.endpoints.input)"]
        if let publish = monitor.endpoints.publish { lines.append("verdicts at \(publish)") }
        if let replay = monitor.endpoints.replay { lines.append("earlier verdicts at \(replay)") }
        if let journal = monitor.journal, let state {
            lines.append(LineJournal.describe(journal, in: StateFolder(state)))
        } else {
            lines.append("verdicts are not journalled: what nobody receives is lost, see --state")
        }
        lines.append("scored by \(monitor.models)")
        if !json { lines.append("\n" + VerdictTable.header) }
        return lines
    }
}

/// The line, told of once signals are listened to: whoever reads that it runs can end it.
private struct AnnouncedLine: Service {
    let line: InspectionLine
    let announce: @Sendable () -> Void

    func run() async throws {
        announce()
        try await line.run()
    }
}
