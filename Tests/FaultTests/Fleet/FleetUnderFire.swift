import Fleet
import Foundation
import Inspection
import Journal
import NATSTransport
import PointCloudFiles
import TestPrograms
import Testing
import Threads

/// A server, lines, workers and a hub, each a process of its own.
final class FleetUnderFire {
    let server: NATSServer
    let folder: ScratchFolder
    let model: String
    private var workerCount = 0
    private(set) var workers: [Program] = []
    /// What starts programs beside the line, and those beside the server.
    private let linePrefix: [String], serverPrefix: [String]

    /// - Parameters:
    ///   - configuration: of the server.
    ///   - namespaces: two hosts, one for lines, one for the server; nil for this one.
    init(_ configuration: String = "", in namespaces: Namespaces? = nil) async throws {
        linePrefix = namespaces?.monitorPrefix ?? []
        serverPrefix = namespaces?.publisherPrefix ?? []
        server = try await NATSServer(
            configuration: configuration, address: namespaces?.publisherAddress ?? "127.0.0.1",
            startedBy: serverPrefix)
        folder = try ScratchFolder("fleet")
        model = try await QuickModel.folder()
        let made = try await Program(["fleet", "init", "--nats", server.url, "--size", "1"], startedBy: serverPrefix)
            .finish()
        #expect(made.status == 0, "\(made.standardError)")
    }

    deinit { for worker in workers { worker.signal(SIGKILL) } }

    // MARK: Processes

    func endpoint(of line: String) -> String { "ipc://" + folder.file("\(line)-in") }
    func state(of line: String) -> StateFolder { StateFolder(folder.file(line)) }

    /// Starts a line, and waits until it takes frames.
    func line(_ name: String, _ arguments: String..., state: String? = nil, named: String? = nil) async throws
        -> Program
    {
        let program = try Program(
            [
                "run", "--role", "ingest", "--nats", server.url, "--line", named ?? name, "--state",
                folder.file(state ?? name), "--model", model, "--bind", endpoint(of: name), "--publish", "none",
                "--replay",
                "none", "--http", "none", "--json", "--lease", "2", "--part-deadline", "60",
            ] + arguments, startedBy: linePrefix)
        _ = try #require(await program.line(beginning: "scored by the fleet"), "\(program.errorLines)")
        return program
    }

    @discardableResult
    func startWorker(besideLine: Bool = true) throws -> Program {
        workerCount += 1
        // One folder of models for all: each fetches what is not there, in one step.
        let program = try Program(
            ["run", "--role", "score", "--nats", server.url, "--threads", "1", "--state", folder.file("worker")],
            startedBy: besideLine ? linePrefix : serverPrefix)
        workers.append(program)
        return program
    }

    /// - Parameter http: where its dashboard is.
    func hub(http: String = "none") async throws -> Program {
        let program = try Program([
            "run", "--role", "hub", "--nats", server.url, "--line", "hub", "--state", folder.file("hub"), "--publish",
            "none",
            "--replay", "none", "--http", http, "--json",
        ])
        _ = try #require(await program.line(beginning: "frames from verdicts of the fleet"), "\(program.errorLines)")
        return program
    }

    func kill(worker index: Int) async {
        let worker = workers.remove(at: index)
        worker.signal(SIGKILL)
        _ = await worker.finish()
    }

    /// Ends the workers as a service manager would.
    func stopWorkers() async {
        for worker in workers { worker.terminate() }
        for worker in workers {
            let output = await worker.finish()
            #expect(output.status == 0, "\(output.standardError.suffix(1000))")
        }
        workers = []
    }

    /// Asks the server beside them.
    func streams<Result: Sendable>(_ body: @escaping @Sendable (JetStream) throws -> Result) async throws -> Result {
        let url = server.url
        return try await offPool {
            let connection = try NATSConnection(.init(servers: [url], name: "test"), waits: false)
            defer { connection.close() }
            return try body(JetStream(connection))
        }
    }

    // MARK: Verdicts

    /// The `count`-th verdict that a process prints.
    static func verdict(_ count: Int, of program: Program) async throws -> Verdict {
        let line = try #require(
            await program.outputLine(count) { $0.hasPrefix("{") }, "\(program.errorLines.suffix(20))")
        return try JSONDecoder().decode(Verdict.self, from: Data(line.utf8))
    }

    /// All that a journal holds.
    func journal(of name: String) throws -> [Verdict] {
        let reader = try JournalReader(opening: state(of: name).database)
        var verdicts: [Verdict] = [], next: UInt64 = 1
        while true {
            let page = try reader.page(from: next, limit: 500)
            verdicts += try page.verdicts.map { try JSONDecoder().decode(Verdict.self, from: Data($0.json)) }
            guard page.next > next else { return verdicts }
            next = page.next
        }
    }

    /// What a line with a dashboard keeps of its only part, and of its model; waits for both.
    func kept(by name: String) async throws -> (cloud: Data, template: Data) {
        let folder = URL(filePath: state(of: name).path + "/parts")
        @Sendable func only(_ folder: URL, _ suffix: String) -> Data? {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            return names.first { $0.hasSuffix(suffix) }.flatMap { try? Data(contentsOf: folder.appending(path: $0)) }
        }
        let deadline = SystemClock().after(.seconds(300))
        return try await offPool {
            while SystemClock().now < deadline {
                if let cloud = only(folder, ".cloud"),
                    let template = only(folder.appending(path: "templates"), ".cloud")
                {
                    return (cloud, template)
                }
                _ = SystemClock().wait(until: SystemClock().after(.milliseconds(50)), unless: StopSignal())
            }
            throw NotKept(files: (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? [])
        }
    }

    /// What is kept of these parts by a line or the hub; waits for all of them.
    func clouds(of resultIDs: [String], by name: String) async throws -> [Data] {
        let folder = URL(filePath: state(of: name).path + "/parts")
        let deadline = SystemClock().after(.seconds(300))
        return try await offPool {
            var files: [String] = []
            while SystemClock().now < deadline {
                files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
                let names = resultIDs.compactMap { id in files.first { $0.contains(id) && $0.hasSuffix(".cloud") } }
                if names.count == resultIDs.count {
                    return try names.map { try Data(contentsOf: folder.appending(path: $0)) }
                }
                _ = SystemClock().wait(until: SystemClock().after(.milliseconds(50)), unless: StopSignal())
            }
            throw NotKept(files: files)
        }
    }

    struct NotKept: Error { let files: [String] }

    /// Waits until the server says something.
    func wait(for condition: @escaping @Sendable (JetStream) throws -> Bool) async throws {
        let deadline = SystemClock().after(.seconds(300))
        try await streams { streams in
            while try !condition(streams) {
                try #require(SystemClock().now < deadline)
                _ = SystemClock().wait(until: SystemClock().after(.milliseconds(50)), unless: StopSignal())
            }
        }
    }

    /// How many verdicts a journal has.
    func head(of name: String) async -> Int {
        let path = state(of: name).database
        return (try? await offPool { Int((try? JournalReader(opening: path).extent().head) ?? 0) }) ?? 0
    }

    /// Waits until the hub's journal has so many verdicts.
    func hubHolds(_ count: Int) async -> Bool {
        let path = state(of: "hub").database, deadline = SystemClock().after(.seconds(300))
        let holds = try? await offPool {
            while (try? JournalReader(opening: path).extent().head) ?? 0 < count {
                guard SystemClock().wait(until: SystemClock().after(.milliseconds(50)), unless: StopSignal()),
                    SystemClock().now < deadline
                else { return false }
            }
            return true
        }
        return holds ?? false
    }

    /// Ends a process in order.
    static func end(_ program: Program) async {
        program.terminate()
        let output = await program.finish()
        #expect(output.status == 0, "\(output.standardError.suffix(2000))")
    }
}

/// A scanner: sends parts, and stays until it is told to go.
final class PartFeed: Sendable {
    private let stop = StopSignal()
    private let thread: JoinableThread

    /// A mug of the fixtures, thinned: scored in a fraction of a second.
    static let mug: [SIMD3<Float>] = {
        let data = try? Data(contentsOf: URL(filePath: Program.fixture("parts/mug/test/mug_01.pcd")))
        let points = data.flatMap { try? PointCloudFile.read([UInt8]($0), format: .pcd).points } ?? []
        return stride(from: 0, to: points.count, by: 3).map { points[$0] }
    }()

    init(_ ids: [String], to endpoint: String, session: String = "s1", points: [SIMD3<Float>] = PartFeed.mug) {
        thread = JoinableThread(name: "feed") { [stop] in
            do {
                let sender = try FrameSender(to: endpoint, source: "scanner-f", session: session)
                for id in ids {
                    guard try sender.send(part: id, type: "mug", points: points, unless: stop) else { break }
                }
                stop.wait(until: nil)
                sender.close()
            } catch {
                Issue.record(error)
            }
        }
    }

    func end() {
        stop.raise()
        thread.join()
    }
}
