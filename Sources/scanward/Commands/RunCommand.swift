import ArgumentParser
import Foundation
import Ingest
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
            not_decidable. SIGHUP has the allow-list read anew. Exit codes: 0 ended as asked, 1 failed, 3 a capture without frames, 4 a capture cut off at
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
            let group = ServiceGroup(
                services: [monitor], gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "scanward") { _ in SwiftLogNoOpLogHandler() })
            // The line is the only service: when it ends by itself, so does the group.
            do {
                try await group.run()
            } catch let error as ServiceGroupError where error == .serviceFinishedUnexpectedly() {}
            (monitor.summary.lines() + monitor.captureReport).forEach(json ? Terminal.error : Terminal.output)
            try monitor.throwFailure()
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
        return configuration
    }

    private func announce(_ monitor: InspectionLine) {
        let show = json ? Terminal.error : Terminal.output
        show("frames from \(monitor.endpoints.input)")
        if let publish = monitor.endpoints.publish { show("verdicts at \(publish)") }
        show("scored by \(monitor.models)")
        if !json { Terminal.output("\n" + VerdictTable.header) }
    }
}
