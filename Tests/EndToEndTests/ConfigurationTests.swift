import Foundation
import Inspection
import PointCloudFiles
import TestPrograms
import Testing

/// The configuration file, as people use it: checked, shown, run with and reloaded, on the built program.
@Suite struct ConfigurationTests {
    private func write(_ text: String, to folder: ScratchFolder, _ name: String = "scanward.yaml") throws -> String {
        try Data(text.utf8).write(to: URL(filePath: folder.file(name)), options: .atomic)
        return folder.file(name)
    }

    private func scanward(_ arguments: String..., environment: [String: String] = [:]) async throws -> Program.Output {
        try await Program(arguments, environment: environment).finish()
    }

    @Test func theExampleIsUsableWithModels() async throws {
        let folder = try ScratchFolder("config")
        try FileManager.default.createDirectory(atPath: folder.file("config"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: Program.repository.appending(path: "config/scanward.yaml"),
            to: URL(filePath: folder.file("config/scanward.yaml")))
        let missing = try await scanward("config", "check", folder.file("config/scanward.yaml"))
        #expect(missing.status == 78)
        let lines = try String(contentsOfFile: folder.file("config/scanward.yaml"), encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.firstIndex { $0.hasPrefix("models:") }) + 1
        #expect(
            missing.standardOutput.contains("scanward.yaml:\(line): models: expected a model or a folder of models"))
        try FileManager.default.copyItem(atPath: try await QuickModel.folder(), toPath: folder.file("models"))
        let check = try await scanward("config", "check", folder.file("config/scanward.yaml"))
        #expect(check.status == 0 && check.standardOutput.hasSuffix("scanward.yaml: ok\n"), "\(check)")
    }

    @Test func everyFaultOfFileAndFilesIsNamedAtOnce() async throws {
        let folder = try ScratchFolder("config")
        #expect(try await scanward("keys", "generate", folder.file("m.key")).status == 0)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.file("m.key"))
        try Data("no key\n".utf8).write(to: URL(filePath: folder.file("allowed")))
        let file = try write(
            """
            models: [nowhere]
            limits:
              part_deadline: 5
            access:
              curve_secret_file: m.key
              allow_list_file: allowed
            state:
              folder: m.key/state
            """, to: folder)
        let check = try await scanward("config", "check", file, environment: ["SCANWARD_LIMITS_THREADS": "0"])
        #expect(check.status == 78)
        let lines = check.standardOutput.split(separator: "\n").map { $0.replacing(folder.path, with: "") }
        let beginnings = [
            "/scanward.yaml:1: models: expected a model or a folder of models",
            "/scanward.yaml:3: limits.part_deadline: there is no such key; did you mean limits.part_deadline_s?",
            "/scanward.yaml:5: access.curve_secret_file: /m.key has mode 0644",
            "/scanward.yaml:6: access.allow_list_file: /allowed, line 1: expected a CURVE key",
            "/scanward.yaml:8: state.folder: expected a folder that can be written to",
            "SCANWARD_LIMITS_THREADS: expected a whole number from 1 to 4096, found \"0\"", "/scanward.yaml: 6 faults",
        ]
        #expect(lines.count == beginnings.count, "\(lines)")
        for (line, beginning) in zip(lines, beginnings) { #expect(line.hasPrefix(beginning), "\(line)") }

        struct Report: Decodable {
            struct Fault: Decodable {
                struct Origin: Decodable { var kind: String, line: Int? }
                var key: String?, origin: Origin, nearest: String?, severity: String
            }
            var is_usable: Bool
            var faults: [Fault]
        }
        let json = try await scanward("config", "check", "--json", file)
        let report = try JSONDecoder().decode(Report.self, from: Data(json.standardOutput.utf8))
        #expect(json.status == 78 && !report.is_usable && report.faults.count == 5)
        #expect(report.faults[1].nearest == "limits.part_deadline_s" && report.faults[1].origin.line == 3)
        // Nothing starts with it, and it says the same.
        let run = try await scanward("run", "--config", file)
        #expect(run.status == 78)
        #expect(run.standardError.contains("scanward.yaml:3: limits.part_deadline: there is no such key; did you mean"))
        let gone = try await scanward("run", "--config", folder.file("gone.yaml"))
        #expect(gone.status == 78 && gone.standardError.contains("cannot read it: No such file or directory"))
    }

    @Test func whatIsDoubtfulIsAWarning() async throws {
        let folder = try ScratchFolder("config")
        let model = try await QuickModel.folder()
        let file = try write(
            "models: \(model)\nsources: {part_type: cup}\npart_types: {mug: {threshold: 0.001}}\n", to: folder)
        let check = try await scanward("config", "check", file)
        #expect(check.status == 0, "\(check)")
        #expect(
            check.standardOutput.contains("warning: \(file):2: sources.part_type: there is no model for this part type")
        )
        #expect(check.standardOutput.contains("0.001 is not above the highest score of a good part"))
        let other = try write("models: \(model)\npart_types: {cup: {threshold: 2}}\n", to: folder, "other.yaml")
        let refused = try await scanward("config", "check", other)
        #expect(refused.status == 78 && refused.standardOutput.contains("part_types.cup.model"))
        let run = try await scanward("run", "--config", other, "--bind", "tcp://127.0.0.1:0", "--publish", "none")
        #expect(run.status == 1 && run.standardError.contains("part_types.cup: expected a model"))
    }

    @Test func showTellsWhereEachValueComesFrom() async throws {
        let folder = try ScratchFolder("config")
        let file = try write("line: l7\nmodels: [m]\nlimits:\n  open_parts: 3\n", to: folder)
        let environment = ["SCANWARD_STATION": "s9", "SCANWARD_LIMITS_OPEN_PARTS": "4"]
        let show = try await scanward("config", "show", file, "--max-frames", "12", environment: environment)
        #expect(show.status == 0)
        func row(_ key: String) -> [Substring] {
            show.standardOutput.split(separator: "\n").first { $0.hasPrefix(key + " ") }?.split(separator: " ") ?? []
        }
        #expect(row("line").map(String.init) == ["line", "l7", file + ":1"])
        #expect(row("station").map(String.init) == ["station", "s9", "environment", "SCANWARD_STATION"])
        #expect(row("limits.open_parts")[1] == "4" && row("limits.open_parts").last == "SCANWARD_LIMITS_OPEN_PARTS")
        #expect(row("limits.frames_per_part").last == "--max-frames" && row("limits.points_per_part").last == "default")
        #expect(row("models")[1] == "\(folder.path)/m")
        #expect(row("sinks.replay").isEmpty, "without a journal nobody is answered")

        struct Value: Decodable {
            struct Origin: Decodable { var kind: String, name: String?, line: Int? }
            var key: String, origin: Origin, change: String
        }
        let json = try await scanward("config", "show", "--json", "--config", file, environment: environment)
        let values = try JSONDecoder().decode([Value].self, from: Data(json.standardOutput.utf8))
        let open = try #require(values.first { $0.key == "limits.open_parts" })
        #expect(open.origin.kind == "environment" && open.change == "running")
        #expect(values.first { $0.key == "line" }?.origin.line == 1)
    }
}
