import ArgumentParser
import Foundation
import Ingest
import Threads
import ZeroMQ

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Records what scanners send, for replay: also over ipc and CURVE, where tcpdump sees nothing.",
        discussion: """
            Stands in the monitor's place: frames come by --bind or --connect and are written to files in a folder, which
            `scanward replay` and `run --capture` read. A scanner that pushes is held back while the disk is slow. What was
            written is readable after a crash. With --limit the oldest files of the folder make room; without it a full disk
            ends the recording, whole up to there, with exit code 1. SIGINT and SIGTERM end it with 0.
            """)

    @Argument(help: "The folder; made if it is not there.")
    var folder: String

    @Option(help: ArgumentHelp("PULL: listen here for scanners that push.", valueName: "endpoint"))
    var bind: String?

    @Option(help: ArgumentHelp("SUB: connect to a scanner that publishes here.", valueName: "endpoint"))
    var connect: String?

    @Option(help: ArgumentHelp("Begin a new file at so many bytes (k, M, G: powers of 1000).", valueName: "size"))
    var rotateSize = ByteSize(bytes: 1_000_000_000)

    @Option(help: ArgumentHelp("Begin a new file after so long.", valueName: "seconds"))
    var rotateTime: Double?

    @Option(
        help: ArgumentHelp(
            "Keep all recordings in the folder below so many bytes: the oldest files are removed.", valueName: "size"))
    var limit: ByteSize?

    @Option(help: ArgumentHelp("End after so long.", valueName: "seconds"))
    var duration: Double?

    @Option(help: ArgumentHelp("End after so many messages.", valueName: "count"))
    var count: Int?

    @Flag(help: "What was recorded, as a JSON object.")
    var json = false

    @OptionGroup(title: "Bare arrays") var arrays: ArrayOptions

    @OptionGroup var access: AccessOptions

    func validate() throws {
        _ = try arrays.configuration()
        guard bind == nil || connect == nil else {
            throw ValidationError("expected one of --bind and --connect, found both")
        }
        for (name, value) in [("rotate-time", rotateTime), ("duration", duration)] {
            guard value.map({ $0 > 0 && $0 < 1e9 }) ?? true else {
                throw ValidationError("--\(name): expected seconds above 0, found \(value ?? 0)")
            }
        }
        guard (count ?? 1) > 0 else { throw ValidationError("--count: expected 1 or more") }
    }

    func run() async throws {
        try await reportingFailures { try record() }
    }

    private func record() throws {
        raiseDescriptorLimit()
        let stop = StopSignal()
        let signals = stopOnSignals(stop)
        defer { signals.forEach { $0.cancel() } }
        let context = try Context()
        let log = ConnectionLog()
        let access = try SocketAccess(
            access.configuration, listens: connect == nil, connects: connect != nil, context: context
        ) { Terminal.error("scanward: \($0)") }
        let reload = onHangup { access.reload() }
        defer { reload.cancel() }
        var sockets = SocketOptions.frames
        sockets.security = connect == nil ? access.server : access.client()
        var options = RecordingOptions(folder: folder)
        options.rotateBytes = rotateSize.bytes
        options.rotateTime = rotateTime.map { .seconds($0) }
        options.limitBytes = limit?.bytes
        let recorder = try FrameRecorder(
            context: context, mode: connect.map { .connect($0) } ?? .bind(bind ?? "tcp://127.0.0.1:5600"),
            options: options, sockets: sockets, arrays: arrays.configuration(),
            allowInsecure: access.allowInsecure, onConnection: { log.note($0) })
        (json ? Terminal.error : Terminal.output)("frames from \(recorder.endpoint)")
        var failure: RecordingError?
        do throws(RecordingError) {
            try recorder.run(
                deadline: duration.map { SystemClock().after(.seconds($0)) }, messages: count, unless: stop)
        } catch {
            failure = error
        }
        if json {
            Terminal.output(try jsonLine(Recorded(recorder.statistics, in: folder)))
        } else {
            show(recorder, access)
        }
        if let failure { throw failure }
    }

    private func show(_ recorder: FrameRecorder, _ access: SocketAccess) {
        let report = recorder.statistics
        Terminal.output(
            "recorded \(report.messages) messages, " + String(format: "%.1f MB", Double(report.bytes) / 1e6)
                + ", in \(report.files) files in \(folder)")
        for (source, count) in report.sources.sorted(by: { $0.key < $1.key }) {
            Terminal.output("    \(printable(source)): \(count)")
        }
        if report.removedFiles > 0 {
            Terminal.output("\(report.removedFiles) older files were removed to stay below the limit")
        }
        if report.discardedParts > 0 {
            Terminal.output("\(report.discardedParts) message parts over the limits are not in the recording")
        }
        (recorder.connections.lines + access.lines).forEach(Terminal.output)
    }
}

/// What `record` did, for programs.
private struct Recorded: Encodable {
    let folder: String
    let messages: Int, bytes: Int
    let sources: [String: Int]
    let files: Int, removedFiles: Int
    let discardedParts: Int

    init(_ report: FrameRecorder.Report, in folder: String) {
        self.folder = folder
        (messages, bytes, sources) = (report.messages, report.bytes, report.sources)
        (files, removedFiles, discardedParts) = (report.files, report.removedFiles, report.discardedParts)
    }
}

/// A number of bytes, written `500M`.
struct ByteSize: ExpressibleByArgument, Sendable {
    let bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        let units: [Character: Int] = [
            "k": 1000, "K": 1000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000,
        ]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Int(unit == nil ? argument[...] : argument.dropLast()), number > 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    var defaultValueDescription: String { bytes % 1_000_000_000 == 0 ? "\(bytes / 1_000_000_000)G" : "\(bytes)" }
}
