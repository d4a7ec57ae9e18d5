import FrameProtocol
import Foundation
import TestPrograms
import TestRequirements
import Testing

@testable import scanward

/// Metrics, health, and what watches them: docs/metrics.md, config/prometheus, config/grafana.
@Suite(.timeLimit(.minutes(30))) struct WatchingTests {
    private static let promtool = URL(filePath: "/usr/bin/promtool")
    private static let curl = URL(filePath: "/usr/bin/curl")
    private static func hasPromtool() throws -> Bool {
        try Requirement.isMet("needs Debian's prometheus", FileManager.default.isExecutableFile(atPath: promtool.path))
    }

    private func file(_ path: String) -> URL { Program.repository.appending(path: path) }

    private func get(_ address: String) async throws -> (status: String, body: String) {
        let output = try await Program(["-sS", "--max-time", "60", "-w", "\n%{http_code}", address], binary: Self.curl)
            .finish().standardOutput
        // A last line without an end gets one from whoever collects lines.
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
    }

    /// Every family stands in docs/metrics.md with its type and what it means, and nothing else does.
    @Test func theDocumentationNamesEveryMetric() throws {
        let text = try String(contentsOf: file("docs/metrics.md"), encoding: .utf8)
        let rows = text.matches(of: #/\| `([a-z_]+)` \| (counter|gauge|histogram) \| ([^|]*)\| ([^|]*)\| (.*) \|/#)
        #expect(rows.map { String($0.1) } == LineMetrics.families.map(\.name))
        #expect(rows.map { String($0.2) } == LineMetrics.families.map(\.kind.name))
        for (row, family) in zip(rows, LineMetrics.families) {
            #expect(String(row.5) == family.help, "\(family.name)")
            let unit = row.3.trimmingCharacters(in: .whitespaces)
            for word in ["seconds", "bytes"] {
                #expect((unit == word) == family.name.contains("_\(word)"), "\(family.name)")
            }
        }
    }

    @Test(.enabled(if: try hasPromtool(), "needs Debian's prometheus"))
    func aRunningLineIsWatched() async throws {
        let folder = try ScratchFolder("watch")
        let input = "ipc://" + folder.file("in")
        let monitor = try Program([
            "run", "--bind", input, "--publish", "none", "--replay", "none", "--state", folder.file("state"),
            "--model", try await QuickModel.folder(), "--http", "127.0.0.1:0", "--json",
        ])
        let server = try #require(await monitor.line(beginning: "http at "))
        let early = try await get(server + "/readyz")
        #expect(early.status == "503" && early.body.hasPrefix("no scanner has sent a frame"))
        // Before there is anything to count: `increase` does not see what a series begins with.
        let begun = Set(try await get(server + "/metrics").body.split(separator: "\n").map(String.init))
        for evaluation in ["ok", "not_ok", "not_decidable", "undefined"] {
            for type in ["mug", ""] {
                #expect(
                    begun.contains("scanward_verdicts_total{evaluation=\"\(evaluation)\",part_type=\"\(type)\"} 0"))
            }
        }
        let sender = try FrameSender(to: input, source: "scanner-w")
        for part in 0..<3 { try sender.send(part: "p\(part)", type: "mug") }
        try sender.send(part: "p3", type: "unheard-of")
        _ = try #require(await monitor.outputLine(4) { $0.hasPrefix("{") })
        #expect(try await get(server + "/readyz") == ("200", "ready\n"))
        #expect(try await get(server + "/healthz").body == "ok\n")
        // Open: a part whose end has not come.
        try sender.send(part: "p4", end: false, type: "mug")

        let metrics = try await get(server + "/metrics").body
        let path = folder.file("metrics")
        try Data(metrics.utf8).write(to: URL(filePath: path))
        let check = try Program(
            ["-c", #"exec "$0" check metrics < "$1""#, Self.promtool.path, path], binary: URL(filePath: "/bin/sh"))
        let checked = await check.finish()
        #expect(checked.status == 0 && checked.standardError == "", "\(checked)")
        let lines = Set(metrics.split(separator: "\n").map(String.init))
        let source = #"source="scanner-w""#
        #expect(lines.contains(#"scanward_verdicts_total{evaluation="undefined",part_type=""} 1"#))
        #expect(lines.contains(#"scanward_verdicts_total{evaluation="not_decidable",part_type="mug"} 3"#))
        for reason in FrameRefusal.Reason.allCases {
            #expect(lines.contains("scanward_frames_refused_total{\(source),reason=\"\(reason.rawValue)\"} 0"))
        }
        #expect(lines.contains("scanward_metrics_refused_series_total 0"))
        #expect(lines.contains("scanward_source_up{\(source)} 1") && lines.contains("scanward_journal_ready 1"))
        #expect(lines.contains("scanward_journal_head 4") && lines.contains("scanward_verdict_latency_seconds_count 4"))
        #expect(
            lines.contains { $0.hasPrefix("scanward_journal_commit_duration_seconds_count ") && !$0.hasSuffix(" 0") })
        #expect(lines.contains { $0.hasPrefix("scanward_model_info{part_type=\"mug\",model_id=\"") })
        for family in LineMetrics.families {
            #expect(lines.contains("# TYPE \(family.name) \(family.kind.name)"))
        }
        sender.close()
        monitor.terminate()
        #expect(await monitor.finish().status == 0)
    }

    /// A model that is gone judges nothing: its threshold is told no more.
    @Test func aModelThatIsGoneIsNotTold() async throws {
        let folder = try ScratchFolder("gone")
        let models = folder.url.appending(path: "models")
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: try await QuickModel.folder(), toPath: models.appending(path: "mug").path)
        let monitor = try Program([
            "run", "--bind", "ipc://" + folder.file("in"), "--publish", "none", "--replay", "none", "--state",
            folder.file("state"), "--model", models.path, "--http", "127.0.0.1:0",
        ])
        let server = try #require(await monitor.line(beginning: "http at ", onOutput: true))
        func told() async throws -> [String] {
            try await get(server + "/metrics").body.split(separator: "\n").map(String.init)
                .filter { $0.hasPrefix("scanward_model_") && $0.contains("mug") }
        }
        #expect(try await told().count == 2)
        try FileManager.default.removeItem(at: models.appending(path: "mug"))
        monitor.signal(SIGHUP)
        _ = try #require(await monitor.errorLine { $0.contains("from the next part on") })
        #expect(try await told() == [])
        monitor.terminate()
        #expect(await monitor.finish().status == 0)
    }

    @Test(.enabled(if: try hasPromtool(), "needs Debian's prometheus"))
    func theAlertRulesSayWhatTheyShould() async throws {
        for arguments in [
            ["check", "rules", "config/prometheus/alerts.yml"], ["test", "rules", "config/prometheus/alerts.test.yml"],
        ] {
            let output = try await Program(arguments, binary: Self.promtool).finish()
            #expect(output.status == 0, "\(output)")
        }
        let text = try String(contentsOf: file("config/prometheus/alerts.yml"), encoding: .utf8)
        try expectKnown(text)
    }

    /// Every expression of the sample dashboard is PromQL, over metrics that there are.
    @Test(.enabled(if: try hasPromtool(), "needs Debian's prometheus"))
    func theGrafanaDashboardAsksForWhatThereIs() async throws {
        struct Board: Decodable {
            struct Panel: Decodable {
                struct Target: Decodable { let expr: String }
                let title: String
                let targets: [Target]
            }
            let panels: [Panel]
        }
        let board = try JSONDecoder().decode(Board.self, from: Data(contentsOf: file("config/grafana/scanward.json")))
        let expressions = board.panels.flatMap { $0.targets.map(\.expr) }
        #expect(expressions.count >= 16)
        try expectKnown(expressions.joined(separator: "\n"))
        let rules = expressions.enumerated().map { index, text in
            "      - record: panel:\(index)\n        expr: '\(text.replacing("'", with: "''"))'"
        }
        let path = try ScratchFolder("grafana").file("rules.yml")
        try Data("groups:\n  - name: panels\n    rules:\n\(rules.joined(separator: "\n"))\n".utf8)
            .write(to: URL(filePath: path))
        let output = try await Program(["check", "rules", path], binary: Self.promtool).finish()
        #expect(output.status == 0, "\(output)")
    }

    private func expectKnown(_ text: String) throws {
        let known = Set(LineMetrics.families.map(\.name))
        for match in text.matches(of: #/\b(?:scanward|process)_[a-z_]+/#) {
            var name = String(match.0)
            for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
                name = String(name.dropLast(suffix.count))
            }
            #expect(known.contains(name), "\(match.0) is no metric")
        }
    }

    /// The default address is nobody's wish: a monitor whose neighbour has it goes on without.
    @Test func aDashboardThatNobodyAskedForIsDispensable() async throws {
        let folder = try ScratchFolder("default")
        let model = try await QuickModel.folder()
        func start(_ name: String, _ arguments: String...) throws -> Program {
            try Program(
                [
                    "run", "--bind", "ipc://" + folder.file("in" + name), "--publish", "none", "--replay", "none",
                    "--state", folder.file("state" + name), "--model", model,
                ] + arguments)
        }
        let first = try start("1")
        try await withThrowingTaskGroup(of: Bool.self) { answers in
            answers.addTask { await first.outputLine { $0.hasPrefix("http at ") } != nil }
            answers.addTask { await first.errorLine(where: Self.saysThatItGoesOn) == nil }
            // Whether it has the port, or another program of this machine.
            if try await answers.next() == true {
                let second = try start("2")
                #expect(await second.errorLine(where: Self.saysThatItGoesOn) != nil)
                _ = try #require(await second.outputLine { $0.hasPrefix("scored by ") })
                second.terminate()
                #expect(await second.finish().status == 0)
            }
            _ = try #require(await first.outputLine { $0.hasPrefix("scored by ") })
            first.terminate()
            #expect(await first.finish().status == 0)
        }
        // One that was asked for, and cannot be had, is an error.
        let holder = try start("3", "--http", "127.0.0.1:0")
        let port = Loopback.port(of: try #require(await holder.outputLine { $0.hasPrefix("http at ") }))
        let wished = try await start("4", "--http", "127.0.0.1:\(port)").finish()
        #expect(wished.status == 1 && wished.standardError.contains("--http: "), "\(wished)")
        holder.terminate()
        #expect(await holder.finish().status == 0)
    }

    private static let saysThatItGoesOn: @Sendable (String) -> Bool = {
        $0.hasPrefix("scanward: no dashboard: 127.0.0.1:8088 cannot be listened at")
    }

    @Test(arguments: [
        ["--http", "0.0.0.0:8088"], ["--http", "0.0.0.0:8088", "--allow-insecure"], ["--http", "8088"],
        ["--http", "127.0.0.1:99999"],
    ])
    func anAddressIsRefusedWithASentence(arguments: [String]) async throws {
        let output = try await Program.run(["run", "--model", "none", "--state", "/nonexistent"] + arguments)
        #expect(output.status == 64)
        #expect(output.standardError.contains(arguments.count == 3 ? "--tokens FILE" : "--http: "), "\(output)")
    }
}
