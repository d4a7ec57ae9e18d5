import Foundation
import ArgumentParser
import FrameProtocol
import Ingest
import Threads
import ZeroMQ

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Sends the frames of a recording to a monitor, as the scanners did.",
        discussion: """
            As fast as the monitor takes them, or paced by --rate. Nothing is lost: a monitor that is busy holds the replay
            back. The sessions of its frames begin with "replay:", so that verdicts on them say is_simulated. Exit codes: 0 all sent, 1 failed, 3 a capture
            without frames, 4 a capture whose end is cut off.
            """)

    @Argument(
        help: ArgumentHelp("Recording (pcap, pcapng), a folder of them, or - for standard input.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("Where a monitor listens: its --bind.", valueName: "endpoint"))
    var to = "tcp://127.0.0.1:5600"

    @OptionGroup var playback: PlaybackArguments

    @Flag(
        help:
            "Send the frames byte for byte as recorded, in their own sessions: a monitor that has seen them ignores them."
    )
    var keepSessions = false

    @OptionGroup var keys: ClientKeyOptions

    @Flag(help: "What was sent, and what the recording lacks, as a JSON object.")
    var json = false

    @OptionGroup(title: "Reading the recording")
    var reading: CaptureOptions

    func run() async throws {
        try await reportingFailures { try replay() }
    }

    private func replay() throws {
        let stop = StopSignal()
        let signals = stopOnSignals(stop)
        defer { signals.forEach { $0.cancel() } }
        var replayer = CaptureReplayer(path: file, endpoint: to)
        replayer.options = playback.options
        replayer.limits = reading.limits
        replayer.following = reading.following
        replayer.security = try keys.security()
        replayer.gate = playback.gate(capture: file)
        // A replay is a new start of the publisher, and a mark that its verdicts are no verdicts on parts that are there now.
        if !keepSessions {
            replayer.sessionMark = FrameHeader.replayMark + String(UInt32.random(in: .min ... .max), radix: 16) + ":"
        }
        // Captures are little more than the frames in them.
        let isPart = playback.startOffset > 0 || playback.duration != nil || reading.follow
        let total = isPart ? 0 : Self.bytes(of: file) * playback.loop / 1_000_000
        let line = total > 0 ? ProgressLine("replay: MB", total: total) : nil
        defer { Terminal.endStatus() }
        let context = try Context()
        let report = try replayer.run(context: context, unless: stop) { frames, bytes in
            line?.update(min(bytes / 1_000_000, total - 1), note: "\(frames) frames")
        }
        // Waits until the last frames are with the monitor.
        context.terminate()
        if json { Terminal.output(try jsonLine(Replayed(report))) } else { show(report) }
        if let damage = report.damage { throw Failure(damage) }
        if let truncation = report.truncation { throw Failure(truncation, .truncated) }
    }

    /// Of a file, or of all files of a folder; 0 of standard input.
    private static func bytes(of path: String) -> Int {
        let manager = FileManager.default
        func size(_ file: String) -> Int { (try? manager.attributesOfItem(atPath: file)[.size] as? Int) ?? 0 }
        guard let names = try? manager.contentsOfDirectory(atPath: path) else { return size(path) }
        return names.reduce(0) { $0 + size(path + "/" + $1) }
    }

    private struct Replayed: Encodable {
        let frames: Int, bytes: Int, passes: Int
        let recordedSeconds: Double, elapsedSeconds: Double
        let wasStopped: Bool
        let packets: Int, connections: Int
        let foreignMessages: Int
        /// How often something was lost, by cause, and sentences on it.
        let losses: [String: Int]
        let report: [String], notes: [String]

        init(_ report: CaptureReplayer.Report) {
            let read = report.statistics
            (frames, bytes, passes) = (report.frames, report.bytes, report.passes)
            recordedSeconds = Double(report.recordedNanoseconds) / 1e9
            elapsedSeconds = Double(report.elapsedNanoseconds) / 1e9
            wasStopped = report.wasStopped
            packets = Int(clamping: read.packets)
            connections = read.connections.count + read.unlistedConnections
            foreignMessages = report.foreignMessages
            losses = Dictionary(uniqueKeysWithValues: read.lossCounts.map { ("\($0)", $1) })
            (self.report, notes) = (read.report, report.notes)
        }
    }

    private func show(_ report: CaptureReplayer.Report) {
        let seconds = Double(report.elapsedNanoseconds) / 1e9
        let recorded = Double(report.recordedNanoseconds) / 1e9
        Terminal.output(
            "replayed \(report.frames) frames, \(decimal(Double(report.bytes) / 1e6)) MB, recorded over \(decimal(recorded)) s, "
                + "in \(decimal(seconds)) s" + (report.passes > 1 ? ", \(report.passes) passes" : "")
                + (report.wasStopped ? " (stopped)" : ""))
        let read = report.statistics
        let connections = read.connections.count + read.unlistedConnections
        Terminal.output("from \(read.packets) packets of \(connections) connections")
        read.report.map(printable).forEach(Terminal.output)
        if report.foreignMessages > 0 {
            Terminal.output("\(report.foreignMessages) messages that are no frames were left out")
        }
        for note in report.notes { Terminal.error("scanward: \(printable(note))") }
    }

    private func decimal(_ value: Double) -> String { String(format: "%.1f", value) }
}
