import ArgumentParser
import Foundation
import Threads

struct SupportBundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "support-bundle",
        abstract: "Packs what somebody who helps from afar needs to see, and lists what is in it.",
        discussion: """
            Versions, the configuration with secrets hidden, doctor's findings, the journal's check, the last verdicts and alerts, the
            models' manifests and switches, and the monitor's counters. Keys are never in it; points of parts only with --parts.
            Part ids and names of files are in it: look at the list, and into it, before you send it.
            """)

    @Option(help: ArgumentHelp("The archive to write; it must not be there yet.", valueName: "file.tar.gz"))
    var out: String

    @Flag(help: "With the heat maps of the last parts that were not ok: their points.")
    var parts = false

    @Flag(help: "The list as a JSON object.")
    var json = false

    @OptionGroup var settings: DoctorSettings

    private struct Contents: Encodable {
        struct File: Encodable { var name: String, what: String }
        var out: String
        var bytes: Int
        var files: [File]
    }

    func run() async throws {
        try await reportingFailures {
            guard !FileManager.default.fileExists(atPath: out) else {
                throw Failure("\(out) exists: name another file with --out")
            }
            let stop = StopSignal()
            let signals = stopOnSignals(stop)
            defer { signals.forEach { $0.cancel() } }
            let scratch = FileManager.default.temporaryDirectory.appending(
                path: "scanward-support-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: scratch) }
            let name = "scanward-support"
            try FileManager.default.createDirectory(
                at: scratch.appending(path: name), withIntermediateDirectories: true)
            let (options, monitor) = settings.resolved(listen: 0)
            var bundle = SupportBundle(options, monitor: monitor, in: scratch.appending(path: name))
            try bundle.write(withParts: parts, unless: stop)
            try pack(name, in: scratch)
            let bytes = (try? FileManager.default.attributesOfItem(atPath: out)[.size] as? Int) ?? 0
            if json {
                Terminal.output(
                    try jsonLine(
                        Contents(out: out, bytes: bytes, files: bundle.contents.map { .init(name: $0, what: $1) })))
            } else {
                bundle.contents.forEach { Terminal.output("\($0.name.padded(to: 28))  \(printable($0.what))") }
                Terminal.output("\(out): \(TapDisplay.bytes(bytes))")
            }
        }
    }

    /// By tar, which every Debian has.
    private func pack(_ name: String, in folder: URL) throws {
        let tar = Process()
        tar.executableURL = URL(filePath: "/usr/bin/env")
        tar.arguments = [
            "tar", "--create", "--gzip", "--file", URL(filePath: out).path, "--directory", folder.path, "--sort=name",
            "--owner=0", "--group=0", "--numeric-owner", name,
        ]
        let errors = Pipe()
        tar.standardError = errors
        do {
            try tar.run()
        } catch {
            throw Failure("tar cannot be run: \(error.localizedDescription)")
        }
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        tar.waitUntilExit()
        guard tar.terminationStatus == 0 else {
            try? FileManager.default.removeItem(atPath: out)
            throw Failure("\(out) cannot be written: \(said.split(separator: "\n").first ?? "tar failed")")
        }
    }
}
