import Foundation
import TestPrograms
import Testing

/// A catalogue of models: switched, switched back, and taken up by a running monitor.
@Suite(.serialized) struct ModelsTests {
    struct Listed: Decodable {
        var part_type: String
        var version: String
        var current: Bool
        var sound: Bool
        var model_id: String?
    }

    private func list(_ models: String) async throws -> [Listed] {
        let output = try await Program.run(["models", "list", "--models", models, "--json"])
        return try output.standardOutput.split(separator: "\n").map {
            try JSONDecoder().decode(Listed.self, from: Data($0.utf8))
        }
    }

    @Test func aModelIsSwitchedAndSwitchedBack() async throws {
        let folder = try ScratchFolder("models")
        let models = folder.file("models")
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: try await QuickModel.folder(), toPath: models + "/mug")
        let plain = try await list(models)
        #expect(plain.map(\.version) == ["mug"] && plain.allSatisfy(\.current))
        let monitor = try Program([
            "run", "--bind", "ipc://" + folder.file("in"), "--publish", "none", "--model", models, "--json",
        ])
        _ = try #require(await monitor.line(beginning: "scored by "))

        let new = try await QuickModel.teach(seed: 2)
        let promoted = try await Program.run(["models", "promote", "--models", models, new, "--reason", "better scans"])
        #expect(promoted.status == 0, "\(promoted.standardError)")
        var listed = try await list(models)
        #expect(listed.count == 2 && listed.allSatisfy(\.sound))
        let second = try #require(listed.first { $0.current })
        #expect(listed.first { !$0.current }?.model_id == plain[0].model_id, "what was there is the version before")
        #expect(!FileManager.default.fileExists(atPath: models + "/mug/manifest.json"))

        // The monitor takes it up, and so do commands that are given the part type's folder.
        monitor.signal(SIGHUP)
        let id = try #require(second.model_id)
        _ = try #require(await monitor.errorLine { $0.contains("from the next part on") && $0.contains(id.prefix(12)) })
        let score = try await Program.run([
            "score", "--model", models + "/mug", "--json", Program.fixture("parts/mug/test/mug_01.pcd"),
        ])
        #expect(score.standardOutput.contains(id))

        let back = try await Program.run(["models", "rollback", "--models", models, "mug", "--json"])
        #expect(back.status == 0 && back.standardOutput.contains(#""action":"rolled_back""#), "\(back)")
        listed = try await list(models)
        #expect(listed.first { $0.current }?.model_id == plain[0].model_id)
        let further = try await Program.run(["models", "rollback", "--models", models, "mug"])
        #expect(further.status == 1)
        #expect(further.standardError.contains("no version was current before"))
        let again = try await Program.run([
            "models", "promote", "--models", models, "--type", "mug", String(id.prefix(8)),
        ])
        #expect(again.status == 0, "\(again.standardError)")

        let shown = try await Program.run(["models", "show", "--models", models, "mug"])
        #expect(shown.standardOutput.contains("mug_train0.pcd"))
        #expect(shown.standardOutput.contains("better scans"))
        #expect(shown.standardOutput.contains("rolled back to"))
        let json = try await Program.run(["models", "show", "--models", models, "mug", "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(json.standardOutput.utf8)) as? [String: Any]
        #expect((object?["history"] as? [Any])?.count == 4)
        #expect((object?["manifest"] as? [String: Any])?["part_type"] as? String == "mug")
        let threshold = try await Program.run(["threshold", "set", models + "/mug", "99"])
        #expect(threshold.status == 0, "\(threshold.standardError)")
        #expect(try await list(models).allSatisfy(\.sound))
        monitor.terminate()
        #expect(await monitor.finish().status == 0)
    }

    @Test func aDamagedModelIsNotTaken() async throws {
        let folder = try ScratchFolder("models")
        let models = folder.file("models"), bad = folder.url.appending(path: "bad")
        try FileManager.default.copyItem(at: URL(filePath: try await QuickModel.folder()), to: bad)
        let first = try await Program.run(["models", "promote", "--models", models, try await QuickModel.folder()])
        #expect(first.status == 0, "\(first.standardError)")
        let settings = bad.appending(path: "settings.json")
        try (try Data(contentsOf: settings) + Data(" ".utf8)).write(to: settings)
        let refused = try await Program.run(["models", "promote", "--models", models, bad.path])
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("settings.json is damaged"))
        #expect(try await list(models).filter(\.current).count == 1)
    }
}
