import Foundation
import TestPrograms
import Testing

/// Every command line of README.md and docs/ is run, a page's in its order and in one world, as a reader would: as it stands,
/// or shortened as `LineTreatment` says.
@Suite(
    .serialized,
    .enabled(Comment(rawValue: DocumentationWorld.need)) { await DocumentationWorld.isPossible() },
    .timeLimit(.minutes(30)))
struct DocumentedCommandsTests {
    static let pages = DocumentedLine.pages.filter { page in
        ((try? DocumentedLine.lines(of: page)) ?? []).contains { !$0.text.isEmpty }
    }.map(\.lastPathComponent)

    private static func lines(_ page: String) throws -> [DocumentedLine] {
        let url = try #require(DocumentedLine.pages.first { $0.lastPathComponent == page })
        return try DocumentedLine.lines(of: url)
    }

    @Test(arguments: pages) func runAsDocumented(_ page: String) async throws {
        let lines = try Self.lines(page).filter { LineTreatment.notRun[$0.text] == nil && !$0.text.contains("[") }
        guard !lines.isEmpty else { return }
        let reader = Reader(world: try await DocumentationWorld.make())
        for line in lines { try await reader.follow(line) }
        try await reader.stopMonitor()
        reader.world.leave()
    }

    /// What the tables name is in a page, and what is no command of ours is in one of them.
    @Test func theTablesAreThoseOfThePages() throws {
        let lines = try DocumentedLine.all(), texts = Set(lines.map(\.text))
        for text in LineTreatment.byLine.keys.sorted() + LineTreatment.notRun.keys.sorted() {
            #expect(texts.contains(text), "no page has: \(text)")
            #expect(LineTreatment.byLine[text] == nil || LineTreatment.notRun[text] == nil, "in both tables: \(text)")
        }
        for line in lines where !line.text.hasPrefix("scanward ") {
            #expect(
                LineTreatment.byLine[line.text] != nil || LineTreatment.notRun[line.text] != nil,
                "\(line.place): neither run nor named with a reason in LineTreatment: \(line.text)")
        }
    }
}

/// Somebody who types a page's lines one after the other.
private final class Reader {
    let world: DocumentationWorld
    private var monitor: Program?

    init(world: DocumentationWorld) { self.world = world }

    func follow(_ line: DocumentedLine) async throws {
        let treatment = LineTreatment.byLine[line.text] ?? LineTreatment()
        for command in treatment.before { try await run(command) }
        switch treatment.monitor {
        case .any: break
        case .none: try await stopMonitor()
        case .running(let command): if monitor == nil { try await startMonitor(command) }
        }
        let companion = try treatment.beside.map(world.start)
        let program = try world.start(treatment.command(line.text))
        let statuses: [Int32]
        switch treatment.end {
        case .monitor:
            try await Self.waitUntilItRuns(program, line.text)
            monitor = program
            return
        case .interrupted(let text), .killed(let text):
            let told = await program.outputLine { $0.contains(text) }
            #expect(told != nil, "\(line.place): ended without a line with \(text)")
            if case .killed = treatment.end {
                program.signal(SIGKILL)
                statuses = [SIGKILL]
            } else {
                program.terminate()
                statuses = [0]
            }
        case .itself(let allowed): statuses = allowed
        }
        let output = await program.finish()
        companion?.signal(SIGTERM)
        _ = await companion?.finish()
        #expect(
            statuses.contains(output.status),
            "\(line.testDescription): exit code \(output.status)\n\(output.standardError)\(output.standardOutput)")
        if let text = treatment.says {
            #expect(
                (output.standardOutput + output.standardError).contains(text),
                "\(line.testDescription): \(output.standardOutput)\(output.standardError)")
        }
    }

    func stopMonitor() async throws {
        guard let running = monitor else { return }
        monitor = nil
        running.terminate()
        let output = await running.finish()
        #expect(output.status == 0, "the monitor: \(output.standardError)")
    }

    private static func waitUntilItRuns(_ monitor: Program, _ line: String) async throws {
        // What is for people goes to standard output, unless verdicts are printed there as JSON.
        let isThere = await monitor.line(beginning: "frames from ", onOutput: !line.contains("--json"))
        try #require(isThere != nil, "\(line): \(monitor.errorLines.joined(separator: "\n"))")
    }

    /// With the verdicts of two parts, as the pages that ask for some take it for granted.
    private func startMonitor(_ command: String) async throws {
        let program = try world.start(command)
        try await Self.waitUntilItRuns(program, command)
        monitor = program
        try await run("scanward fake-scanner scans --to tcp://127.0.0.1:5600 --part-type bracket --topspeed")
        try await run("scanward verdicts --from 1 --count 2")
    }

    private func run(_ command: String) async throws {
        let output = try await world.run(command)
        try #require(output.status == 0, "\(command): \(output.standardError)")
    }
}

extension LineTreatment {
    /// What is run in a line's place.
    func command(_ line: String) -> String {
        let named = (replacing + Self.placeholders).reduce(line) { $0.replacing($1.0, with: $1.1) }
        guard !adding.isEmpty else { return named }
        // Before what redirects its output.
        guard let redirection = named.firstRange(of: " >") else { return "\(named) \(adding)" }
        return "\(named[..<redirection.lowerBound]) \(adding)\(named[redirection.lowerBound...])"
    }
}
