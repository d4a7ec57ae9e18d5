public import ArgumentParser
import Foundation
public import FrameProtocol
import PointClouds
import Threads
import ZeroMQ

struct FakeScannerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fake-scanner",
        abstract: "Publishes point clouds as a scanner would, at a rate, with faults on request.",
        discussion: """
            Each file is a part; its name is the part's id. --to connects to a monitor's --bind (PUSH): a monitor that is busy
            holds it back, and nothing is lost. --bind listens (PUB) for a monitor that connects, and begins with the first subscriber.
            Faults, by commas, each with a share of the frames (0.1 if none is given): drop, corrupt, truncate, malformed, duplicate,
            reorder, no-end, nan, restart; and of all frames: wrong-unit, no-type, unknown-type, clock-skew=SECONDS. With one seed
            the same faults strike the same frames. Exit codes: 0 all was sent, 1 failed or stopped before.
            """)

    @Option(help: ArgumentHelp("PUSH: where a monitor listens, its --bind.", valueName: "endpoint"))
    var to: String?

    @Option(help: ArgumentHelp("PUB: listen here for a monitor that connects.", valueName: "endpoint"))
    var bind: String?

    @Option(help: ArgumentHelp("Parts a second, of each source.", valueName: "parts/s"))
    var rate = 1.0

    @Flag(help: "As fast as they are taken.")
    var topspeed = false

    @Option(help: ArgumentHelp("Frames that a part is cut into.", valueName: "count"))
    var framesPerPart = 4

    @Option(help: "Scanner id; several times for several scanners, which deal the parts among them.")
    var source: [String] = []

    @Option(help: "Selects the model. Without it the monitor takes its own --part-type.")
    var partType: String?

    @Option(help: "Unit that the frames are sent in: mm, m or um. The files are in mm.")
    var unit = LengthUnit.millimeters

    @Option(help: ArgumentHelp("Send the files so many times; 0 for ever.", valueName: "count"))
    var loop = 1

    @Option(help: ArgumentHelp("Faults to plant: drop=0.01,wrong-unit,clock-skew=3600.", valueName: "faults"))
    var fault: [String] = []

    @Option(help: "Seed of the faults.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Session of the frames (default: a random one).", valueName: "text"))
    var session: String?

    @Flag(help: "Each part as a line of JSON, and the counts as the last one.")
    var json = false

    @OptionGroup var access: AccessOptions

    @Argument(help: "Point clouds or meshes (.pcd, .ply, .obj, .stl, .xyz, .csv) in mm, or folders of them.")
    var files: [String]

    func validate() throws {
        guard (to == nil) != (bind == nil) else { throw ValidationError("expected one of --to and --bind") }
        guard rate >= 0.001, rate <= 10_000 else {
            throw ValidationError("--rate: expected 0.001 to 10000 parts a second, found \(rate)")
        }
        guard (1...4096).contains(framesPerPart) else {
            throw ValidationError("--frames-per-part: expected 1 to 4096, found \(framesPerPart)")
        }
        guard loop >= 0 else { throw ValidationError("--loop: expected 0 (for ever) or more, found \(loop)") }
        for name in source where !FrameHeader.isSource(name) {
            throw ValidationError("--source: expected 1 to 64 of A-Z a-z 0-9 . _ -, found \"\(name)\"")
        }
        guard Set(source).count == source.count else { throw ValidationError("--source: a name was given twice") }
        _ = try faults()
    }

    private func faults() throws -> ScannerFaults { try ScannerFaults(parsing: fault.joined(separator: ",")) }

    func run() async throws {
        try await reportingFailures {
            do {
                try publish()
            } catch let error as FrameRefusal {
                throw Failure(error.message)
            }
        }
    }

    private func publish() throws {
        let stop = StopSignal()
        let signals = stopOnSignals(stop)
        defer { signals.forEach { $0.cancel() } }
        let clouds = try CloudFiles.expand(files).map(CloudFiles.load)
        var settings = FakeScanner.Settings()
        settings.framesPerPart = framesPerPart
        settings.partType = partType
        settings.unit = unit
        settings.faults = try faults()
        settings.seed = seed
        let names = source.isEmpty ? ["fake-scanner"] : source
        let context = try Context()
        let access = try SocketAccess(
            access.configuration, listens: bind != nil, connects: to != nil, context: context
        ) { Terminal.error("scanward: \($0)") }
        let started = session ?? String(UInt64.random(in: .min ... .max), radix: 16)
        var scanners = names.map { FakeScanner(source: $0, session: started, settings: settings) }
        // One socket: with --bind there is one address for all scanners.
        let socket = try FakeScannerSocket(
            bind.map { .bind($0) } ?? .connect(to ?? ""), isPush: to != nil, context: context,
            security: bind == nil ? access.client() : access.server, allowInsecure: access.allowInsecure)
        Terminal.error("frames at \(socket.endpoint)")
        var report = FakeScannerReport(faults: settings.faults)
        let isWhole = try send(clouds, from: &scanners, over: socket, &report, unless: stop)
        socket.close()
        // Waits until the last frames are with the monitor.
        context.terminate()
        try report.summary(json: json).forEach(Terminal.output)
        if !isWhole { throw Failure("stopped before everything was sent") }
    }

    /// - Returns: whether everything was sent.
    private func send(
        _ clouds: [CloudFiles.Loaded], from scanners: inout [FakeScanner], over socket: FakeScannerSocket,
        _ report: inout FakeScannerReport, unless stop: StopSignal
    ) throws -> Bool {
        guard try socket.waitForReader(unless: stop) else { return false }
        let clock = SystemClock(), start = clock.now
        let pace = 1e9 / rate / Double(scanners.count) / Double(framesPerPart)
        var pass = 0, slot = 0, number = 0
        while loop == 0 || pass < loop {
            for cloud in clouds {
                let name = pass == 0 ? cloud.name : "\(cloud.name)-\(pass + 1)"
                let index = number % scanners.count
                let part = scanners[index].part(name, points: cloud.points)
                var next = 0
                for frame in 0..<framesPerPart {
                    if !topspeed, !clock.wait(until: start + UInt64(Double(slot) * pace), unless: stop) { return false }
                    slot += 1
                    // Messages that this frame's turn brings: none of a dropped one, two of a duplicate.
                    while next < part.slots.count, frame == framesPerPart - 1 || part.slots[next].index <= frame {
                        let message = try scanners[index].message(part.slots[next])
                        guard try socket.send(message, unless: stop) else { return false }
                        report.sent(message, of: scanners[index].source)
                        next += 1
                    }
                }
                try report.finish(part, of: scanners[index].source, json: json).forEach(Terminal.output)
                number += 1
            }
            pass += 1
        }
        return true
    }
}

extension LengthUnit: ExpressibleByArgument {}
