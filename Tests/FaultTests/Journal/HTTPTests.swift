import Foundation
import Inspection
import TestPrograms
import TestRequirements
import Testing
import Threads

extension JournalFaults {
    /// The journal over HTTP, on the built program: with curl, which every machine of ours has.
    @Suite struct HTTPTests {
        private static let curl = URL(filePath: "/usr/bin/curl")

        private static func hasCurl() throws -> Bool {
            try Requirement.isMet("needs Debian's curl", FileManager.default.isExecutableFile(atPath: curl.path))
        }

        private func get(_ address: String, _ arguments: String...) async throws -> (status: String, body: String) {
            let program = try Program(
                ["-sS", "--max-time", "60", "-w", "\n%{http_code}", address] + arguments, binary: Self.curl)
            let lines = await program.finish().standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
            let texts = lines.map(String.init).filter { !$0.isEmpty }
            return (texts.last ?? "", texts.dropLast().joined(separator: "\n"))
        }

        @Test(.enabled(if: try hasCurl(), "needs curl"))
        func verdictsAsLinesAndAsEvents() async throws {
            let folder = try ScratchFolder("http")
            let monitor = try await RunningMonitor.start(
                in: folder, models: try await QuickModel.folder(), arguments: ["--http", "127.0.0.1:0"])
            let server = try #require(await monitor.program.line(beginning: "http at "))
            let listener = Listener(to: monitor.live)
            let load = PartLoad(to: monitor.input, rate: 50, frames: 1)
            try #require(listener.waitForVerdicts(250))
            load.stop()

            #expect(try await get(server + "/healthz") == ("200", "ok"))
            #expect(try await get(server + "/readyz") == ("200", "ready"))
            let (status, lines) = try await get(server + "/api/verdicts?from=3&evaluation=undefined")
            let verdicts = try Verdict.decode(lines: lines)
            #expect(status == "200" && verdicts.count >= 248 && verdicts.first?.seq == 3)
            #expect(verdicts.map(\.seq) == (3...UInt64(verdicts.count + 2)).map { $0 })
            #expect(try await get(server + "/api/verdicts?evaluation=ok") == ("200", ""))
            #expect(try await get(server + "/api/verdicts?part_type=mug") == ("200", ""))
            #expect(try await get(server + "/api/verdicts?limit=2").body.split(separator: "\n").count == 2)
            for query in ["from=x", "from=1&from=2", "colour=red", "evaluation=good", "limit=0"] {
                let answer = try await get(server + "/api/verdicts?" + query)
                #expect(
                    answer.status == "400" && answer.body.contains("expected") || query.contains("=2")
                        || query.contains("colour"), "\(query): \(answer)")
                #expect(answer.status == "400")
            }
            #expect(try await get(server + "/nothing").status == "404")

            // Live: a follower gets what comes after it connected.
            let follower = try Program(
                ["-sSN", "-H", "Accept: text/event-stream", server + "/api/verdicts?from=249"], binary: Self.curl)
            _ = try #require(await follower.outputLine { $0 == "id: 249" })
            let more = PartLoad(to: monitor.input, rate: 50, frames: 1, session: "s2")
            let next = UInt64(verdicts.count + 3)
            #expect(await follower.outputLine { $0 == "id: \(next)" } != nil)
            more.stop()
            // Started from a thread on which signals are blocked, curl would not see SIGTERM.
            follower.signal(SIGKILL)
            _ = await follower.finish()
            monitor.program.terminate()
            #expect(await monitor.program.finish().status == 0)
        }

        /// The last number that a client may have had is no verdict's.
        @Test(.enabled(if: try hasCurl(), "needs curl"))
        func noClientStopsTheMonitorOrKeepsItFromEnding() async throws {
            let folder = try ScratchFolder("http")
            let monitor = try await RunningMonitor.start(
                in: folder, models: try await QuickModel.folder(), arguments: ["--http", "127.0.0.1:0"])
            let server = try #require(await monitor.program.line(beginning: "http at "))
            let listener = Listener(to: monitor.live)
            let load = PartLoad(
                to: monitor.input, rate: 200, frames: 1,
                user: #"{"filler":"\#(String(repeating: "x", count: 20_000))"}"#)
            try #require(listener.waitForVerdicts(200))
            load.stop()
            let events = ["-H", "Accept: text/event-stream"]
            for last in ["18446744073709551615", "9223372036854775807"] {
                let answer = try await get(
                    server + "/api/verdicts", events[0], events[1], "-H", "Last-Event-ID: \(last)")
                #expect(answer.status == "400" && answer.body.contains("expected the number of a verdict"))
            }
            #expect(try await get(server + "/healthz").status == "200")
            // One that follows, and one that asks for 80 MB and reads nothing of it.
            let follower = try Program(
                ["-sSN"] + events + [server + "/api/verdicts?from=200"], binary: Self.curl)
            _ = try #require(await follower.outputLine { $0 == "id: 200" })
            let stalled = try BareConnection(port: Loopback.port(of: server))
            defer { stalled.close() }
            for _ in 0..<20 { stalled.send("GET /api/verdicts HTTP/1.1\r\nHost: localhost\r\n\r\n") }
            #expect(try await get(server + "/healthz").status == "200")
            monitor.program.terminate()
            let output = await monitor.program.finish()
            #expect(output.status == 0, "\(output.standardError.suffix(2000))")
            #expect(await follower.finish().status == 0, "its stream ended as it should")
            listener.stop()
        }

        @Test func whatOthersCanReachNeedsLeave() async throws {
            let output = try await Program.run([
                "run", "--model", "none", "--state", "/nonexistent", "--http", "0.0.0.0:8080",
            ])
            #expect(output.status == 64)
            #expect(output.standardError.contains("--allow-insecure"))
        }
    }
}
