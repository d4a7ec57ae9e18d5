import Foundation
import TestPrograms
import Testing

/// A threshold asked for over HTTP: what is wrong with the request (400), and what is only wrong as things stand (409).
@Suite(.timeLimit(.minutes(30))) struct ThresholdRefusalTests {
    private let folder: ScratchFolder
    private let models: URL

    init() async throws {
        folder = try ScratchFolder("refused")
        models = folder.url.appending(path: "models")
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: try await QuickModel.folder(), toPath: models.appending(path: "mug").path)
    }

    private func started(_ arguments: [String] = []) async throws -> (monitor: Program, server: String, token: String) {
        let made = try await Program.run([
            "tokens", "create", "otto", "--role", "operator", "--file", folder.file("tokens"),
        ])
        let token = try #require(made.standardOutput.split(separator: "\n").first.map(String.init))
        let monitor = try Program(
            [
                "run", "--bind", "ipc://" + folder.file("in"), "--publish", "none", "--replay", "none", "--state",
                folder.file("state"), "--model", models.path, "--http", "127.0.0.1:0", "--tokens",
                folder.file("tokens"),
            ] + arguments)
        return (monitor, try #require(await monitor.line(beginning: "http at ", onOutput: true)), token)
    }

    private func curl(_ arguments: [String]) async throws -> (status: String, body: String) {
        let output = try await Program(
            ["-sS", "--max-time", "120", "-w", "\n%{http_code}"] + arguments, binary: URL(filePath: "/usr/bin/curl")
        ).finish().standardOutput
        let lines = output.split(separator: "\n")
        return (lines.last.map(String.init) ?? "", lines.dropLast().joined(separator: "\n"))
    }

    private func identifier(_ server: String) async throws -> String {
        struct Brief: Decodable { let id: String }
        let list = try await curl([server + "/api/models"]).body
        return try #require(try JSONDecoder().decode([Brief].self, from: Data(list.utf8)).first?.id)
    }

    private func set(_ body: String, at server: String, by token: String) async throws -> (status: String, body: String)
    {
        try await curl([
            "-H", "Authorization: Bearer " + token, "-H", "Content-Type: application/json", "-d", body,
            "\(server)/api/models/\(try await identifier(server))/threshold",
        ])
    }

    @Test func whatTheLineRefusesIsAConflict() async throws {
        let (monitor, server, token) = try await started()
        for body in [#"{"value": 0}"#, #"{"value": "9"}"#] {
            #expect(try await set(body, at: server, by: token).status == "400", "\(body)")
        }
        // Another type's folder is damaged: the line takes nothing up, and the threshold goes back.
        let before = try await identifier(server)
        let other = models.appending(path: "tap")
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: other.appending(path: "manifest.json"))
        let refused = try await set(#"{"value": 9.5, "reason": "tried"}"#, at: server, by: token)
        #expect(refused.status == "409" && refused.body.contains("the threshold stays as it was"), "\(refused)")
        #expect(try await identifier(server) == before)
        let explained = try await Program.run(["threshold", "explain", models.appending(path: "mug").path])
        #expect(!explained.standardOutput.contains("9.5"), "\(explained.standardOutput)")
        // The line is whole again, but the folder was changed behind its back.
        try FileManager.default.removeItem(at: other)
        let changed = try await Program.run(["threshold", "set", models.appending(path: "mug").path, "8"])
        #expect(changed.status == 0, "\(changed.standardError)")
        let outdated = try await set(#"{"value": 9.5}"#, at: server, by: token)
        #expect(outdated.status == "409" && outdated.body.contains("changed on the disk"), "\(outdated)")
        monitor.terminate()
        #expect(await monitor.finish().status == 0)
    }

    @Test func whatTheConfigurationSetsIsAConflict() async throws {
        try Data("part_types:\n  mug:\n    threshold: 7\n".utf8).write(to: URL(filePath: folder.file("line.yaml")))
        let (monitor, server, token) = try await started(["--config", folder.file("line.yaml")])
        let refused = try await set(#"{"value": 9.5}"#, at: server, by: token)
        #expect(refused.status == "409" && refused.body.contains("part_types.mug.threshold"), "\(refused)")
        monitor.terminate()
        #expect(await monitor.finish().status == 0)
    }
}
