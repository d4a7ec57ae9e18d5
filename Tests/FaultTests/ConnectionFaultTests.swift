import Foundation
import Inspection
import TestPrograms
import Testing
import Threads
import ZeroMQ

/// Row 10: a port scan, HTTP and half-open connections to the ZeroMQ port, with good frames in between.
@Suite(Faults.timeLimit) struct ConnectionFaultTests {
    @Test func strangersCostNoFrameAndAreGoneSoon() async throws {
        let scans = Faults.length(50, full: 1000), requests = Faults.length(20, full: 200)
        let halfOpen = Faults.length(100, full: 1000)
        let monitor = try Program([
            "run", "--bind", "tcp://127.0.0.1:0", "--publish", "none", "--model", try await QuickModel.folder(),
            "--json",
        ])
        let endpoint = try #require(await monitor.line(beginning: "frames from "))
        let port = Loopback.port(of: endpoint)
        let context = try Context()
        let socket = try Socket(.push, context: context, options: .frames)
        try socket.connect(endpoint)
        var frames = TestFrames()
        var parts = 0
        func sendPart() throws {
            for message in try frames.part("p\(parts)") { #expect(try socket.send(message)) }
            parts += 1
        }
        try sendPart()
        _ = try #require(await monitor.outputLine { $0.contains(#""part_id":"p0""#) })
        let before = try ProcessUsage(of: monitor)

        for number in 0..<scans {
            try BareConnection(port: port).close()
            if number % 10 == 0 { try sendPart() }
        }
        for number in 0..<requests {
            let connection = try BareConnection(port: port)
            connection.send(
                "GET / HTTP/1.1\r\nHost: scanner\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n"
                    + String(repeating: "x", count: 80))
            connection.close()
            if number % 10 == 0 { try sendPart() }
        }
        var held: [BareConnection] = []
        for number in 0..<halfOpen {
            held.append(try BareConnection(port: port))
            // Half of them say the beginning of a greeting.
            if number % 2 == 0 { held[number].send("\u{1}") }
            if number % 10 == 0 { try sendPart() }
        }
        let start = SystemClock().now
        try sendPart()
        let last = "\"part_id\":\"p\(parts - 1)\""
        _ = try #require(await monitor.outputLine { $0.contains(last) })
        let answered = Faults.seconds(since: start)
        // The half-open ones are never closed by us: the monitor drops them after 5 s.
        while try ProcessUsage(of: monitor).descriptors > before.descriptors + 2, Faults.seconds(since: start) < 30 {
            usleep(20_000)
        }
        let recovered = Faults.seconds(since: start)
        held.forEach { $0.close() }
        monitor.terminate()
        let output = await monitor.finish()
        #expect(output.status == 0)
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        #expect(verdicts.map(\.partID) == (0..<parts).map { "p\($0)" } && verdicts.allSatisfy { !$0.isPartial })
        #expect(Faults.isKept(recovered < 10 && answered < 10))
        let strangers = scans + requests + halfOpen
        #expect(output.standardError.contains("connections: \(strangers + 1) opened, 1 greeted, \(strangers) refused"))
        Faults.report(
            row: 10,
            "\(scans) scans, \(requests) HTTP requests, \(halfOpen) half-open connections: \(parts) of \(parts) good parts, "
                + "a part in between after \(Faults.text(answered)), all strangers gone after \(Faults.text(recovered))"
        )
    }

    /// The same to the dashboard's port: whoever asks there and whatever is judged meanwhile is answered.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: curl.path), "needs curl"))
    func halfOpenRequestsKeepNobodyOut() async throws {
        let count = Faults.length(200, full: 1000)
        let folder = try ScratchFolder("halfopen")
        let input = "ipc://" + folder.file("in")
        let monitor = try Program([
            "run", "--bind", input, "--publish", "none", "--replay", "none", "--state", folder.file("state"),
            "--model", try await QuickModel.folder(), "--http", "127.0.0.1:0", "--json",
        ])
        let server = try #require(await monitor.line(beginning: "http at "))
        let sender = try FrameSender(to: input)
        var held: [BareConnection] = [], answered = 0
        for number in 0..<count {
            held.append(try BareConnection(port: Loopback.port(of: server)))
            held[number].send(
                ["", "GET / HT", "POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4096\r\n\r\nt="][
                    number % 3])
            guard number % 50 == 49 else { continue }
            try sender.send(part: "p\(number)")
            _ = try #require(await monitor.outputLine { $0.contains("\"part_id\":\"p\(number)\"") })
            for path in ["/healthz", "/metrics", "/api/verdicts?limit=1"] {
                let answer = await
                    (try Program(
                        ["-sS", "-o", "/dev/null", "-w", "%{http_code}\n", server + path], binary: Self.curl)).finish()
                #expect(answer.standardOutput == "200\n", "\(path) beside \(number + 1): \(answer)")
                answered += 1
            }
        }
        held.forEach { $0.close() }
        sender.close()
        monitor.terminate()
        #expect(await monitor.finish().status == 0)
        Faults.report(
            row: 10, "\(count) half-open HTTP connections: \(answered) of \(answered) requests beside them answered")
    }

    private static let curl = URL(filePath: "/usr/bin/curl")
}
