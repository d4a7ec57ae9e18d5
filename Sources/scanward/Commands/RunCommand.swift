import ArgumentParser
import Foundation
import Ingest
import Journal
import Logging
import MonitorConfiguration
import ServiceLifecycle
import ServiceManager
import ZeroMQ

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the monitor: frames in, verdicts out.",
        discussion: """
            Frames come from scanners that PUSH to --bind (the default), from a scanner that publishes at --connect, or
            from a recording given by --capture. What options say goes before SCANWARD_... variables, these before the file of
            --config, that before the defaults. SIGTERM and SIGINT end it cleanly: open parts are reported as not_decidable.
            SIGHUP, and `scanward reload`, read the file, the models, their thresholds and the allow-list anew; what is not
            sound is refused, and what is in use stays. Exit codes: 0 ended as asked, 1 failed, 3 a capture without frames, 4 a
            capture cut off at its end, 64 options that do not go together, 78 a configuration with faults.
            """)

    @OptionGroup var options: LineOptions

    @Option(
        help: ArgumentHelp(
            "Read frames from a recording (pcap, pcapng), a folder of them, or - for standard input.", valueName: "file"
        ))
    var capture: String?

    @OptionGroup(title: "Recordings") var playback: PlaybackArguments

    @Option(
        help: ArgumentHelp(
            "End after at least so many verdicts; what was received by then is still judged.", valueName: "count"))
    var untilParts: Int?

    @Flag(help: "Print each verdict as a line of JSON instead of the table.")
    var json = false

    @OptionGroup var log: LogOptions

    @OptionGroup(title: "Reading a recording")
    var reading: CaptureOptions

    func run() async throws {
        Terminal.log(as: log.logFormat)
        try await reportingFailures {
            raiseDescriptorLimit()
            // From the first moment on: what is edited while the models are read is taken up once they are.
            let hangup = Hangup()
            let listener = onHangup { hangup.raise() }
            defer { listener.cancel() }
            let configuration = try lineConfiguration()
            if configuration.settings.fleet.role == .score { return try await score(configuration) }
            let monitor = try InspectionLine(configuration)
            let notifier = try serviceNotifier { monitor.status }
            defer { notifier?.close() }
            monitor.reloader.willReload = { notifier?.beginReload() }
            monitor.reloader.didReload = { notifier?.endReload() }
            hangup.handle { monitor.reload() }
            try await run(monitor, notifier)
            (monitor.summary.lines() + monitor.captureReport).forEach(json ? Terminal.error : Terminal.output)
            try monitor.throwFailure()
        }
    }

    /// Runs the line, and beside it what serves its verdicts, until the line ends by itself or is asked to.
    private func run(_ monitor: InspectionLine, _ notifier: ServiceNotifier?) async throws {
        let show = json ? Terminal.error : Terminal.output
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        if let server = try DashboardService.make(of: monitor, show: show) {
            services.append(
                .init(
                    service: server, successTerminationBehavior: .ignore,
                    failureTerminationBehavior: .gracefullyShutdownGroup))
        }
        // Services are stopped from the last one on: the line first, and its readers hear of it until its journal is closed.
        let lines = announcement(of: monitor)
        let line = AnnouncedLine(line: monitor, notifier: notifier) {
            lines.forEach(show)
            notifier?.ready(watching: monitor.progress)
        }
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
            throw Failure("\(monitor.configuration.label(.http)): \(error)")
        }
    }

    /// Who is told how this process is doing, if it was started by a service manager that wants to know.
    func serviceNotifier(status: @escaping @Sendable () -> String) throws -> ServiceNotifier? {
        do throws(NotifySocket.Failure) {
            guard let socket = try NotifySocket(environment: ProcessInfo.processInfo.environment) else { return nil }
            return ServiceNotifier(socket, status: status) { Terminal.error("scanward: \($0)") }
        } catch {
            throw Failure(error.message)
        }
    }

    private func lineConfiguration() throws -> LineConfiguration {
        let source = options.source(isRecording: capture != nil)
        let effective = source.read()
        let errors = effective.errors
        guard errors.isEmpty else { throw Failure(errors, hasFile: source.file != nil) }
        for warning in effective.faults { Terminal.error("scanward: \(printable(warning.description))") }
        var configuration = LineConfiguration(
            effective, from: source, capture: capture.map { ($0, playback.options) })
        configuration.startGate = capture.flatMap { playback.gate(capture: $0) }
        configuration.captureLimits = reading.limits
        configuration.captureFollowing = reading.following
        configuration.untilParts = untilParts
        configuration.printsJSON = json
        return configuration
    }

    /// What is told at the start.
    private func announcement(of monitor: InspectionLine) -> [String] {
        var lines = ["frames from \(monitor.endpoints.input)"]
        if let file = monitor.configuration.source.file { lines.insert("configuration \(printable(file))", at: 0) }
        if let publish = monitor.endpoints.publish { lines.append("verdicts at \(publish)") }
        if let replay = monitor.endpoints.replay { lines.append("earlier verdicts at \(replay)") }
        if let journal = monitor.journal, let state = monitor.configuration.state {
            lines.append(LineJournal.describe(journal, in: state))
        } else {
            lines.append("verdicts are not journalled: what nobody receives is lost, see --state")
        }
        if let pool = monitor.fleet?.pool {
            lines.append("scored by the fleet at \(pool.link.servers) with \(monitor.models)")
        } else if !monitor.isHub {
            lines.append("scored by \(monitor.models)")
        }
        if !json { lines.append("\n" + VerdictTable.header) }
        return lines
    }
}

/// The line, told of once signals are listened to: whoever reads that it runs can end it.
private struct AnnouncedLine: Service {
    let line: InspectionLine
    let notifier: ServiceNotifier?
    let announce: @Sendable () -> Void

    func run() async throws {
        announce()
        try await withGracefulShutdownHandler {
            // Also of a line that ends by itself: from then on the manager's time for stopping runs.
            try await line.run(sourceEnded: { [notifier] in notifier?.stopping() })
        } onGracefulShutdown: { [notifier] in
            notifier?.stopping()
        }
        notifier?.stopping()
    }
}
