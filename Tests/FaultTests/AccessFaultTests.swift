import Foundation
import Inspection
import TestPrograms
import Testing
import Threads
import ZeroMQ

/// Row 17: an unknown key many times, beside a scanner that may connect.
@Suite(Faults.timeLimit) struct AccessFaultTests {
    @Test func unknownKeysAreNeverAdmittedAndTheGoodScannerWorksOn() async throws {
        let attempts = Faults.length(50, full: 1000)
        let folder = try Faults.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appending(path: name).path }
        for name in ["monitor", "good"] {
            #expect(try await Program.run(["keys", "generate", path(name)]).status == 0)
        }
        let list = path("allowed")
        #expect(try await Program.run(["keys", "allow", "good", path("good"), "--allow-list", list]).status == 0)

        let monitor = try Program([
            "run", "--bind", "tcp://127.0.0.1:0", "--publish", "none", "--model", try await QuickModel.folder(),
            "--json",
            "--curve-secret", path("monitor"), "--allow-list", list,
        ])
        let endpoint = try #require(await monitor.line(beginning: "frames from "))
        let server = try key("public-key", in: path("monitor"))
        let keys = try CurveKeyPair(secretKey: key("secret-key", in: path("good")))
        let good = JoinableThread(name: "good") { Self.sendParts(20, to: endpoint, .curveClient(keys, server: server)) }
        let refused = try Self.attack(endpoint, server, times: attempts)
        good.join()
        _ = try #require(await monitor.outputLine { $0.contains(#""part_id":"p19""#) })
        monitor.terminate()
        let output = await monitor.finish()
        #expect(output.status == 0)
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        #expect(verdicts.map(\.partID) == (0..<20).map { "p\($0)" } && verdicts.allSatisfy { !$0.isPartial })
        #expect(refused == attempts)
        #expect(output.standardError.contains("admitted by key: good 1\n"))
        #expect(output.standardError.contains("refused \(attempts) connections with"))
        #expect(output.standardError.contains("from 127.0.0.1: not on the allow-list"))
        Faults.report(
            row: 17, "\(attempts) unknown keys: 0 admitted, \(refused) refused and counted; 20 of 20 good parts")
    }

    private func key(_ name: String, in file: String) throws -> CurveKey {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.contains(name) })
        return try #require(CurveKey(String(line.split(separator: "\"")[1])))
    }

    /// - Returns: how many of the attempts were told that they are not admitted.
    private static func attack(_ endpoint: String, _ server: CurveKey, times: Int) throws -> Int {
        let context = try Context()
        var refused = 0
        for _ in 0..<times {
            var options = SocketOptions.frames
            options.linger = .zero
            options.reconnectInterval = .seconds(1000)
            options.security = .curveClient(try .generate(), server: server)
            let socket = try Socket(.push, context: context, options: options)
            let watch = try socket.watchConnections()
            try socket.connect(endpoint)
            while !Task.isCancelled, watch.snapshot.refusedTotal == 0 && watch.snapshot.greeted == 0 { usleep(500) }
            if try socket.send([[1]], deadline: 0) || watch.snapshot.greeted > 0 { continue }
            refused += watch.snapshot.refused[.notAdmitted(status: 400), default: 0]
            socket.close()
        }
        return refused
    }

    private static func sendParts(_ count: Int, to endpoint: String, _ security: SocketSecurity) {
        do {
            let context = try Context()
            var options = SocketOptions.frames
            options.security = security
            let socket = try Socket(.push, context: context, options: options)
            try socket.connect(endpoint)
            var frames = TestFrames()
            for number in 0..<count {
                for message in try frames.part("p\(number)") { #expect(try socket.send(message)) }
            }
            socket.close()
            context.terminate()
        } catch {
            Issue.record(error)
        }
    }
}
